/**
 * What the broker's structures cost per operation, small and large: `node --import tsx test/bench/structures.ts`.
 * mitata, because these are tens of nanoseconds.
 */
import { bench, group, run } from "mitata";
import { InFlightSet } from "../../core/nsqd/inflight.ts";
import { PairRing } from "../../core/queue/ring.ts";
import { PagePool, Slab } from "../../core/queue/slab.ts";
import { randomStream } from "../../core/random.ts";

const SIZES = [1_000, 1_000_000];
const SPREAD_US = 60_000_000;
const FRAME_BYTES = 234;

for (const size of SIZES) {
  group(`${size} held`, () => {
    ring(size);
    inFlight(size);
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

function inFlight(size: number): void {
  const held = new InFlightSet();
  const random = randomStream(1, "ids");
  const highs = Uint32Array.from({ length: size }, () => random.uint32());
  for (let low = 0; low < size; low += 1) held.add(highs[low]!, low, 0, 1, 1, 0, random.integer(1, SPREAD_US));
  let low = 0;
  bench("in flight: find, remove, add", () => {
    // A stride that shares no factor with the sizes: every message in turn, none beside the last.
    low = (low + 7_919) % size;
    held.remove(held.find(highs[low]!, low));
    held.add(highs[low]!, low, 0, 1, 1, 0, 1 + low * 59);
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
