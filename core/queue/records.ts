import { assert } from "../assert.ts";

const FIRST_CAPACITY = 16;
const END = -1;

/** Hands out the numbers of records that live in columns, dense from 0; numbers given back are used again. */
export class RecordNumbers {
  private nextFree = new Int32Array(0);
  private firstFree = END;
  private readonly grow: (capacity: number) => void;

  /** `grow` makes the columns longer; called before a number beyond their length is handed out. */
  constructor(grow: (capacity: number) => void) {
    this.grow = grow;
  }

  take(): number {
    if (this.firstFree === END) this.double();
    const record = this.firstFree;
    this.firstFree = this.nextFree[record]!;
    return record;
  }

  give(record: number): void {
    assert(record >= 0 && record < this.nextFree.length, `record ${record} was never handed out`);
    this.nextFree[record] = this.firstFree;
    this.firstFree = record;
  }

  private double(): void {
    const before = this.nextFree.length;
    const capacity = before === 0 ? FIRST_CAPACITY : before * 2;
    this.grow(capacity);
    const nextFree = new Int32Array(capacity);
    for (let record = before; record < capacity; record += 1) nextFree[record] = record + 1;
    nextFree[capacity - 1] = END;
    this.nextFree = nextFree;
    this.firstFree = before;
  }
}
