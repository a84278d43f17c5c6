import { assert } from "../assert.ts";
import type { Timer } from "../host.ts";
import type { Micros } from "../time.ts";

/** Longest delay that Node's setTimeout takes, in milliseconds. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

class NodeTimer implements Timer {
  readonly at: Micros;
  readonly order: number;
  readonly fire: () => void;
  /** Position in the heap; -1 when fired or cancelled. */
  position = -1;
  private readonly owner: NodeTimers;

  constructor(owner: NodeTimers, at: Micros, order: number, fire: () => void) {
    this.owner = owner;
    this.at = at;
    this.order = order;
    this.fire = fire;
  }

  cancel(): void {
    if (this.position !== -1) this.owner.remove(this);
  }

  isBefore(other: NodeTimer): boolean {
    return this.at === other.at ? this.order < other.order : this.at < other.at;
  }
}

/**
 * All timers of a host: a heap that allows removal, over one native timer. Never early: the native timer counts whole
 * milliseconds from the loop's own idea of now, so each instant is compared with the clock again before it fires.
 */
export class NodeTimers {
  private readonly heap: NodeTimer[] = [];
  private created = 0;
  private readonly now: () => Micros;
  private native: NodeJS.Timeout | null = null;
  private immediate: NodeJS.Immediate | null = null;
  /** The instant the native timer or immediate was armed for. */
  private armedFor: Micros = Infinity;
  private readonly wake = (): void => this.fireDue();

  constructor(now: () => Micros) {
    this.now = now;
  }

  add(at: Micros, fire: () => void): Timer {
    const timer = new NodeTimer(this, at, this.created++, fire);
    timer.position = this.heap.length;
    this.heap.push(timer);
    this.siftUp(timer.position);
    if (at < this.armedFor) this.arm(at);
    return timer;
  }

  remove(timer: NodeTimer): void {
    const { position } = timer;
    assert(this.heap[position] === timer, "a timer must know its position");
    const last = this.heap.pop();
    assert(last !== undefined, "the heap holds the timer");
    timer.position = -1;
    if (last !== timer) {
      this.heap[position] = last;
      last.position = position;
      this.siftUp(position);
      this.siftDown(last.position);
    }
    // An idle native timer would keep the process alive.
    if (this.heap.length === 0) this.disarm();
  }

  private fireDue(): void {
    this.disarm();
    const now = this.now();
    const youngest = this.created;
    // What the timers below arm, the last line arms at once.
    this.armedFor = -Infinity;
    try {
      for (let first = this.heap[0]; first !== undefined; first = this.heap[0]) {
        // Timers created while firing wait for the next turn, so that a chain of them cannot starve the sockets.
        if (first.at > now || first.order >= youngest) break;
        this.remove(first);
        first.fire();
      }
    } finally {
      const next = this.heap[0];
      if (next === undefined) this.armedFor = Infinity;
      else this.arm(next.at);
    }
  }

  private arm(at: Micros): void {
    this.disarm();
    this.armedFor = at;
    const wait = at - this.now();
    if (wait <= 0) this.immediate = setImmediate(this.wake);
    else this.native = setTimeout(this.wake, Math.min(Math.ceil(wait / 1000), LONGEST_DELAY_MS));
  }

  private disarm(): void {
    if (this.native !== null) clearTimeout(this.native);
    if (this.immediate !== null) clearImmediate(this.immediate);
    this.native = null;
    this.immediate = null;
    this.armedFor = Infinity;
  }

  private siftUp(from: number): void {
    const moving = this.heap[from];
    assert(moving !== undefined, "siftUp starts inside the heap");
    let position = from;
    while (position > 0) {
      const parent = this.heap[(position - 1) >> 1];
      assert(parent !== undefined, "every position but the first has a parent");
      if (!moving.isBefore(parent)) break;
      this.place(parent, position);
      position = (position - 1) >> 1;
    }
    this.place(moving, position);
  }

  private siftDown(from: number): void {
    const moving = this.heap[from];
    assert(moving !== undefined, "siftDown starts inside the heap");
    let position = from;
    for (;;) {
      let child = this.heap[2 * position + 1];
      const right = this.heap[2 * position + 2];
      if (child !== undefined && right !== undefined && right.isBefore(child)) child = right;
      if (child === undefined || !child.isBefore(moving)) break;
      const next = child.position;
      this.place(child, position);
      position = next;
    }
    this.place(moving, position);
  }

  private place(timer: NodeTimer, position: number): void {
    this.heap[position] = timer;
    timer.position = position;
  }
}
