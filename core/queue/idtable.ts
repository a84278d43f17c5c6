import { assert } from "../assert.ts";

const FIRST_SLOTS = 32;
const EMPTY = -1;

/** What {@link IdTable.find} returns when there is no such id. */
export const NOT_FOUND = -1;

/**
 * Finds records by 64-bit ids (two unsigned halves). Open addressing with linear probing, at most half full; removal
 * closes the gap, so that nothing has to be cleaned up later. The caller numbers the records, from 0 and densely.
 */
export class IdTable {
  private slots = new Int32Array(FIRST_SLOTS).fill(EMPTY);
  private mask = FIRST_SLOTS - 1;
  /** By record. */
  private highs = new Uint32Array(0);
  private lows = new Uint32Array(0);
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** Makes room for records numbered below `capacity`. */
  reserve(capacity: number): void {
    if (capacity <= this.highs.length) return;
    const highs = new Uint32Array(capacity);
    highs.set(this.highs);
    this.highs = highs;
    const lows = new Uint32Array(capacity);
    lows.set(this.lows);
    this.lows = lows;
    if (capacity * 2 > this.slots.length) this.rehash(capacity * 2);
  }

  high(record: number): number {
    return this.highs[record]!;
  }

  low(record: number): number {
    return this.lows[record]!;
  }

  /** The record of an id, or {@link NOT_FOUND}. */
  find(high: number, low: number): number {
    const { slots, mask } = this;
    for (let slot = this.home(high, low); ; slot = (slot + 1) & mask) {
      const record = slots[slot]!;
      if (record === EMPTY || (this.lows[record] === low && this.highs[record] === high)) return record;
    }
  }

  /** Adds a record; its id must not be there. */
  add(record: number, high: number, low: number): void {
    assert(record < this.highs.length, `record ${record} was not reserved`);
    this.highs[record] = high;
    this.lows[record] = low;
    this.place(record);
    this.count += 1;
  }

  remove(record: number): void {
    const { slots, mask } = this;
    let gap = this.home(this.highs[record]!, this.lows[record]!);
    while (slots[gap] !== record) {
      assert(slots[gap] !== EMPTY, `record ${record} is not in the table`);
      gap = (gap + 1) & mask;
    }
    for (let slot = (gap + 1) & mask; slots[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const other = slots[slot]!;
      const distance = (slot - this.home(this.highs[other]!, this.lows[other]!)) & mask;
      if (distance >= ((slot - gap) & mask)) {
        slots[gap] = other;
        gap = slot;
      }
    }
    slots[gap] = EMPTY;
    this.count -= 1;
  }

  private home(high: number, low: number): number {
    // Ids count up in the low bits and with time: two multiplications spread both over the table.
    const mixed = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
    return (mixed ^ (mixed >>> 15)) & this.mask;
  }

  private place(record: number): void {
    const { slots, mask } = this;
    let slot = this.home(this.highs[record]!, this.lows[record]!);
    while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    slots[slot] = record;
  }

  private rehash(atLeast: number): void {
    const old = this.slots;
    let size = old.length;
    while (size < atLeast) size *= 2;
    this.slots = new Int32Array(size).fill(EMPTY);
    this.mask = size - 1;
    for (const record of old) if (record !== EMPTY) this.place(record);
  }
}
