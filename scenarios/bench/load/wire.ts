/** Pre-encoded NSQ commands and the little of a reply that a load generator must read (spec: protocol, frames). */

export const MAGIC = Buffer.from("  V2", "latin1");
export const NOP = Buffer.from("NOP\n", "latin1");
export const CLOSE = Buffer.from("CLS\n", "latin1");

const FRAME_HEADER_BYTES = 8;
/** Offset of the message id: size 4, type 4, timestamp 8, attempts 2. */
export const ID_OFFSET = 18;
export const ID_BYTES = 16;

/** `PUB topic`, or `MPUB topic` with `batch` messages; bodies of `bodyBytes` bytes. */
export function publishCommand(topic: string, batch: number, bodyBytes: number): Buffer {
  const body = Buffer.alloc(bodyBytes, "x");
  if (batch === 1) return Buffer.concat([Buffer.from(`PUB ${topic}\n`, "latin1"), int32(bodyBytes), body]);
  const element = Buffer.concat([int32(bodyBytes), body]);
  const elements = Array.from({ length: batch }, () => element);
  return Buffer.concat([
    Buffer.from(`MPUB ${topic}\n`, "latin1"),
    int32(4 + element.length * batch),
    int32(batch),
    ...elements,
  ]);
}

/** The longest that nsqd allows by default. */
const HEARTBEAT_MS = 60_000;

/** The magic and IDENTIFY; a subscriber must have heartbeats (spec: SUB). */
export function identifyCommands(heartbeatMs: number = HEARTBEAT_MS): Buffer {
  const identity = Buffer.from(
    JSON.stringify({ client_id: "bench", user_agent: "nsqlab-bench", heartbeat_interval: heartbeatMs }),
  );
  return Buffer.concat([MAGIC, Buffer.from("IDENTIFY\n", "latin1"), int32(identity.length), identity]);
}

/** Follows IDENTIFY. */
export function subscribeCommands(topic: string, channel: string, rdy: number): Buffer {
  return Buffer.from(`SUB ${topic} ${channel}\nRDY ${rdy}\n`, "latin1");
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Called for each complete frame; `start` is the offset of its size field, `end` the offset after it. */
export interface FrameSink {
  response(bytes: Buffer, start: number, end: number): void;
  message(bytes: Buffer, start: number, end: number): void;
  error(text: string): void;
}

/** Cuts a byte stream into frames; keeps what is incomplete until the next chunk. */
export class FrameCutter {
  private readonly sink: FrameSink;
  private rest: Buffer | null = null;

  constructor(sink: FrameSink) {
    this.sink = sink;
  }

  push(chunk: Buffer): void {
    const bytes = this.rest === null ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    while (bytes.length - at >= FRAME_HEADER_BYTES) {
      const size = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
      const end = at + 4 + size;
      if (end > bytes.length) break;
      const type = bytes[at + 7]!;
      if (type === 2) this.sink.message(bytes, at, end);
      else if (type === 0) this.sink.response(bytes, at, end);
      else this.sink.error(bytes.toString("latin1", at + FRAME_HEADER_BYTES, end));
      at = end;
    }
    // A copy: the chunk's memory belongs to the socket.
    this.rest = at === bytes.length ? null : Buffer.from(bytes.subarray(at));
  }
}

/** True for `OK`. */
export function isOk(bytes: Buffer, start: number, end: number): boolean {
  return end - start === 10 && bytes[start + 8] === 0x4f && bytes[start + 9] === 0x4b;
}

export function responseText(bytes: Buffer, start: number, end: number): string {
  return bytes.toString("latin1", start + FRAME_HEADER_BYTES, end);
}
