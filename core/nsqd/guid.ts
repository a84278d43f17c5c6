import { assert } from "../assert.ts";
import type { Micros } from "../time.ts";

const TWO_32 = 2 ** 32;
/** nsqd's epoch, in units of 2^20 ns (nsqd-semantics §9). */
const EPOCH_UNITS = 1_288_834_974_288;
/** Of the time part of an id. */
export const UNIT_NANOSECONDS = 2 ** 20;
const SEQUENCE_BITS = 12;
const LAST_SEQUENCE = (1 << SEQUENCE_BITS) - 1;
const NODE_BITS = 10;
const MAX_NODE_ID = (1 << NODE_BITS) - 1;

/** An instant of the wall clock as the wire wants it: nanoseconds since the Unix epoch, in two halves. */
export class Timestamp {
  private wall: Micros = -1;
  high = 0;
  low = 0;
  /** Units of 2^20 ns since nsqd's epoch: the time part of message ids. */
  unit = 0;

  /** Computes anew only when the clock has moved: many messages share one instant. */
  set(wall: Micros): void {
    if (wall === this.wall) return;
    assert(Number.isInteger(wall) && wall >= 0, "the wall clock is a whole number of microseconds");
    this.wall = wall;
    const upper = Math.floor(wall / TWO_32);
    const lower = (wall - upper * TWO_32) * 1000;
    const carry = Math.floor(lower / TWO_32);
    this.low = lower - carry * TWO_32;
    this.high = upper * 1000 + carry;
    // A wall clock before 2012 has no id of its own: it counts as nsqd's epoch.
    this.unit = Math.max(0, this.high * 2 ** 12 + Math.floor(this.low / UNIT_NANOSECONDS) - EPOCH_UNITS);
  }
}

/**
 * Message ids of one topic: `unit << 22 | node << 12 | sequence`, strictly increasing (nsqd-semantics §9).
 *
 * When a unit's 4096 ids are used up, or the wall clock goes back, the next unit is borrowed: ids run ahead of the clock
 * until the clock has caught up. They stay unique and increasing; only the time that could be read from them is off.
 * nsqd 1.3 makes its publishers wait instead: see {@link isAhead} and IdWait.
 */
export class IdGenerator {
  private readonly node: number;
  private unit = 0;
  private sequence = LAST_SEQUENCE;
  /** The halves of the latest id. */
  high = 0;
  low = 0;

  constructor(node: number) {
    assert(node >= 0 && node <= MAX_NODE_ID, `node id ${node}`);
    this.node = node;
  }

  get latestUnit(): number {
    return this.unit;
  }

  /** True when the next id would be of a unit that is still to come. */
  isAhead(unit: number): boolean {
    return unit < this.unit || (unit === this.unit && this.sequence === LAST_SEQUENCE);
  }

  /** Makes {@link high} and {@link low} the next id at that time unit. */
  next(unit: number): void {
    if (unit > this.unit) {
      this.unit = unit;
      this.sequence = 0;
    } else if (this.sequence < LAST_SEQUENCE) {
      this.sequence += 1;
    } else {
      this.unit += 1;
      this.sequence = 0;
    }
    this.high = Math.floor(this.unit / 2 ** NODE_BITS);
    this.low = ((this.unit << 22) | (this.node << SEQUENCE_BITS) | this.sequence) >>> 0;
  }
}
