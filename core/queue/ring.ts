import { assert } from "../assert.ts";

const FIRST_CAPACITY = 16;
/** A ring that is emptier than one in so many gives memory back. */
const SHRINK_AT = 8;
/** No smaller ring is worth the copying. */
const SMALLEST_SHRUNK = 1024;

/** A first-in, first-out queue of pairs of unsigned 32-bit integers. Grows and shrinks by powers of two. */
export class PairRing {
  private first = new Uint32Array(FIRST_CAPACITY);
  private second = new Uint32Array(FIRST_CAPACITY);
  private head = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(first: number, second: number): void {
    if (this.count === this.first.length) this.resize(this.first.length * 2);
    const at = (this.head + this.count) & (this.first.length - 1);
    this.first[at] = first;
    this.second[at] = second;
    this.count += 1;
  }

  /** The first number of the oldest pair. */
  peekFirst(): number {
    assert(this.count > 0, "peek into an empty ring");
    return this.first[this.head]!;
  }

  /** The second number of the oldest pair. */
  peekSecond(): number {
    assert(this.count > 0, "peek into an empty ring");
    return this.second[this.head]!;
  }

  /** Removes the oldest pair. */
  shift(): void {
    assert(this.count > 0, "shift of an empty ring");
    this.head = (this.head + 1) & (this.first.length - 1);
    this.count -= 1;
    const capacity = this.first.length;
    if (capacity > SMALLEST_SHRUNK && this.count * SHRINK_AT < capacity) this.resize(capacity / 2);
  }

  private resize(capacity: number): void {
    assert(capacity >= this.count, `${this.count} pairs do not fit into ${capacity}`);
    this.first = this.moved(this.first, capacity);
    this.second = this.moved(this.second, capacity);
    this.head = 0;
  }

  private moved(from: Uint32Array, capacity: number): Uint32Array<ArrayBuffer> {
    const to = new Uint32Array(capacity);
    const untilEnd = Math.min(this.count, from.length - this.head);
    to.set(from.subarray(this.head, this.head + untilEnd));
    to.set(from.subarray(0, this.count - untilEnd), untilEnd);
    return to;
  }
}
