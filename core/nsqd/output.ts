import { assert } from "../assert.ts";
import type { ByteStream, Host, Timer } from "../host.ts";
import { ATTEMPTS_AT } from "../protocol/frame.ts";
import type { Micros } from "../time.ts";

const FIRST_CHUNK = 512;
const LARGEST_CHUNK = 64 * 1024;
/** So many bytes of messages go to the host at once, without waiting for the end of the step. */
const BATCH = LARGEST_CHUNK;
/** Moving less than this to the next chunk is cheaper than a write of its own. */
const LONG_BEGINNING = 16 * 1024;

/** Where an {@link Output} leaves: a stream, or what compresses for it. */
export type OutputSink = Pick<ByteStream, "write">;

/** What an {@link Output} asks of its session. */
export interface OutputOwner {
  /** Ask for {@link Output.endOfStep} at the end of this step. */
  flushLater(output: Output): void;
  /** Whether its client could take another message (protocol §9, rule 2). */
  canTakeMessages(): boolean;
  /** The host's send buffer is full, or was and is empty again. */
  blockedChanged(blocked: boolean): void;
}

/**
 * The outgoing side of a connection (protocol §9): frames are gathered in a chunk, written once per step. Bytes that
 * were given to the host are never written again: a full chunk is left to it, and the next one begun.
 */
export class Output {
  private readonly host: Host;
  private sink: OutputSink;
  private readonly owner: OutputOwner;
  private chunk: Uint8Array;
  private start = 0;
  private end = 0;
  private mustFlush = false;
  private isScheduled = false;
  private timer: Timer | null = null;
  private readonly fire = (): void => this.tick();
  /** Bytes of messages to buffer; 1: none. */
  private size: number;
  /** Flush ticks come at `phase` + k × `period`; 0: none. */
  private period: Micros;
  private phase: Micros;
  private ticksSeen = 0;
  /** The host asked to stop; everything stays here until the stream is drained. */
  blocked = false;

  constructor(host: Host, sink: OutputSink, owner: OutputOwner, size: number, period: Micros) {
    this.host = host;
    this.sink = sink;
    this.owner = owner;
    this.chunk = new Uint8Array(FIRST_CHUNK);
    this.size = size;
    this.period = period;
    this.phase = host.now();
  }

  /** Bytes not yet given to the host. */
  get pending(): number {
    return this.end - this.start;
  }

  setSize(size: number): void {
    this.size = size;
  }

  /** New flush ticks, counting from now. */
  setPeriod(period: Micros, now: Micros): void {
    this.timer?.cancel();
    this.timer = null;
    this.period = period;
    this.phase = now;
    this.ticksSeen = 0;
  }

  /** A response or error frame: leaves at the end of the step, with everything before it. */
  response(frame: Uint8Array): void {
    const at = this.claim(frame.length);
    const { chunk } = this;
    for (let index = 0; index < frame.length; index += 1) chunk[at + index] = frame[index]!;
    this.mustFlush = true;
    this.schedule();
  }

  /** A message frame, copied from a page with its number of attempts put in. */
  message(page: Uint8Array, offset: number, length: number, attempts: number): void {
    const at = this.claim(length);
    const { chunk } = this;
    chunk.set(page.subarray(offset, offset + length), at);
    chunk[at + ATTEMPTS_AT] = attempts >>> 8;
    chunk[at + ATTEMPTS_AT + 1] = attempts;
    if (this.end - this.start >= BATCH) this.flush();
    else this.schedule();
  }

  /** Whether its client can take messages may have changed: look again at the end of the step. */
  nudge(): void {
    if (this.start !== this.end) this.schedule();
  }

  /**
   * Decides what happens to buffered frames; the end of a step. A full buffer leaves as a whole, where nsqd would keep
   * back what does not fit: never later, and never half a frame.
   */
  endOfStep(): void {
    this.isScheduled = false;
    const { pending } = this;
    if (pending === 0 || this.blocked) return;
    if (this.mustFlush || pending >= this.size || !this.owner.canTakeMessages()) return this.flush();
    if (this.period === 0) return undefined;
    const now = this.host.now();
    const ticks = Math.floor((now - this.phase) / this.period);
    if (ticks > this.ticksSeen) {
      // A tick that nobody waited for is still pending: it flushes at once.
      this.ticksSeen = ticks;
      return this.flush();
    }
    this.timer ??= this.host.timer(this.phase + (ticks + 1) * this.period, this.fire);
    return undefined;
  }

  /** The last bytes, before the stream ends: given to the host even if it is full, or an error would never arrive. */
  finish(): void {
    this.flushAll();
    this.stop();
  }

  /** Gives everything to the host, even if it is full. */
  flushAll(): void {
    if (this.start !== this.end) this.sink.write(this.takePending());
  }

  /** What comes from now on leaves through another one. */
  setSink(sink: OutputSink): void {
    assert(this.start === this.end, "what was meant for the old sink has left");
    this.sink = sink;
  }

  /** The host can take more. */
  drained(): void {
    if (!this.blocked) return;
    this.blocked = false;
    this.flush();
    if (!this.blocked) this.owner.blockedChanged(false);
  }

  /** Nothing leaves any more; what is still here is dropped. */
  stop(): void {
    this.timer?.cancel();
    this.timer = null;
    this.start = this.end;
  }

  /** Gives everything to the host, unless it is full. */
  private flush(): void {
    if (this.blocked || this.start === this.end) return;
    if (!this.sink.write(this.takePending())) {
      this.blocked = true;
      this.owner.blockedChanged(true);
    }
  }

  private takePending(): Uint8Array {
    const { start, end } = this;
    this.start = end;
    this.mustFlush = false;
    return this.chunk.subarray(start, end);
  }

  private tick(): void {
    this.timer = null;
    if (this.start === this.end || this.blocked) return;
    this.ticksSeen = Math.floor((this.host.now() - this.phase) / this.period);
    this.flush();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.owner.flushLater(this);
  }

  /** Room for `length` bytes. Returns where they go. */
  private claim(length: number): number {
    if (this.end + length > this.chunk.length) this.nextChunk(length);
    const at = this.end;
    this.end = at + length;
    assert(this.end <= this.chunk.length, "a claim lies within its chunk");
    return at;
  }

  private nextChunk(length: number): void {
    // A short beginning moves along, so that a step stays one write; a long one goes to the host first.
    if (this.pending >= LONG_BEGINNING) this.flush();
    const { pending } = this;
    let size = Math.min(this.chunk.length * 2, LARGEST_CHUNK);
    while (size < pending + length) size *= 2;
    const next = new Uint8Array(size);
    next.set(this.chunk.subarray(this.start, this.end));
    this.chunk = next;
    this.start = 0;
    this.end = pending;
  }
}
