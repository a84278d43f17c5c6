import { assert } from "../assert.ts";
import { FRAME_HEADER, readUint32 } from "../protocol/frame.ts";

/** What an HTTP server answers, read as the size of a frame: the four letters `HTTP`. */
const HTTP_AS_SIZE = 0x48545450;

const FIRST_PARTIAL_BYTES = 4_096;

const NO_BYTES = new Uint8Array(0);

/**
 * Takes one frame: its data is `bytes[start, end)`, valid during the call.
 * `kept`: nobody will overwrite these bytes, so that parts of them may be kept without a copy.
 *
 * @returns null to go on, or why the frame is not acceptable; then no more frames come.
 */
export type FrameSink = (type: number, bytes: Uint8Array, start: number, end: number, kept: boolean) => string | null;

/**
 * Cuts the byte stream of an nsqd into frames (protocol §2), however it arrives. A frame that lies in one chunk is not
 * copied; one that spans chunks is put together in memory that grows with the bytes that came, not with the size
 * that was announced.
 */
export class FrameReader {
  private readonly maxBytes: number;
  private readonly sink: FrameSink;
  /** The beginning of a frame whose end has not come; `null` between frames. */
  private partial: Uint8Array | null = null;
  private have = 0;
  private stopped = false;
  private held = false;
  /** What came in the chunk behind the frame that made it hold. */
  private rest: Uint8Array = NO_BYTES;

  /** @param maxBytes largest size of a frame (type and data), 0: no limit. */
  constructor(maxBytes: number, sink: FrameSink) {
    this.maxBytes = maxBytes;
    this.sink = sink;
  }

  /** No more frames come, even from bytes already taken. */
  stop(): void {
    this.stopped = true;
    this.partial = null;
  }

  /** To be called for a frame behind which bytes mean something else: they are kept for {@link release}. */
  hold(): void {
    this.held = true;
    this.stopped = true;
  }

  /** Frames come again. Returns what came behind the last one. */
  release(): Uint8Array {
    const { rest } = this;
    this.held = false;
    this.stopped = false;
    this.rest = NO_BYTES;
    return rest;
  }

  /** @returns null, or what is wrong with the stream. Nothing may be pushed after that. */
  push(bytes: Uint8Array): string | null {
    let at = 0;
    if (this.partial !== null) {
      at = this.complete(bytes);
      const done = this.partial;
      if (this.have >= 4) {
        const fault = this.sizeFault(int32At(done, 0));
        if (fault !== null) return fault;
        if (this.have === 4 + int32At(done, 0)) {
          this.partial = null;
          const refused = this.sink(int32At(done, 4), done, FRAME_HEADER, this.have, true);
          if (refused !== null) return refused;
        }
      }
    }
    while (!this.stopped && at + 4 <= bytes.length) {
      const size = int32At(bytes, at);
      const fault = this.sizeFault(size);
      if (fault !== null) return fault;
      const end = at + 4 + size;
      if (end > bytes.length) break;
      const refused = this.sink(int32At(bytes, at + 4), bytes, at + FRAME_HEADER, end, false);
      if (refused !== null) return refused;
      at = end;
    }
    if (at === bytes.length) return null;
    if (!this.stopped) this.keep(bytes, at);
    else if (this.held) this.rest = bytes.slice(at);
    return null;
  }

  private sizeFault(size: number): string | null {
    if (size === HTTP_AS_SIZE) return "the port speaks HTTP, not the NSQ protocol";
    if (size < 4) return `frame size ${size} is not valid`;
    if (this.maxBytes > 0 && size > this.maxBytes) return `frame size ${size} exceeds max_msg_size ${this.maxBytes}`;
    return null;
  }

  /** Begins a partial frame with what is left of a chunk. */
  private keep(bytes: Uint8Array, at: number): void {
    assert(this.partial === null, "one partial frame at a time");
    const have = bytes.length - at;
    const total = have >= 4 ? 4 + int32At(bytes, at) : FIRST_PARTIAL_BYTES;
    this.partial = new Uint8Array(Math.min(total, Math.max(FIRST_PARTIAL_BYTES, 2 * have)));
    this.partial.set(at === 0 ? bytes : bytes.subarray(at));
    this.have = have;
  }

  /** Appends to the partial frame what belongs to it; returns how many bytes that were. */
  private complete(bytes: Uint8Array): number {
    let at = 0;
    while (this.have < 4 && at < bytes.length) {
      this.partial![this.have] = bytes[at]!;
      this.have += 1;
      at += 1;
    }
    if (this.have < 4) return at;
    const total = 4 + Math.max(0, int32At(this.partial!, 0));
    const take = Math.min(total - this.have, bytes.length - at);
    if (take <= 0 || this.sizeFault(total - 4) !== null) return at;
    if (this.have + take > this.partial!.length) {
      const grown = new Uint8Array(Math.min(total, 2 * (this.have + take)));
      grown.set(this.partial!.subarray(0, this.have));
      this.partial = grown;
    }
    this.partial!.set(bytes.subarray(at, at + take), this.have);
    this.have += take;
    return at + take;
  }
}

function int32At(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at) | 0;
}
