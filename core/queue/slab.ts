import { assert } from "../assert.ts";

/**
 * Where encoded messages live. Bytes sit in pages; a *handle* is a page and an offset in one integer below 2^31. A page
 * counts the holders of what lies in it and is recycled when the last lets go: messages are not counted one by one.
 *
 * So one message that stays long (a *straggler*) keeps its whole page. Two rules bound that waste:
 * 1. Pages are filled by lifetime: messages that must wait share pages with those that wait about as long (the same
 *    power of two of microseconds), so that such a page empties within twice the time that its contents need.
 * 2. Whoever handles a message that stays (requeue, timeout, touch) asks {@link Slab.shouldMove}, and moves it out of a
 *    page that has become sparse. What never is handled again stays no longer than one message timeout.
 */
export type Handle = number;

/** Bytes of a page for ordinary messages. */
export const PAGE_SIZE = 256 * 1024;
/** The first page of a slab, so that a topic with three messages costs little; each next one is twice as large. */
const FIRST_PAGE_SIZE = 2 * 1024;
/** What is larger gets a page of its own, of exactly its size. */
const LARGEST_SHARED = PAGE_SIZE / 8;

const UNIT_BITS = 3;
const OFFSET_BITS = 15;
const OFFSET_MASK = (1 << OFFSET_BITS) - 1;
const MAX_PAGES = 1 << (31 - OFFSET_BITS);

/** A closed page is sparse when fewer than one in so many of its messages is left. */
const SPARSE = 8;

/** Shortest wait that is worth pages of its own: shorter ones cannot waste much. */
const SHORTEST_LIFETIME_BITS = 20;
/** Lifetime 0 is for messages that nobody asked to wait. */
export type Lifetime = number;

/** Of a page with one large message: no other suffers from its staying, so it never moves. */
const ALONE: Lifetime = 99;

/** The lifetime class of a wait in microseconds. */
export function lifetimeOf(wait: number): Lifetime {
  if (wait < 2 ** SHORTEST_LIFETIME_BITS) return 0;
  return Math.floor(Math.log2(wait)) - SHORTEST_LIFETIME_BITS + 1;
}

/** Empty pages of full size, shared by the slabs of one broker: making a page costs more than filling it. */
export class PagePool {
  private readonly free: Uint8Array[] = [];
  private readonly limit: number;

  /** Keeps at most `limit` pages; what comes back beyond that is left to the garbage collector. */
  constructor(limit: number) {
    this.limit = limit;
  }

  take(): Uint8Array {
    return this.free.pop() ?? new Uint8Array(PAGE_SIZE);
  }

  give(page: Uint8Array): void {
    if (page.length === PAGE_SIZE && this.free.length < this.limit) this.free.push(page);
  }
}

const NO_PAGE = new Uint8Array(0);

export class Slab {
  private readonly pool: PagePool;
  /** By page number; a free number has {@link NO_PAGE}. */
  private readonly pages: Uint8Array[] = [];
  /** Holders of what lies in the page, by page number. */
  private readonly holders: number[] = [];
  /** Messages ever put into the page, by page number. */
  private readonly filled: number[] = [];
  private readonly lifetimes: Lifetime[] = [];
  private readonly freeNumbers: number[] = [];
  /** The page that is being filled, by lifetime, and how far; -1: none. */
  private readonly open: number[] = [];
  private readonly openAt: number[] = [];
  private nextPageSize = FIRST_PAGE_SIZE;

  constructor(pool: PagePool) {
    this.pool = pool;
  }

  /** Room for `length` bytes, held once. Contents are whatever was there before. */
  allocate(length: number, lifetime: Lifetime = 0): Handle {
    assert(length > 0, "room for something");
    if (length > LARGEST_SHARED) return this.allocateAlone(length);
    let page = this.open[lifetime] ?? -1;
    let at = this.openAt[lifetime] ?? 0;
    if (page < 0 || at + length > this.pages[page]!.length) {
      page = this.openPage(length, lifetime);
      at = 0;
    }
    const units = (length + (1 << UNIT_BITS) - 1) >> UNIT_BITS;
    this.openAt[lifetime] = at + (units << UNIT_BITS);
    this.holders[page]! += 1;
    this.filled[page]! += 1;
    return (page << OFFSET_BITS) | (at >> UNIT_BITS);
  }

