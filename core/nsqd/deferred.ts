import { Records } from "../queue/records.ts";
import type { Handle } from "../queue/slab.ts";
import { TimingWheel } from "../queue/wheel.ts";
import type { Micros } from "../time.ts";

/** The integers of a record after those of the wheel; a power of two, so that two records are one cache line. */
const HANDLE = 5;
const ATTEMPTS = 6;
const STRIDE = 8;

/** The messages of a channel that wait for an instant (nsqd-semantics §2). */
export class DeferredSet {
  private readonly records = new Records(STRIDE);
  private readonly instants = new TimingWheel(this.records);

  get length(): number {
    return this.records.length;
  }

  add(handle: Handle, attempts: number, due: Micros): void {
    const record = this.records.take();
    const { data } = this.records;
    data[record + HANDLE] = handle;
    data[record + ATTEMPTS] = attempts;
    this.instants.add(record, due);
  }

  /** Takes out the record that is due first and not after `now`; -1: none. Then {@link free} it. */
  takeDue(now: Micros): number {
    return this.instants.takeDue(now);
  }

  /** Ends a record that {@link takeDue} took. */
  free(record: number): void {
    this.records.give(record);
  }

  /** See {@link TimingWheel.nextInstant}. */
  nextDue(): Micros {
    return this.instants.nextInstant();
  }

  /** Calls `visit` for each record and forgets them all. */
  clear(visit: (record: number) => void): void {
    this.instants.clear((record) => {
      visit(record);
      this.records.give(record);
    });
  }

  handle(record: number): Handle {
    return this.records.data[record + HANDLE]!;
  }

  attempts(record: number): number {
    return this.records.data[record + ATTEMPTS]!;
  }
}
