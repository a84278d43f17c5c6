import { assert } from "../../core/assert.ts";
import { SECOND, type Micros } from "../../core/time.ts";
import type { Agenda, Due } from "../clock.ts";
import { send, type Cancellable, type Held, type Lane } from "./lane.ts";
import type { Tripwire, Unit } from "./tripwire.ts";
import type { WireScanner } from "./wire.ts";

/** Linux gives a connection up when fifteen retransmissions in a row were not answered (`tcp_retries2`). */
const RETRANSMISSION_LIMIT: Micros = 924 * SECOND;

/** Marks among the bytes of a pipe, recognised by identity. */
export const OPENED = new Uint8Array(0);
export const FIN = new Uint8Array(0);
export const RST = new Uint8Array(0);

/** Stands where a segment was that has arrived. */
const NOTHING = new Uint8Array(0);
const COMPACT_AT = 512;
/** Where bandwidth counts, bytes arrive one by one, so to say: in segments as they are common. */
const SEGMENT_BYTES = 1_460;

/** The kernel's end of a pipe: where the bytes come from, or where they go. */
export interface PipeEnd {
  /** `name:port`. */
  readonly localAddress: string;
  /** Bytes or a mark arrived. */
  arrived(bytes: Uint8Array): void;
  /** Everything that arrives at this instant has arrived. */
  wake(): void;
  /** The send buffer has room for everything that was waiting. */
  sendable(): void;
  /** No answer to retransmissions. */
  gaveUp(): void;
}

export interface PipeLimits {
  /** Bytes sent and not yet read by the receiving program: send buffer, wire and receive buffer together. */
  readonly bufferBytes: number;
  /** Largest piece that arrives at once, or 0. */
  readonly fragmentBytes: number;
  /** Every write arrives in a step of its own, even within one instant. */
  readonly oneByOne: boolean;
}

/**
 * One direction of a TCP connection: bytes arrive in order and whole, or not at all.
 *
 * Bytes sent at one instant travel together; later ones never overtake. Only the segment that arrives next is in the
 * agenda. What a blocked lane or a stall holds back is retransmitted when it opens: it travels again then.
 */
export class Pipe implements Due, Held {
  /** The other direction of the connection. */
  answer: Pipe | null = null;
  /** Bytes taken from the program that the kernel has no room for. */
  pendingBytes = 0;

  readonly lane: Lane;
  readonly from: PipeEnd;
  readonly to: PipeEnd;
  private readonly agenda: Agenda;
  private readonly reverse: Lane;
  private readonly limits: PipeLimits;

  /** Segments on their way, from `head` to before `tail`. The arrays are not shortened: that would cost a new one. */
  private segments: Uint8Array[] = [];
  private arrivals: Micros[] = [];
  private departures: Micros[] = [];
  private head = 0;
  private tail = 0;
  /** Agenda slot of the next arrival, or -1. */
  private slot = -1;
  private unreadBytes = 0;
  private pending: Uint8Array[] = [];
  private windowUpdate: Cancellable | null = null;
  private stalls = 0;
  private waitsForLane = false;
  private waitsForReverse = false;
  /** A cut swallowed bytes: nothing behind them can ever be read. */
  private broken = false;
  /** A reset is on its way that neither end has sent: both ends must get theirs. */
  private isBrokenOff = false;
  private readonly scanner: WireScanner | null;
  private deathSlot = -1;
  private readonly death: Due = { due: (): void => this.die() };

  constructor(agenda: Agenda, lane: Lane, reverse: Lane, from: PipeEnd, to: PipeEnd, limits: PipeLimits) {
    this.agenda = agenda;
    this.lane = lane;
    this.reverse = reverse;
    this.from = from;
    this.to = to;
    this.limits = limits;
    this.scanner = lane.scan?.() ?? null;
  }

  /** What arrives next, bytes or a mark. There must be something on its way. */
  get first(): Uint8Array {
    return this.segments[this.head]!;
  }