  /** The page of a message. */
  page(handle: Handle): Uint8Array {
    return this.pages[handle >>> OFFSET_BITS]!;
  }

  /** Where in its page a message begins. */
  offset(handle: Handle): number {
    return (handle & OFFSET_MASK) << UNIT_BITS;
  }

  /** Adds holders. */
  retain(handle: Handle, count: number): void {
    this.holders[handle >>> OFFSET_BITS]! += count;
  }

  /** One holder lets go. */
  release(handle: Handle): void {
    const page = handle >>> OFFSET_BITS;
    const left = this.holders[page]! - 1;
    assert(left >= 0, "a message is released too often");
    this.holders[page] = left;
    if (left === 0) this.recycle(page);
  }

  /** Whether a holder that will keep the message for a while should {@link move} it first. */
  shouldMove(handle: Handle, lifetime: Lifetime): boolean {
    const page = handle >>> OFFSET_BITS;
    const own = this.lifetimes[page]!;
    // A neighbouring class is close enough: a delay is a little shorter each time it is looked at.
    if (lifetime > own + 1) return true;
    return this.open[own] !== page && this.holders[page]! * SPARSE < this.filled[page]!;
  }

  /** Moves one holder's message of `length` bytes into a page of that lifetime. Returns its new handle. */
  move(handle: Handle, length: number, lifetime: Lifetime): Handle {
    const moved = this.copyFrom(this, handle, length, lifetime);
    this.release(handle);
    return moved;
  }

  /** Copies a message of (another) slab. Returns its handle here, held once. */
  copyFrom(from: Slab, handle: Handle, length: number, lifetime: Lifetime): Handle {
    const copy = this.allocate(length, lifetime);
    const at = from.offset(handle);
    this.page(copy).set(from.page(handle).subarray(at, at + length), this.offset(copy));
    return copy;
  }

  /** Holders of all messages; 0: nothing is alive. */
  get held(): number {
    let total = 0;
    for (let page = 0; page < this.pages.length; page += 1) total += this.holders[page]!;
    return total;
  }

  /** Bytes of all pages, used or not. */
  get bytes(): number {
    let total = 0;
    for (const page of this.pages) total += page.length;
    return total;
  }

  private allocateAlone(length: number): Handle {
    const page = this.addPage(new Uint8Array(length), ALONE);
    this.holders[page] = 1;
    this.filled[page] = 1;
    return page << OFFSET_BITS;
  }

  private openPage(length: number, lifetime: Lifetime): number {
    const closed = this.open[lifetime] ?? -1;
    let size = this.nextPageSize;
    while (size < length) size *= 2;
    this.nextPageSize = Math.min(size * 2, PAGE_SIZE);
    const page = this.addPage(size === PAGE_SIZE ? this.pool.take() : new Uint8Array(size), lifetime);
    while (this.open.length <= lifetime) {
      this.open.push(-1);
      this.openAt.push(0);
    }
    this.open[lifetime] = page;
    this.openAt[lifetime] = 0;
    if (closed >= 0 && this.holders[closed] === 0) this.drop(closed);
    return page;
  }

  private addPage(bytes: Uint8Array, lifetime: Lifetime): number {
    const page = this.freeNumbers.pop() ?? this.pages.length;
    assert(page < MAX_PAGES, `a slab has at most ${MAX_PAGES} pages`);
    this.pages[page] = bytes;
    this.holders[page] = 0;
    this.filled[page] = 0;
    this.lifetimes[page] = lifetime;
    return page;
  }

  /** A page without holders: the open one starts again at its beginning, any other goes. */
  private recycle(page: number): void {
    const lifetime = this.lifetimes[page]!;
    if (this.open[lifetime] !== page) return this.drop(page);
    this.openAt[lifetime] = 0;
    this.filled[page] = 0;
    return undefined;
  }

  private drop(page: number): void {
    this.pool.give(this.pages[page]!);
    this.pages[page] = NO_PAGE;
    this.freeNumbers.push(page);
  }
}
