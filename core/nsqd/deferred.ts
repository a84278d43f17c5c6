import { RecordNumbers } from "../queue/records.ts";
import type { Handle } from "../queue/slab.ts";
import { TimingWheel } from "../queue/wheel.ts";
import type { Micros } from "../time.ts";

/** The messages of a channel that wait for an instant (nsqd-semantics §2). */
export class DeferredSet {
  private readonly instants = new TimingWheel();
  private readonly numbers = new RecordNumbers((capacity) => this.reserve(capacity));
  private handles = new Uint32Array(0);
  private attemptCounts = new Uint16Array(0);

  get length(): number {
    return this.instants.length;
  }

  add(handle: Handle, attempts: number, due: Micros): void {
    const record = this.numbers.take();
    this.handles[record] = handle;
    this.attemptCounts[record] = attempts;
    this.instants.add(record, due);
  }

  /** Takes out the record that is due first and not after `now`; -1: none. Then {@link free} it. */
  takeDue(now: Micros): number {
    return this.instants.takeDue(now);
  }

  /** Ends a record that {@link takeDue} took. */
  free(record: number): void {
    this.numbers.give(record);
  }

  /** See {@link TimingWheel.nextInstant}. */
  nextDue(): Micros {
    return this.instants.nextInstant();
  }

  /** Calls `visit` for each record and forgets them all. */
  clear(visit: (record: number) => void): void {
    this.instants.clear((record) => {
      visit(record);
      this.numbers.give(record);
    });
  }

  handle(record: number): Handle {
    return this.handles[record]!;
  }

  attempts(record: number): number {
    return this.attemptCounts[record]!;
  }

  private reserve(capacity: number): void {
    this.instants.reserve(capacity);
    const handles = new Uint32Array(capacity);
    handles.set(this.handles);
    this.handles = handles;
    const attempts = new Uint16Array(capacity);
    attempts.set(this.attemptCounts);
    this.attemptCounts = attempts;
  }
}
