import { assert } from "../assert.ts";

/** Longest command line, its `\n` included: nsqd's read buffer (protocol §3). */
export const MAX_LINE = 16_384;

/** Bodies up to this length are copied byte by byte: cheaper than making a view for `set`. */
const SHORT_COPY = 48;

/**
 * What a {@link ByteReader} found. Each call must ask for the next thing (`expect…`) or stop the reader; without a
 * request the reader goes on as before.
 */
export interface ByteSink {
  /** A line, without its `\n` and without one `\r` before that. The bytes are valid only during the call. */
  line(bytes: Uint8Array, start: number, end: number): void;
  /** Signed. */
  int32(value: number): void;
  /** The bytes asked for are in their place. */
  filled(): void;
  /** No `\n` within {@link MAX_LINE} bytes. */
  lineTooLong(): void;
}

type Mode = 0 | 1 | 2 | 3;
const LINE: Mode = 0;
const INT32: Mode = 1;
const FILL: Mode = 2;
const STOPPED: Mode = 3;

const LF = 0x0a;
const CR = 0x0d;

/**
 * Cuts a byte stream into lines, integers and bodies, wherever the chunks are cut. Bodies go straight to their place;
 * only a line or an integer that spans chunks is kept aside.
 */
export class ByteReader {
  private readonly sink: ByteSink;
  private mode: Mode = LINE;
  /** The part of a line that earlier chunks brought. */
  private kept: Uint8Array = new Uint8Array(0);
  private keptLength = 0;
  private value = 0;
  private missing = 0;
  private target: Uint8Array = this.kept;
  private targetAt = 0;
  private isHeld = false;
  /** What came while it was held. */
  private waiting: Uint8Array[] = [];

  constructor(sink: ByteSink) {
    this.sink = sink;
  }

  get stopped(): boolean {
    return this.mode === STOPPED;
  }

  /** Bytes of an unfinished line that arrived. */
  get partialLine(): number {
    return this.mode === LINE ? this.keptLength : 0;
  }

  expectLine(): void {
    this.mode = LINE;
  }

  expectInt32(): void {
    this.mode = INT32;
    this.value = 0;
    this.missing = 4;
  }

  /** The next `count` (at least 1) bytes go to `target`, from `at` on. */
  expectBytes(target: Uint8Array, at: number, count: number): void {
    assert(count > 0 && at + count <= target.length, "there is room for the bytes");
    this.mode = FILL;
    this.target = target;
    this.targetAt = at;
    this.missing = count;
  }

  /** What follows waits until {@link release}. */
  hold(): void {
    this.isHeld = true;
  }

  /** Reads what has waited, and goes on. */
  release(): void {
    this.isHeld = false;
    const { waiting } = this;
    if (waiting.length === 0) return;
    this.waiting = [];
    let length = 0;
    for (const part of waiting) length += part.length;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of waiting) {
      bytes.set(part, at);
      at += part.length;
    }
    this.feed(bytes);
  }

  /** Everything that follows is ignored. */
  stop(): void {
    this.mode = STOPPED;
    this.waiting = [];
    this.kept = new Uint8Array(0);
    this.keptLength = 0;
    this.target = this.kept;
  }

  /** Reads a chunk; calls the sink for all that is complete. */
  feed(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && this.mode !== STOPPED) {
      if (this.isHeld) {
        this.waiting.push(bytes.slice(at));
        return;
      }
      if (this.mode === LINE) at = this.feedLine(bytes, at);
      else if (this.mode === INT32) at = this.feedInt32(bytes, at);
      else at = this.feedBody(bytes, at);
    }
  }

  private feedLine(bytes: Uint8Array, start: number): number {
    const limit = Math.min(bytes.length, start + MAX_LINE - this.keptLength);
    let at = start;
    while (at < limit && bytes[at] !== LF) at += 1;
    if (at === limit) {
      if (limit - start + this.keptLength >= MAX_LINE) this.sink.lineTooLong();
      else this.keep(bytes, start, limit);
      return limit;
    }
    if (this.keptLength === 0) {
      this.sink.line(bytes, start, at > start && bytes[at - 1] === CR ? at - 1 : at);
    } else {
      this.keep(bytes, start, at);
      const length = this.keptLength;
      this.keptLength = 0;
      this.sink.line(this.kept, 0, this.kept[length - 1] === CR ? length - 1 : length);
    }
    return at + 1;
  }

  private keep(bytes: Uint8Array, start: number, end: number): void {
    const length = this.keptLength + end - start;
    if (length > this.kept.length) {
      const larger = new Uint8Array(Math.min(MAX_LINE, Math.max(64, 2 * length)));
      larger.set(this.kept.subarray(0, this.keptLength));
      this.kept = larger;
    }
    this.kept.set(bytes.subarray(start, end), this.keptLength);
    this.keptLength = length;
  }

  private feedInt32(bytes: Uint8Array, start: number): number {
    let at = start;
    while (this.missing > 0 && at < bytes.length) {
      this.value = (this.value << 8) | bytes[at]!;
      this.missing -= 1;
      at += 1;
    }
    if (this.missing === 0) this.sink.int32(this.value);
    return at;
  }

  private feedBody(bytes: Uint8Array, start: number): number {
    const count = Math.min(this.missing, bytes.length - start);
    const { target, targetAt } = this;
    if (count <= SHORT_COPY) {
      for (let index = 0; index < count; index += 1) target[targetAt + index] = bytes[start + index]!;
    } else {
      target.set(bytes.subarray(start, start + count), targetAt);
    }
    this.targetAt += count;
    this.missing -= count;
    if (this.missing === 0) this.sink.filled();
    return start + count;
  }
}
