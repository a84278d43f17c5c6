import { assert } from "../assert.ts";
import { writeUint32 } from "../protocol/frame.ts";

/** Bytes of the length before each record (diskqueue §2.1). */
export const LENGTH_BYTES = 4;

const FIRST_CAPACITY = 64 * 1024;
/** A buffer that had to grow beyond this is not kept for the next batch. */
const LARGEST_KEPT = 1024 * 1024;

/** Records on their way to disk: gathered in one buffer, so that one write takes them all. */
export class RecordBatch {
  bytes = new Uint8Array(FIRST_CAPACITY);
  count = 0;
  /** Where each record ends. */
  private readonly ends: number[] = [];

  /** Bytes of all records. */
  get length(): number {
    return this.count === 0 ? 0 : this.ends[this.count - 1]!;
  }

  /** Adds a record with `size` bytes after its length. Returns where those are to be written in {@link bytes}. */
  add(size: number): number {
    const start = this.length;
    const at = start + LENGTH_BYTES;
    if (at + size > this.bytes.length) this.grow(at + size);
    writeUint32(this.bytes, start, size);
    this.ends[this.count] = at + size;
    this.count += 1;
    return at;
  }

  /** Where the record with that number begins; for {@link count}, where the last one ends. */
  start(index: number): number {
    assert(index >= 0 && index <= this.count, `record ${index} of ${this.count}`);
    return index === 0 ? 0 : this.ends[index - 1]!;
  }

  clear(): void {
    this.count = 0;
    if (this.bytes.length > LARGEST_KEPT) this.bytes = new Uint8Array(FIRST_CAPACITY);
  }

  private grow(needed: number): void {
    const bytes = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    bytes.set(this.bytes.subarray(0, this.length));
    this.bytes = bytes;
  }
}
