import { assert } from "../assert.ts";

const FIRST_CAPACITY = 16;
/** A table that has become empty keeps room for so many records. */
const KEPT_CAPACITY = 4096;
const END = -1;

/**
 * Records of a few 32-bit integers each, all in one array: whatever happens to a record then touches one line of the
 * processor's cache, which is what decides once there are a million. A record is known by the index of its first
 * integer. Several structures share a record, each with integers of its own.
 */
export class Records {
  /** Replaced when the table grows: do not keep it across {@link take} and {@link give}. */
  data: Int32Array;
  private readonly stride: number;
  private firstFree = END;
  private count = 0;

  /** A table of records of `stride` integers. */
  constructor(stride: number) {
    this.stride = stride;
    this.data = new Int32Array(0);
  }

  get length(): number {
    return this.count;
  }

  /** A record of unspecified content. */
  take(): number {
    if (this.firstFree === END) this.grow();
    const record = this.firstFree;
    this.firstFree = this.data[record]!;
    this.count += 1;
    return record;
  }

  give(record: number): void {
    assert(this.count > 0, "what is given back was handed out");
    this.data[record] = this.firstFree;
    this.firstFree = record;
    this.count -= 1;
    if (this.count === 0 && this.data.length > KEPT_CAPACITY * this.stride) this.forgetAll();
  }

  private grow(): void {
    const before = this.data.length;
    const data = new Int32Array(before === 0 ? FIRST_CAPACITY * this.stride : before * 2);
    data.set(this.data);
    for (let record = before; record < data.length; record += this.stride) data[record] = record + this.stride;
    data[data.length - this.stride] = END;
    this.data = data;
    this.firstFree = before;
  }

  private forgetAll(): void {
    this.data = new Int32Array(0);
    this.firstFree = END;
  }
}

/**
 * A safe integer in a record takes two integers of 30 bits: more than 32-bit arithmetic could take would need a
 * division each time.
 */
export const HALF_BITS = 30;
export const HALF = 2 ** HALF_BITS;
