import { assert } from "../assert.ts";
import type { Micros } from "../time.ts";
import { HALF, HALF_BITS, type Records } from "./records.ts";

/**
 * A hierarchical timing wheel, exact to the microsecond. Adding and removing take constant time whatever the number of
 * entries; an entry moves towards the finest level at most once per level while time passes. Entries come out in the
 * order of their instants, equal instants in the order of their adding.
 *
 * Level 0 has a slot per microsecond, each next level slots 32 times as wide. An entry is on the level of the highest
 * base-32 digit in which its instant differs from the wheel's clock.
 *
 * Uses the integers 0 to 4 of a record.
 */
const NEXT = 0;
const PREVIOUS = 1;
const SLOT = 2;
const INSTANT_HIGH = 3;
const INSTANT_LOW = 4;

const SLOT_BITS = 5;
const SLOTS = 1 << SLOT_BITS;
const SLOT_MASK = SLOTS - 1;
const LEVELS = 10;
const HALF_LEVELS = HALF_BITS / SLOT_BITS;
/** Later instants (35 years) count as this one. */
const END_OF_TIME = 2 ** (SLOT_BITS * LEVELS) - 1;

/** Entries of a slot that are looked at to tell the earliest. */
const MOST_LOOKS = 16;

const NONE = -1;

export class TimingWheel {
  private readonly records: Records;
  private readonly heads = new Int32Array(LEVELS * SLOTS).fill(NONE);
  private readonly tails = new Int32Array(LEVELS * SLOTS).fill(NONE);
  /** Which slots of a level have entries. */
  private readonly occupied = new Int32Array(LEVELS);
  /** Nothing before this instant is left. */
  private clockHigh = 0;
  private clockLow = 0;
  private count = 0;

  constructor(records: Records) {
    this.records = records;
  }

  get length(): number {
    return this.count;
  }

  /** Adds a record that is not in the wheel. */
  add(record: number, at: Micros): void {
    const instant = at < END_OF_TIME ? at : END_OF_TIME;
    const high = Math.floor(instant / HALF);
    const { data } = this.records;
    data[record + INSTANT_HIGH] = high;
    data[record + INSTANT_LOW] = instant - high * HALF;
    this.link(data, record);
    this.count += 1;
  }

  /** Takes a record out that is in the wheel. */
  remove(record: number): void {
    const { data } = this.records;
    const slot = data[record + SLOT]!;
    const next = data[record + NEXT]!;
    const previous = data[record + PREVIOUS]!;
    assert(slot !== NONE && (previous !== NONE || this.heads[slot] === record), "what is removed is in the wheel");
    if (previous === NONE) this.heads[slot] = next;
    else data[previous + NEXT] = next;
    if (next === NONE) this.tails[slot] = previous;
    else data[next + PREVIOUS] = previous;
    if (this.heads[slot] === NONE) this.occupied[slot >> SLOT_BITS]! &= ~(1 << (slot & SLOT_MASK));
    data[record + SLOT] = NONE;
    this.count -= 1;
  }

  /**
   * An instant before which no entry is due, and at which it pays to ask {@link takeDue}: the earliest entry's, or, where
   * entries are dense, the beginning of its slot. Infinity: the wheel is empty.
   */
  nextInstant(): Micros {
    if (this.count === 0) return Infinity;
    const level = this.firstLevel();
    const slot = this.firstSlot(level);
    return this.earliestOf(level * SLOTS + slot) ?? this.slotStart(level, slot);
  }

  /** Takes the earliest entry whose instant is not after `now` out. Returns its record, or -1. */
  takeDue(now: Micros): number {
    while (this.count > 0) {
      const level = this.firstLevel();
      const slot = this.firstSlot(level);
      const start = this.slotStart(level, slot);
      if (start > now) break;
      this.setClock(start);
      if (level === 0) {
        const record = this.heads[slot]!;
        this.remove(record);
        return record;
      }
      this.cascade(level * SLOTS + slot);
    }
    // Nothing begins before now: no entry changes its level, and new ones start closer to where they end.
    this.setClock(now);
    return NONE;
  }

