import { assert } from "../assert.ts";
import type { Records } from "./records.ts";

/** Where an id lies in a record that is in an {@link IdTable}. */
const ID_HIGH = 5;
const ID_LOW = 6;

const FIRST_SLOTS = 32;
/** A table that has become empty keeps so many slots. */
const KEPT_SLOTS = 8192;
/** A slot is a record and the place where it would like to be, so that most probes need not look at records. */
const RECORD = 0;
const HOME = 1;
const SLOT_SIZE = 2;
const EMPTY = -1;

/** What {@link IdTable.find} returns when there is no such id. */
export const NOT_FOUND = -1;

/**
 * Finds records by 64-bit ids (two unsigned halves). Open addressing with linear probing, at most half full; removal
 * closes the gap, so that nothing has to be cleaned up later. Uses the integers 5 and 6 of a record.
 */
export class IdTable {
  private readonly records: Records;
  private slots = emptySlots(FIRST_SLOTS);
  private mask = FIRST_SLOTS - 1;
  private count = 0;

  constructor(records: Records) {
    this.records = records;
  }

  get length(): number {
    return this.count;
  }

  /** The record of an id, or {@link NOT_FOUND}. */
  find(high: number, low: number): number {
    const { slots, mask } = this;
    const { data } = this.records;
    const wanted = home(high, low);
    for (let slot = wanted & mask; ; slot = (slot + 1) & mask) {
      const record = slots[slot * SLOT_SIZE + RECORD]!;
      if (record === EMPTY) return NOT_FOUND;
      if (slots[slot * SLOT_SIZE + HOME] !== wanted) continue;
      if (data[record + ID_LOW] === (low | 0) && data[record + ID_HIGH] === (high | 0)) return record;
    }
  }

  /** Adds a record; its id must not be there. */
  add(record: number, high: number, low: number): void {
    const { data } = this.records;
    data[record + ID_HIGH] = high;
    data[record + ID_LOW] = low;
    this.count += 1;
    if (this.count > this.mask >> 1) this.resize((this.mask + 1) * 2);
    this.place(record, home(high, low));
  }

  remove(record: number): void {
    const { slots, mask } = this;
    const { data } = this.records;
    let gap = home(data[record + ID_HIGH]!, data[record + ID_LOW]!) & mask;
    while (slots[gap * SLOT_SIZE + RECORD] !== record) {
      assert(slots[gap * SLOT_SIZE + RECORD] !== EMPTY, "what is removed is in the table");
      gap = (gap + 1) & mask;
    }
    for (let slot = (gap + 1) & mask; slots[slot * SLOT_SIZE + RECORD] !== EMPTY; slot = (slot + 1) & mask) {
      const wanted = slots[slot * SLOT_SIZE + HOME]!;
      if (((slot - wanted) & mask) >= ((slot - gap) & mask)) {
        slots[gap * SLOT_SIZE + RECORD] = slots[slot * SLOT_SIZE + RECORD]!;
        slots[gap * SLOT_SIZE + HOME] = wanted;
        gap = slot;
      }
    }
    slots[gap * SLOT_SIZE + RECORD] = EMPTY;
    this.count -= 1;
    if (this.count === 0 && mask >= KEPT_SLOTS) this.resize(FIRST_SLOTS);
  }

  private place(record: number, wanted: number): void {
    const { slots, mask } = this;
    let slot = wanted & mask;
    while (slots[slot * SLOT_SIZE + RECORD] !== EMPTY) slot = (slot + 1) & mask;
    slots[slot * SLOT_SIZE + RECORD] = record;
    slots[slot * SLOT_SIZE + HOME] = wanted;
  }

  private resize(size: number): void {
    const old = this.slots;
    this.slots = emptySlots(size);
    this.mask = size - 1;
    for (let at = 0; at < old.length; at += SLOT_SIZE) {
      if (old[at + RECORD] !== EMPTY) this.place(old[at + RECORD]!, old[at + HOME]!);
    }
  }
}

function emptySlots(count: number): Int32Array<ArrayBuffer> {
  return new Int32Array(count * SLOT_SIZE).fill(EMPTY);
}

/**
 * Where an id would like to be, to be masked. Ids count up in the low bits and with time: two multiplications spread
 * both over the table. Sixteen successive ids stay neighbours, for they tend to be answered together.
 */
function home(high: number, low: number): number {
  const mixed = Math.imul((low >>> 4) ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  return mixed ^ (mixed >>> 15) ^ (low & 15);
}
