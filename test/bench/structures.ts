/**
 * What the broker's structures cost per operation, small and large: `node --import tsx test/bench/structures.ts`.
 * mitata, because these are tens of nanoseconds.
 */
import { bench, do_not_optimize, group, run } from "mitata";
import { IdTable } from "../../core/queue/idtable.ts";
import { PairRing } from "../../core/queue/ring.ts";
import { PagePool, Slab } from "../../core/queue/slab.ts";
import { TimingWheel } from "../../core/queue/wheel.ts";
import { randomStream } from "../../core/random.ts";

const SIZES = [1_000, 1_000_000];
const SPREAD_US = 60_000_000;
const FRAME_BYTES = 234;

for (const size of SIZES) {
  group(`${size} held`, () => {
    ring(size);
    idTable(size);
    wheel(size);
    slab(size);
  });
}

function ring(size: number): void {
  const held = new PairRing();
  for (let index = 0; index < size; index += 1) held.push(index, 1);
  bench("ring: shift, push", () => {
    const first = held.peekFirst();
    held.shift();
    held.push(first, 1);
  });
}

function idTable(size: number): void {
  const held = new IdTable();
  held.reserve(size);
  const random = randomStream(1, "ids");
  for (let record = 0; record < size; record += 1) held.add(record, random.uint32(), record);
  let record = 0;
  bench("id table: find, remove, add", () => {
    // A stride that shares no factor with the sizes: every record in turn, none beside the last.
    record = (record + 7_919) % size;
    const high = held.high(record);
    do_not_optimize(held.find(high, record));
    held.remove(record);
    held.add(record, high, record);
  });
}

function wheel(size: number): void {
  const held = new TimingWheel();
  held.reserve(size);
  const random = randomStream(1, "deadlines");
  for (let record = 0; record < size; record += 1) held.add(record, random.integer(1, SPREAD_US));
  let record = 0;
  bench("wheel: remove, add", () => {
    record = (record + 7_919) % size;
    const at = held.at(record);
    held.remove(record);
    held.add(record, at);
  });
}

function slab(size: number): void {
  const held = new Slab(new PagePool(64));
  const handles = new Float64Array(size);
  for (let index = 0; index < size; index += 1) handles[index] = held.allocate(FRAME_BYTES);
  let oldest = 0;
  bench("slab: release the oldest, allocate", () => {
    held.release(handles[oldest]!);
    handles[oldest] = held.allocate(FRAME_BYTES);
    oldest = (oldest + 1) % size;
  });
}

await run();
