/** A queue that is emptier than one in so many gives memory back. */
const SHRINK_AT = 8;
/** No smaller queue is worth the copying. */
const SMALLEST_SHRUNK = 1_024;

/** First in, first out, in a ring that grows and shrinks by powers of two: both ends cost the same however long it is. */
export class Fifo<T> {
  private items: (T | undefined)[] = [undefined, undefined, undefined, undefined];
  private head = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(item: T): void {
    if (this.count === this.items.length) this.resize(this.count * 2);
    this.items[(this.head + this.count) & (this.items.length - 1)] = item;
    this.count += 1;
  }

  /** The oldest, which stays. */
  peek(): T | undefined {
    return this.items[this.head];
  }

  /** @param index 0 is the oldest. */
  at(index: number): T | undefined {
    return index < this.count ? this.items[(this.head + index) & (this.items.length - 1)] : undefined;
  }

  shift(): T | undefined {
    if (this.count === 0) return undefined;
    const { items, head } = this;
    const item = items[head];
    items[head] = undefined;
    this.head = (head + 1) & (items.length - 1);
    this.count -= 1;
    if (items.length > SMALLEST_SHRUNK && this.count * SHRINK_AT < items.length) this.resize(items.length / 2);
    return item;
  }

  private resize(capacity: number): void {
    const items: (T | undefined)[] = [];
    for (let index = 0; index < capacity; index += 1) items.push(this.at(index));
    this.items = items;
    this.head = 0;
  }
}