  /** Takes bytes from the program. False: some wait for room. */
  write(bytes: Uint8Array): boolean {
    if (this.pendingBytes > 0) {
      this.pending.push(bytes);
      this.pendingBytes += bytes.length;
      return false;
    }
    const room = this.limits.bufferBytes - this.unreadBytes;
    if (bytes.length <= room) {
      this.transmit(bytes);
      return true;
    }
    if (room > 0) this.transmit(bytes.subarray(0, room));
    const rest = room > 0 ? bytes.subarray(room) : bytes;
    this.pending.push(rest);
    this.pendingBytes += rest.length;
    return false;
  }

  /** Sends a mark behind everything that the kernel has. */
  mark(mark: Uint8Array): void {
    this.push(mark);
  }

  /** The receiving program has read so many bytes. */
  consumed(bytes: number): void {
    this.unreadBytes -= bytes;
    assert(this.unreadBytes >= 0, "more bytes were read than sent");
    if (this.pendingBytes === 0 || this.windowUpdate !== null) return;
    this.windowUpdate = send(this.agenda, this.reverse, () => {
      this.windowUpdate = null;
      this.sendPending();
    });
  }

  /** The program is gone: what the kernel had not taken is lost. */
  dropPending(): void {
    this.pending = [];
    this.pendingBytes = 0;
    this.windowUpdate?.cancel();
    this.windowUpdate = null;
  }

  /** The connection is gone: everything on its way is lost, except what somebody in between has sent behind it. */
  drop(): void {
    this.dropPending();
    if (this.isBrokenOff) return;
    this.broken = true;
    this.clearSegments();
    if (this.slot >= 0) this.agenda.cancel(this.slot);
    this.slot = -1;
    this.disarm();
  }

  /** A cut begins: what leaves from this very instant on vanishes. */
  cut(): void {
    const { now } = this.agenda;
    while (this.tail > this.head && this.departures[this.tail - 1] === now) {
      this.broken = true;
      this.tail -= 1;
    }
    if (this.tail === this.head && this.slot >= 0) {
      this.agenda.cancel(this.slot);
      this.slot = -1;
    }
  }

  /** A reset follows what has left, and nothing else does. */
  breakOff(): void {
    this.push(RST);
    this.dropPending();
    this.broken = true;
    this.isBrokenOff = true;
  }

  /** There is more bandwidth: what waits for it arrives earlier. */
  hasten(): void {
    if (this.slot < 0) return;
    const { lane, agenda } = this;
    const latency = lane.draw();
    for (let index = this.head; index < this.tail; index += 1) {
      const arrival = lane.throttle.send(this.segments[index]!.length, agenda.now) + latency;
      if (this.arrivals[index]! > arrival) this.arrivals[index] = arrival;
    }
    this.agenda.cancel(this.slot);
    this.slot = this.agenda.add(this.arrivals[this.head]!, this);
  }

  /** Holds the bytes of this connection. */
  stall(): void {
    this.stalls += 1;
  }

  unstall(): void {
    this.stalls -= 1;
    if (this.stalls === 0) this.resend();
  }

  release(lane: Lane): void {
    if (lane === this.lane) this.waitsForLane = false;
    else this.waitsForReverse = false;
    this.resend();
  }

  due(): void {
    this.slot = -1;
    if (this.lane.blocked || this.stalls > 0) {
      this.holdBack();
      return;
    }
    const { now } = this.agenda;
    const { to } = this;
    while (this.head < this.tail && this.arrivals[this.head]! <= now) {
      const bytes = this.segments[this.head]!;
      this.segments[this.head] = NOTHING;
      this.head += 1;
      to.arrived(bytes);
      if (this.limits.oneByOne) break;
    }
    if (this.head === this.tail) {
      this.head = 0;
      this.tail = 0;
    } else {
      if (this.head > COMPACT_AT) this.compact();
      this.slot = this.agenda.add(this.arrivals[this.head]!, this);
    }
    to.wake();
  }

  private transmit(bytes: Uint8Array): void {
    const { lane } = this;
    if (this.scanner === null && lane.tripwires.length === 0) this.depart(bytes);
    else this.cross(bytes);
  }

  /** Past the tripwires, or up to one. */
  private cross(bytes: Uint8Array): void {
    const units: Unit[] = [];
    this.scanner?.scan(bytes, (name, start, end) => units.push({ name, start, end }));
    let cutAt = -1;
    let tripped: Tripwire | null = null;
    for (const tripwire of this.lane.tripwires) {
      const at = tripwire.cutAt(bytes, units);
      if (at < 0 || (cutAt >= 0 && at >= cutAt)) continue;
      cutAt = at;
      tripped = tripwire;
    }
    if (cutAt !== 0) this.depart(cutAt < 0 ? bytes : bytes.subarray(0, cutAt));
    if (tripped === null) return;
    tripped.cuts();
    this.breakOff();
    this.answer?.breakOff();
  }

