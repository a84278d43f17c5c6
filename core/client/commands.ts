import { assert } from "../assert.ts";
import { writeUint32 } from "../protocol/frame.ts";
import { writeHalf } from "../protocol/id.ts";

const SLAB_BYTES = 16_384;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const ZERO = 0x30;

/**
 * Encodes commands (protocol §3) into one slab per connection. What {@link take} has handed out is never rewritten.
 */
export class CommandWriter {
  /** Bytes encoded so far, over the whole life. */
  written = 0;
  /** Bytes handed out so far. */
  taken = 0;

  private slab = new Uint8Array(0);
  private start = 0;
  private end = 0;

  get pendingBytes(): number {
    return this.end - this.start;
  }

  /** Everything encoded since the last call. */
  take(): Uint8Array {
    const bytes = this.slab.subarray(this.start, this.end);
    this.start = this.end;
    this.taken = this.written;
    return bytes;
  }

  magic(): void {
    this.reserve(4);
    this.ascii("  V2");
  }

  /** @param json ASCII only. */
  identify(json: string): void {
    this.reserve(9 + 4 + json.length);
    this.ascii("IDENTIFY\n");
    this.int32(json.length);
    this.ascii(json);
  }

  auth(secret: Uint8Array): void {
    this.reserve(5 + 4 + secret.length);
    this.ascii("AUTH\n");
    this.int32(secret.length);
    this.body(secret);
  }

  subscribe(topic: string, channel: string): void {
    this.reserve(6 + topic.length + channel.length);
    this.ascii("SUB ");
    this.ascii(topic);
    this.byte(SPACE);
    this.ascii(channel);
    this.byte(NEWLINE);
  }

  nop(): void {
    this.reserve(4);
    this.ascii("NOP\n");
  }

  startClose(): void {
    this.reserve(4);
    this.ascii("CLS\n");
  }

  ready(count: number): void {
    this.reserve(24);
    this.ascii("RDY ");
    this.decimal(count);
    this.byte(NEWLINE);
  }

  finish(idHigh: number, idLow: number): void {
    this.reserve(21);
    this.ascii("FIN ");
    this.hex32(idHigh);
    this.hex32(idLow);
    this.byte(NEWLINE);
  }

  requeue(idHigh: number, idLow: number, delayMs: number): void {
    this.reserve(48);
    this.ascii("REQ ");
    this.hex32(idHigh);
    this.hex32(idLow);
    this.byte(SPACE);
    this.decimal(delayMs);
    this.byte(NEWLINE);
  }

  touch(idHigh: number, idLow: number): void {
    this.reserve(23);
    this.ascii("TOUCH ");
    this.hex32(idHigh);
    this.hex32(idLow);
    this.byte(NEWLINE);
  }

  publish(topic: string, body: Uint8Array): void {
    this.reserve(9 + topic.length + body.length);
    this.ascii("PUB ");
    this.ascii(topic);
    this.byte(NEWLINE);
    this.int32(body.length);
    this.body(body);
  }

  deferredPublish(topic: string, delayMs: number, body: Uint8Array): void {
    this.reserve(32 + topic.length + body.length);
    this.ascii("DPUB ");
    this.ascii(topic);
    this.byte(SPACE);
    this.decimal(delayMs);
    this.byte(NEWLINE);
    this.int32(body.length);
    this.body(body);
  }

  multiPublish(topic: string, bodies: readonly Uint8Array[]): void {
    let size = 4;
    for (const body of bodies) size += 4 + body.length;
    this.reserve(10 + topic.length + size);
    this.ascii("MPUB ");
    this.ascii(topic);
    this.byte(NEWLINE);
    this.int32(size);
    this.int32(bodies.length);
    for (const body of bodies) {
      this.int32(body.length);
      this.body(body);
    }
  }

  /** Makes room for one command. */
  private reserve(bytes: number): void {
    if (this.end + bytes <= this.slab.length) return;
    const pending = this.end - this.start;
    const grown = new Uint8Array(Math.max(SLAB_BYTES, pending === 0 ? bytes : 2 * (pending + bytes)));
    if (pending > 0) grown.set(this.slab.subarray(this.start, this.end));
    this.slab = grown;
    this.start = 0;
    this.end = pending;
  }

  private byte(value: number): void {
    this.slab[this.end] = value;
    this.end += 1;
    this.written += 1;
  }

  private ascii(text: string): void {
    const { slab, end } = this;
    for (let index = 0; index < text.length; index += 1) slab[end + index] = text.charCodeAt(index);
    this.end += text.length;
    this.written += text.length;
  }

  private body(bytes: Uint8Array): void {
    this.slab.set(bytes, this.end);
    this.end += bytes.length;
    this.written += bytes.length;
  }

  private int32(value: number): void {
    writeUint32(this.slab, this.end, value);
    this.end += 4;
    this.written += 4;
  }

  private hex32(value: number): void {
    writeHalf(this.slab, this.end, value);
    this.end += 8;
    this.written += 8;
  }

  private decimal(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, "a number in a command is a natural number");
    if (value < 10) {
      this.byte(ZERO + value);
      return;
    }
    this.ascii(String(value));
  }
}
