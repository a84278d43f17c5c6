import { assert } from "../assert.ts";
import type { Micros } from "../time.ts";

/**
 * A hierarchical timing wheel, exact to the microsecond: entries are records of the caller, known by number, each with
 * an instant. Adding and removing take constant time whatever the number of entries; an entry moves towards the
 * finest level at most once per level while time passes. Entries come out in the order of their instants, equal
 * instants in the order of their adding.
 *
 * Level 0 has a slot per microsecond, each next level slots 32 times as wide. An entry is on the level of the highest
 * base-32 digit in which its instant differs from the wheel's clock.
 */
const SLOT_BITS = 5;
const SLOTS = 1 << SLOT_BITS;
const SLOT_MASK = SLOTS - 1;
const LEVELS = 10;
/** Instants are split into two halves of six digits, to stay within 32-bit arithmetic. */
const HALF_BITS = 30;
const HALF = 2 ** HALF_BITS;
const HALF_LEVELS = HALF_BITS / SLOT_BITS;
/** Later instants (35 years) count as this one. */
const END_OF_TIME = 2 ** (SLOT_BITS * LEVELS) - 1;

const NONE = -1;
/** Slot number of a record that is not in the wheel. */
const NOT_LINKED = -1;

export class TimingWheel {
  private readonly heads = new Int32Array(LEVELS * SLOTS).fill(NONE);
  private readonly tails = new Int32Array(LEVELS * SLOTS).fill(NONE);
  /** Which slots of a level have entries. */
  private readonly occupied = new Int32Array(LEVELS);
  private next = new Int32Array(0);
  private previous = new Int32Array(0);
  private slots = new Int32Array(0);
  private instants = new Float64Array(0);
  /** Nothing before this instant is left. */
  private clockHigh = 0;
  private clockLow = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** Makes room for records numbered below `capacity`. */
  reserve(capacity: number): void {
    if (capacity <= this.next.length) return;
    this.next = enlarged(this.next, capacity);
    this.previous = enlarged(this.previous, capacity);
    const slots = new Int32Array(capacity).fill(NOT_LINKED);
    slots.set(this.slots);
    this.slots = slots;
    const instants = new Float64Array(capacity);
    instants.set(this.instants);
    this.instants = instants;
  }

  /** The instant of an entry. */
  at(record: number): Micros {
    return this.instants[record]!;
  }

  add(record: number, at: Micros): void {
    assert(this.slots[record] === NOT_LINKED, `record ${record} is in the wheel already`);
    const instant = at < END_OF_TIME ? at : END_OF_TIME;
    this.instants[record] = instant;
    this.link(record, instant);
    this.count += 1;
  }

  remove(record: number): void {
    const slot = this.slots[record]!;
    assert(slot !== NOT_LINKED, `record ${record} is not in the wheel`);
    const next = this.next[record]!;
    const previous = this.previous[record]!;
    if (previous === NONE) this.heads[slot] = next;
    else this.next[previous] = next;
    if (next === NONE) this.tails[slot] = previous;
    else this.previous[next] = previous;
    if (this.heads[slot] === NONE) this.occupied[slot >> SLOT_BITS]! &= ~(1 << (slot & SLOT_MASK));
    this.slots[record] = NOT_LINKED;
    this.count -= 1;
  }

  /**
   * An instant before which no entry is due, and at which it pays to ask {@link takeDue}: the earliest entry's, or the
   * beginning of the slot where it is. Infinity: the wheel is empty.
   */
  nextInstant(): Micros {
    if (this.count === 0) return Infinity;
    const level = this.firstLevel();
    return this.slotStart(level, this.firstSlot(level));
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

  private link(record: number, instant: Micros): void {
    let high = Math.floor(instant / HALF);
    let low = instant - high * HALF;
    if (high < this.clockHigh || (high === this.clockHigh && low < this.clockLow)) {
      // Overdue already: the clock's own slot is the next to be looked at.
      high = this.clockHigh;
      low = this.clockLow;
    }
    const slot = this.slotOf(high, low);
    const tail = this.tails[slot]!;
    this.previous[record] = tail;
    this.next[record] = NONE;
    if (tail === NONE) this.heads[slot] = record;
    else this.next[tail] = record;
    this.tails[slot] = record;
    this.slots[record] = slot;
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
    while (record !== NONE) {
      const next = this.next[record]!;
      this.link(record, this.instants[record]!);
      assert(this.slots[record] !== slot, "a cascade must move entries to a finer level");
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

function enlarged(from: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(capacity);
  to.set(from);
  return to;
}
