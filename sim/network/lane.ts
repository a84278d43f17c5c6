import type { Random } from "../../core/random.ts";
import type { Micros } from "../../core/time.ts";
import type { Agenda, Due } from "../clock.ts";
import type { Duration } from "../duration.ts";
import { Throttle } from "./throttle.ts";
import type { Tripwire } from "./tripwire.ts";
import type { WireScanner } from "./wire.ts";

/** Something on its way that a blocked lane holds back. */
export interface Held {
  /** The lane is open again. */
  release(lane: Lane): void;
}

/** One direction of the link between two processes. All connections of the pair share it. */
export class Lane {
  /** Bytes sent while above 0 vanish, and with them the rest of their connection's stream. */
  cuts = 0;

  /** The processes it leads from and to. */
  readonly from: string;
  readonly to: string;
  readonly throttle = new Throttle();
  readonly tripwires: Tripwire[] = [];
  /** Makes what tells apart the commands or frames of a connection; null: nobody needs that here. */
  scan: (() => WireScanner) | null = null;

  private readonly random: Random;
  /** The latency of the link, then those that faults have set, newest last. */
  private readonly latencies: Duration[];
  private latency: Duration;
  private blocks = 0;
  private held: Held[] = [];

  constructor(from: string, to: string, latency: Duration, random: Random) {
    this.from = from;
    this.to = to;
    this.latencies = [latency];
    this.latency = latency;
    this.random = random;
  }

  /** Nothing passes: a partition, or the far machine is without power. */
  get blocked(): boolean {
    return this.blocks > 0;
  }

  /** One-way latency of the next segment. */
  draw(): Micros {
    return this.latency.draw(this.random);
  }

  setLatency(latency: Duration): void {
    this.latencies.push(latency);
    this.latency = latency;
  }

  unsetLatency(latency: Duration): void {
    this.latencies.splice(this.latencies.lastIndexOf(latency), 1);
    this.latency = this.latencies.at(-1)!;
  }

  hold(what: Held): void {
    this.held.push(what);
  }

  block(): void {
    this.blocks += 1;
  }

  /** Opens the lane when no other block remains: what was held travels now. */
  unblock(): void {
    this.blocks -= 1;
    if (this.blocks === 0) this.releaseHeld();
  }

  /** Everything held tries again; what is still not allowed to pass is held anew. */
  releaseHeld(): void {
    const { held } = this;
    this.held = [];
    for (const one of held) one.release(this);
  }
}

/** What was sent and can be taken back while it travels. */
export interface Cancellable {
  cancel(): void;
}

/** Travels a lane once, outside any byte stream: a SYN, a window update, half of an HTTP exchange. */
export class Packet implements Due, Held, Cancellable {
  readonly lane: Lane;
  /** Nobody waits for it any more. */
  cancelled = false;
  private readonly agenda: Agenda;
  private readonly arrive: () => void;
  private readonly bytes: number;

  constructor(agenda: Agenda, lane: Lane, arrive: () => void, bytes: number) {
    this.agenda = agenda;
    this.lane = lane;
    this.arrive = arrive;
    this.bytes = bytes;
  }

  due(): void {
    if (this.cancelled) return;
    if (this.lane.blocked || this.lane.cuts > 0) this.lane.hold(this);
    else this.arrive();
  }

  release(): void {
    if (!this.cancelled) this.travel();
  }

  cancel(): void {
    this.cancelled = true;
  }

  travel(): void {
    const { agenda, lane } = this;
    agenda.add(lane.throttle.send(this.bytes, agenda.now) + lane.draw(), this);
  }
}

/**
 * Sends what is not part of a byte stream; `arrive` is called at the other side, unless it is cancelled. Without `bytes`
 * it is too small to count.
 */
export function send(agenda: Agenda, lane: Lane, arrive: () => void, bytes = 0): Cancellable {
  const packet = new Packet(agenda, lane, arrive, bytes);
  packet.travel();
  return packet;
}