  private depart(bytes: Uint8Array): void {
    this.unreadBytes += bytes.length;
    const piece =
      this.limits.fragmentBytes > 0 || this.lane.throttle.rate === 0 ? this.limits.fragmentBytes : SEGMENT_BYTES;
    if (piece === 0 || bytes.length <= piece) {
      this.push(bytes);
    } else {
      for (let at = 0; at < bytes.length; at += piece)
        this.push(bytes.subarray(at, Math.min(at + piece, bytes.length)));
    }
  }

  private push(bytes: Uint8Array): void {
    if (this.broken) return;
    if (this.lane.cuts > 0) {
      this.broken = true;
      return;
    }
    const { now } = this.agenda;
    const last = this.tail - 1;
    const { throttle } = this.lane;
    const gone = throttle.rate === 0 ? now : throttle.send(bytes.length, now);
    let arrival: Micros;
    if (last >= this.head && this.departures[last] === now && this.limits.fragmentBytes === 0 && gone === now) {
      arrival = this.arrivals[last]!;
    } else {
      arrival = gone + this.lane.draw();
      if (last >= this.head && this.arrivals[last]! > arrival) arrival = this.arrivals[last]!;
    }
    // Whoever waits for bytes has read them when the reset behind them comes.
    if (bytes === RST && last >= this.head && this.arrivals[last] === arrival && !this.limits.oneByOne) arrival += 1;
    this.segments[this.tail] = bytes;
    this.arrivals[this.tail] = arrival;
    this.departures[this.tail] = now;
    this.tail += 1;
    if (this.head === last + 1) this.slot = this.agenda.add(arrival, this);
    if (this.reverse.blocked) this.waitForAnswer();
  }

  private sendPending(): void {
    while (this.pendingBytes > 0) {
      const room = this.limits.bufferBytes - this.unreadBytes;
      if (room <= 0) return;
      const bytes = this.pending[0]!;
      if (bytes.length <= room) {
        this.pending.shift();
        this.pendingBytes -= bytes.length;
        this.transmit(bytes);
      } else {
        this.pending[0] = bytes.subarray(room);
        this.pendingBytes -= room;
        this.transmit(bytes.subarray(0, room));
      }
    }
    this.from.sendable();
  }

  private holdBack(): void {
    if (this.lane.blocked && !this.waitsForLane) {
      this.waitsForLane = true;
      this.lane.hold(this);
    }
    this.arm();
  }

  /** Bytes arrive, but their acknowledgements do not. */
  private waitForAnswer(): void {
    if (!this.waitsForReverse) {
      this.waitsForReverse = true;
      this.reverse.hold(this);
    }
    this.arm();
  }

  private arm(): void {
    if (this.deathSlot < 0) this.deathSlot = this.agenda.add(this.agenda.now + RETRANSMISSION_LIMIT, this.death);
  }

  private resend(): void {
    this.disarm();
    if (this.slot >= 0 || this.head === this.tail) return;
    const earliest = this.agenda.now + this.lane.draw();
    for (let index = this.head; index < this.tail && this.arrivals[index]! < earliest; index += 1)
      this.arrivals[index] = earliest;
    this.slot = this.agenda.add(this.arrivals[this.head]!, this);
  }

  private disarm(): void {
    if (this.deathSlot >= 0) this.agenda.cancel(this.deathSlot);
    this.deathSlot = -1;
  }

  private die(): void {
    this.deathSlot = -1;
    this.drop();
    this.from.gaveUp();
  }

  private clearSegments(): void {
    this.segments = [];
    this.head = 0;
    this.tail = 0;
  }

  private compact(): void {
    this.segments = this.segments.slice(this.head, this.tail);
    this.arrivals = this.arrivals.slice(this.head, this.tail);
    this.departures = this.departures.slice(this.head, this.tail);
    this.tail -= this.head;
    this.head = 0;
  }
}
