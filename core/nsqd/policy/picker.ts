import { assert } from "../../assert.ts";
import type { Random } from "../../random.ts";

/** What a picker keeps on each of its clients. Only the picker touches these fields. */
export interface Pickable<T> {
  pickerIndex: number;
  pickerBefore: T | null;
  pickerAfter: T | null;
}

/** The clients of a channel that can take a message now, and whose turn it is (nsqd-semantics §5 leaves that open). */
export interface ClientPicker<T> {
  readonly size: number;
  add(client: T): void;
  remove(client: T): void;
  /** The client that gets the next message; it stays in. Only when there is one. */
  next(): T;
}

/** In turn: who waited longest since its last message is next. */
export class RoundRobinPicker<T extends Pickable<T>> implements ClientPicker<T> {
  private first: T | null = null;
  private last: T | null = null;
  size = 0;

  add(client: T): void {
    client.pickerBefore = this.last;
    client.pickerAfter = null;
    if (this.last === null) this.first = client;
    else this.last.pickerAfter = client;
    this.last = client;
    this.size += 1;
  }

  remove(client: T): void {
    assert(this.size > 0, "remove from an empty picker");
    const { pickerBefore: before, pickerAfter: after } = client;
    if (before === null) this.first = after;
    else before.pickerAfter = after;
    if (after === null) this.last = before;
    else after.pickerBefore = before;
    this.size -= 1;
  }

  next(): T {
    const client = this.first;
    assert(client !== null, "nobody to pick");
    if (client !== this.last) {
      this.remove(client);
      this.add(client);
    }
    return client;
  }
}

/** Uniformly at random, as Go's scheduler comes close to. */
export class RandomPicker<T extends Pickable<T>> implements ClientPicker<T> {
  private readonly clients: T[] = [];
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  get size(): number {
    return this.clients.length;
  }

  add(client: T): void {
    client.pickerIndex = this.clients.length;
    this.clients.push(client);
  }

  remove(client: T): void {
    const last = this.clients.pop();
    assert(last !== undefined, "remove from an empty picker");
    if (last === client) return;
    this.clients[client.pickerIndex] = last;
    last.pickerIndex = client.pickerIndex;
  }

  next(): T {
    assert(this.clients.length > 0, "nobody to pick");
    return this.clients.length === 1 ? this.clients[0]! : this.clients[this.random.integer(0, this.size - 1)]!;
  }
}
