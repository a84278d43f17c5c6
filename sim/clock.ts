import { assert } from "../core/assert.ts";
import type { Micros } from "../core/time.ts";

/** What an entry of the agenda wakes. */
export interface Due {
  due(): void;
}

const FIRST_CAPACITY = 256;
/** Children per node of the heap: four siblings share a cache line of keys. */
const ARITY = 4;

/**
 * The virtual clock: what happens next, and nothing in between.
 *
 * Entries are ordered by (instant, order of adding). A 4-ary heap on typed arrays; each entry's slot knows its place in
 * the heap, so that an entry can be taken out again. No object is made per entry.
 */
export class Agenda {
  /** The virtual now, microseconds since the start of the run. Never goes back. */
  now: Micros = 0;
  /** Entries that came due so far. */
  dispatched = 0;

  private size = 0;
  private sequence = 0;
  /** Heap order: keys beside the slot they belong to. */
  private time = new Float64Array(FIRST_CAPACITY);
  private order = new Float64Array(FIRST_CAPACITY);
  private slot = new Int32Array(FIRST_CAPACITY);
  /** By slot: place in the heap, or -1. Free slots form a stack. */
  private place = new Int32Array(FIRST_CAPACITY).fill(-1);
  private readonly targets: (Due | null)[] = [];
  private readonly free: number[] = [];

  /** Number of entries waiting. */
  get length(): number {
    return this.size;
  }

  /** Instant of the next entry, or infinity. */
  get next(): Micros {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.time[0]!;
  }

  /**
   * Wakes `target` at `at`, or now when that is past. Returns the entry's slot, valid until the entry comes due or is
   * cancelled.
   */
  add(at: Micros, target: Due): number {
    if (this.size === this.time.length) this.grow();
    let slot = this.free.pop();
    if (slot === undefined) {
      slot = this.targets.length;
      this.targets.push(target);
    } else {
      this.targets[slot] = target;
    }
    this.sequence += 1;
    this.up(this.size++, at > this.now ? at : this.now, this.sequence, slot);
    return slot;
  }

  /** Takes an entry out. */
  cancel(slot: number): void {
    const place = this.place[slot]!;
    assert(place >= 0, "the agenda entry is not waiting");
    this.release(slot);
    this.size -= 1;
    const last = this.size;
    if (place === last) return;
    const time = this.time[last]!;
    const order = this.order[last]!;
    const moved = this.slot[last]!;
    const parent = (place - 1) >> 2;
    if (place > 0 && before(time, order, this.time[parent]!, this.order[parent]!)) this.up(place, time, order, moved);
    else this.down(place, time, order, moved);
  }

  /** Runs the next entry. The agenda must not be empty. */
  step(): void {
    assert(this.size > 0, "nothing is due");
    const slot = this.slot[0]!;
    this.now = this.time[0]!;
    const target = this.targets[slot]!;
    this.release(slot);
    this.size -= 1;
    const last = this.size;
    if (last > 0) this.down(0, this.time[last]!, this.order[last]!, this.slot[last]!);
    this.dispatched += 1;
    target.due();
  }

  /** Runs everything due up to `until`, included, and leaves the clock there. */
  runUntil(until: Micros): void {
    while (this.size > 0 && this.time[0]! <= until) this.step();
    this.now = Math.max(this.now, until);
  }

  private release(slot: number): void {
    this.place[slot] = -1;
    this.targets[slot] = null;
    this.free.push(slot);
  }

  private up(from: number, time: Micros, order: number, slot: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      if (!before(time, order, this.time[parent]!, this.order[parent]!)) break;
      this.put(place, this.time[parent]!, this.order[parent]!, this.slot[parent]!);
      place = parent;
    }
    this.put(place, time, order, slot);
  }

  private down(from: number, time: Micros, order: number, slot: number): void {
    const { size } = this;
    let place = from;
    for (;;) {
      const first = place * ARITY + 1;
      if (first >= size) break;
      let least = first;
      let leastTime = this.time[first]!;
      const end = first + ARITY < size ? first + ARITY : size;
      for (let child = first + 1; child < end; child += 1) {
        const childTime = this.time[child]!;
        if (childTime < leastTime || (childTime === leastTime && this.order[child]! < this.order[least]!)) {
          least = child;
          leastTime = childTime;
        }
      }
      if (!before(leastTime, this.order[least]!, time, order)) break;
      this.put(place, leastTime, this.order[least]!, this.slot[least]!);
      place = least;
    }
    this.put(place, time, order, slot);
  }

  private put(place: number, time: Micros, order: number, slot: number): void {
    this.time[place] = time;
    this.order[place] = order;
    this.slot[place] = slot;
    this.place[slot] = place;
  }

  private grow(): void {
    const capacity = this.time.length * 2;
    const { time, order, slot, place } = this;
    this.time = new Float64Array(capacity);
    this.time.set(time);
    this.order = new Float64Array(capacity);
    this.order.set(order);
    this.slot = new Int32Array(capacity);
    this.slot.set(slot);
    this.place = new Int32Array(capacity).fill(-1);
    this.place.set(place);
  }
}

function before(time: Micros, order: number, otherTime: Micros, otherOrder: number): boolean {
  return time < otherTime || (time === otherTime && order < otherOrder);
}
