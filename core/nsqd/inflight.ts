import { assert } from "../assert.ts";
import { IdTable } from "../queue/idtable.ts";
import { RecordNumbers } from "../queue/records.ts";
import type { Handle } from "../queue/slab.ts";
import { TimingWheel } from "../queue/wheel.ts";
import type { Micros } from "../time.ts";

/**
 * The messages of a channel that clients have and have not answered (nsqd-semantics §2). Found by id in constant time,
 * and in the order of their deadlines. Columns of numbers, no object per message.
 */
export class InFlightSet {
  private readonly ids = new IdTable();
  private readonly deadlines = new TimingWheel();
  private readonly numbers = new RecordNumbers((capacity) => this.reserve(capacity));
  private handles = new Uint32Array(0);
  private attemptCounts = new Uint16Array(0);
  private owners = new Int32Array(0);
  private deliveries = new Float64Array(0);

  get length(): number {
    return this.ids.length;
  }

  /** Adds what was just sent to the client numbered `owner`. `attempts` includes this delivery. */
  add(high: number, low: number, handle: Handle, attempts: number, owner: number, now: Micros, deadline: Micros): void {
    const record = this.numbers.take();
    this.handles[record] = handle;
    this.attemptCounts[record] = attempts;
    this.owners[record] = owner;
    this.deliveries[record] = now;
    this.ids.add(record, high, low);
    this.deadlines.add(record, deadline);
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
    assert(this.ids.length === 0, "nothing is left");
  }

  handle(record: number): Handle {
    return this.handles[record]!;
  }

  setHandle(record: number, handle: Handle): void {
    this.handles[record] = handle;
  }

  attempts(record: number): number {
    return this.attemptCounts[record]!;
  }

  owner(record: number): number {
    return this.owners[record]!;
  }

  deliveredAt(record: number): Micros {
    return this.deliveries[record]!;
  }

  private forget(record: number): void {
    this.ids.remove(record);
    this.numbers.give(record);
  }

  private reserve(capacity: number): void {
    this.ids.reserve(capacity);
    this.deadlines.reserve(capacity);
    const handles = new Uint32Array(capacity);
    handles.set(this.handles);
    this.handles = handles;
    const attempts = new Uint16Array(capacity);
    attempts.set(this.attemptCounts);
    this.attemptCounts = attempts;
    const owners = new Int32Array(capacity);
    owners.set(this.owners);
    this.owners = owners;
    const deliveries = new Float64Array(capacity);
    deliveries.set(this.deliveries);
    this.deliveries = deliveries;
  }
}