  /** Calls `visit` for each entry, in no particular order, and takes all out. */
  clear(visit: (record: number) => void): void {
    for (let slot = 0; slot < LEVELS * SLOTS; slot += 1) {
      while (this.heads[slot] !== NONE) {
        const record = this.heads[slot]!;
        this.remove(record);
        visit(record);
      }
    }
  }

  /** The earliest instant in a slot; null when it has too many entries to look at each. */
  private earliestOf(slot: number): Micros | null {
    const { data } = this.records;
    let earliest = Infinity;
    let record = this.heads[slot]!;
    for (let looks = 0; record !== NONE; looks += 1) {
      if (looks === MOST_LOOKS) return null;
      earliest = Math.min(earliest, data[record + INSTANT_HIGH]! * HALF + data[record + INSTANT_LOW]!);
      record = data[record + NEXT]!;
    }
    return earliest;
  }

  private link(data: Int32Array, record: number): void {
    let high = data[record + INSTANT_HIGH]!;
    let low = data[record + INSTANT_LOW]!;
    if (high < this.clockHigh || (high === this.clockHigh && low < this.clockLow)) {
      // Overdue already: the clock's own slot is the next to be looked at.
      high = this.clockHigh;
      low = this.clockLow;
    }
    const slot = this.slotOf(high, low);
    const tail = this.tails[slot]!;
    data[record + PREVIOUS] = tail;
    data[record + NEXT] = NONE;
    data[record + SLOT] = slot;
    if (tail === NONE) this.heads[slot] = record;
    else data[tail + NEXT] = record;
    this.tails[slot] = record;
    this.occupied[slot >> SLOT_BITS]! |= 1 << (slot & SLOT_MASK);
  }

  private slotOf(high: number, low: number): number {
    if (high !== this.clockHigh) {
      const digit = Math.trunc((31 - Math.clz32(high ^ this.clockHigh)) / SLOT_BITS);
      return (HALF_LEVELS + digit) * SLOTS + ((high >> (digit * SLOT_BITS)) & SLOT_MASK);
    }
    const changed = low ^ this.clockLow;
    const digit = changed === 0 ? 0 : Math.trunc((31 - Math.clz32(changed)) / SLOT_BITS);
    return digit * SLOTS + ((low >> (digit * SLOT_BITS)) & SLOT_MASK);
  }

  /** Spreads a slot that the clock has reached over the finer levels, keeping the order. */
  private cascade(slot: number): void {
    let record = this.heads[slot]!;
    this.heads[slot] = NONE;
    this.tails[slot] = NONE;
    this.occupied[slot >> SLOT_BITS]! &= ~(1 << (slot & SLOT_MASK));
    const { data } = this.records;
    while (record !== NONE) {
      const next = data[record + NEXT]!;
      this.link(data, record);
      assert(data[record + SLOT] !== slot, "a cascade must move entries to a finer level");
      record = next;
    }
  }

  private firstLevel(): number {
    let level = 0;
    while (this.occupied[level] === 0) level += 1;
    assert(level < LEVELS, "entries, but no occupied slot");
    return level;
  }

  /** The lowest occupied slot: all are at or after the clock's digit, for nothing overdue is left behind it. */
  private firstSlot(level: number): number {
    const bits = this.occupied[level]!;
    return 31 - Math.clz32(bits & -bits);
  }

  private slotStart(level: number, slot: number): Micros {
    if (level >= HALF_LEVELS) {
      const shift = (level - HALF_LEVELS) * SLOT_BITS;
      const above = Math.floor(this.clockHigh / 2 ** (shift + SLOT_BITS)) * 2 ** (shift + SLOT_BITS);
      return (above + slot * 2 ** shift) * HALF;
    }
    const shift = level * SLOT_BITS;
    const above = shift + SLOT_BITS >= HALF_BITS ? 0 : (this.clockLow >> (shift + SLOT_BITS)) << (shift + SLOT_BITS);
    return this.clockHigh * HALF + above + (slot << shift);
  }

  /** Never goes back: a slot may begin before the clock. */
  private setClock(to: Micros): void {
    const high = Math.floor(to / HALF);
    const low = to - high * HALF;
    if (high < this.clockHigh || (high === this.clockHigh && low < this.clockLow)) return;
    this.clockHigh = high;
    this.clockLow = low;
  }
}
