import { assert } from "../assert.ts";
import { IdTable } from "../queue/idtable.ts";
import { HALF, Records } from "../queue/records.ts";
import type { Handle } from "../queue/slab.ts";
import { TimingWheel } from "../queue/wheel.ts";
import type { Micros } from "../time.ts";

/** The integers of a record after those of wheel and id table; a power of two, so that a record is one cache line. */
const HANDLE = 7;
const ATTEMPTS = 8;
const OWNER = 9;
const DELIVERED_HIGH = 10;
const DELIVERED_LOW = 11;
const STRIDE = 16;

/**
 * The messages of a channel that clients have and have not answered (nsqd-semantics §2). Found by id in constant time,
 * and in the order of their deadlines. Columns of numbers, no object per message.
 */
export class InFlightSet {
  private readonly records = new Records(STRIDE);
  private readonly ids = new IdTable(this.records);
  private readonly deadlines = new TimingWheel(this.records);

  get length(): number {
    return this.records.length;
  }

  /** Adds what was just sent to the client numbered `owner`. `attempts` includes this delivery. */
  add(high: number, low: number, handle: Handle, attempts: number, owner: number, now: Micros, deadline: Micros): void {
    const record = this.records.take();
    const { data } = this.records;
    const nowHigh = Math.floor(now / HALF);
    data[record + HANDLE] = handle;
    data[record + ATTEMPTS] = attempts;
    data[record + OWNER] = owner;
    data[record + DELIVERED_HIGH] = nowHigh;
    data[record + DELIVERED_LOW] = now - nowHigh * HALF;
    this.deadlines.add(record, deadline);
    this.ids.add(record, high, low);
    assert(this.ids.length === this.deadlines.length, "as many deadlines as ids");
  }

  /** The record of an id, or NOT_FOUND. Valid until it is removed. */
  find(high: number, low: number): number {
    return this.ids.find(high, low);
  }

  remove(record: number): void {
    this.deadlines.remove(record);
    this.forget(record);
  }

  /** Takes out the record whose deadline is the earliest and not after `now`; NOT_FOUND: none. Then {@link free} it. */
  takeDue(now: Micros): number {
    return this.deadlines.takeDue(now);
  }

  /** Ends a record that {@link takeDue} took. */
  free(record: number): void {
    this.forget(record);
  }

  /** New deadline. */
  touch(record: number, deadline: Micros): void {
    this.deadlines.remove(record);
    this.deadlines.add(record, deadline);
  }

  /** See {@link TimingWheel.nextInstant}. */
  nextDeadline(): Micros {
    return this.deadlines.nextInstant();
  }

  /** Calls `visit` for each record and forgets them all. */
  clear(visit: (record: number) => void): void {
    this.deadlines.clear((record) => {
      visit(record);
      this.forget(record);
    });
    assert(this.length === 0, "nothing is left");
  }

  handle(record: number): Handle {
    return this.records.data[record + HANDLE]!;
  }

  setHandle(record: number, handle: Handle): void {
    this.records.data[record + HANDLE] = handle;
  }

  attempts(record: number): number {
    return this.records.data[record + ATTEMPTS]!;
  }

  owner(record: number): number {
    return this.records.data[record + OWNER]!;
  }

  deliveredAt(record: number): Micros {
    const { data } = this.records;
    return data[record + DELIVERED_HIGH]! * HALF + data[record + DELIVERED_LOW]!;
  }

  private forget(record: number): void {
    this.ids.remove(record);
    this.records.give(record);
  }
}
