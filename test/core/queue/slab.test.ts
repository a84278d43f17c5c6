import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Handle, lifetimeOf, PAGE_SIZE, PagePool, Slab } from "../../../core/queue/slab.ts";

interface Live {
  handle: Handle;
  readonly fill: number;
  readonly length: number;
  holders: number;
}

const length = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 300, max: 80_000 }));
const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("allocate" as const), value: length }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("release" as const), value: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("retain" as const), value: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("move" as const), value: fc.nat() }) },
);

function isIntact(slab: Slab, { handle, fill, length }: Live): boolean {
  const at = slab.offset(handle);
  return slab
    .page(handle)
    .subarray(at, at + length)
    .every((byte) => byte === fill);
}

test("what is held stays as it was written, and nothing held means nothing kept", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 150 }), (operations) => {
      const slab = new Slab(new PagePool(2));
      const live: Live[] = [];
      let fill = 0;
      for (const { kind, value } of operations) {
        if (kind === "allocate") {
          fill = (fill + 1) % 256;
          const handle = slab.allocate(value, value % 3);
          slab.page(handle).fill(fill, slab.offset(handle), slab.offset(handle) + value);
          live.push({ handle, fill, length: value, holders: 1 });
          continue;
        }
        const one = live[value % Math.max(1, live.length)];
        if (one === undefined) continue;
        expect(isIntact(slab, one)).toBe(true);
        if (kind === "retain") {
          slab.retain(one.handle, 2);
          one.holders += 2;
        } else if (kind === "move" && one.holders === 1) {
          one.handle = slab.move(one.handle, one.length, value % 5);
        } else {
          slab.release(one.handle);
          one.holders -= 1;
          if (one.holders === 0) live.splice(live.indexOf(one), 1);
        }
      }
      for (const one of live) {
        expect(isIntact(slab, one)).toBe(true);
        for (; one.holders > 0; one.holders -= 1) slab.release(one.handle);
      }
      // At most the pages that are open for filling remain, one for each lifetime.
      expect(slab.bytes).toBeLessThanOrEqual(5 * PAGE_SIZE);
    }),
    { numRuns: 60 },
  );
});

test("releasing what nobody holds is a mistake of ours", () => {
  const slab = new Slab(new PagePool(1));
  const handle = slab.allocate(10);
  slab.release(handle);
  expect(() => slab.release(handle)).toThrow("released too often");
});

test("an empty page that is too small for what comes next is given back", () => {
  const slab = new Slab(new PagePool(4));
  slab.release(slab.allocate(100));
  slab.allocate(30_000);
  expect(slab.bytes).toBe(32_768);
});

test("a page that was emptied and filled again counts from its refilling", () => {
  const slab = new Slab(new PagePool(4));
  for (let index = 0; index < 1000; index += 1) slab.release(slab.allocate(200));
  const first = slab.allocate(200);
  for (let index = 0; index < 20; index += 1) slab.allocate(200);
  expect(slab.shouldMove(first, 0)).toBe(false);
});

describe("stragglers", () => {
  test("a message moves out of a page that has become sparse", () => {
    const slab = new Slab(new PagePool(4));
    const handles = Array.from({ length: 20_000 }, () => slab.allocate(200));
    const [first = 0, ...others] = handles;
    expect(slab.shouldMove(first, 0)).toBe(false);
    for (const handle of others) slab.release(handle);
    expect(slab.shouldMove(first, 0)).toBe(true);
    const moved = slab.move(first, 200, 0);
    expect(slab.shouldMove(moved, 0)).toBe(false);
    expect(slab.bytes).toBeLessThanOrEqual(PAGE_SIZE);
  });

  test("a large message has a page of its own and stays there", () => {
    const slab = new Slab(new PagePool(4));
    const handle = slab.allocate(1_000_000);
    expect(slab.bytes).toBe(1_000_000);
    expect(slab.shouldMove(handle, 12)).toBe(false);
    slab.release(handle);
    expect(slab.bytes).toBe(0);
  });

  test("one long wait per thousand messages does not keep the memory of the thousand", () => {
    const slab = new Slab(new PagePool(0));
    const kept: Handle[] = [];
    for (let index = 0; index < 200_000; index += 1) {
      const handle = slab.allocate(200);
      if (index % 1000 === 0) {
        const wait = lifetimeOf(3_600_000_000);
        expect(slab.shouldMove(handle, wait)).toBe(true);
        kept.push(slab.move(handle, 200, wait));
      } else {
        slab.release(handle);
      }
    }
    expect(kept.length).toBe(200);
    // 40 kB are held; 40 MB went through.
    expect(slab.bytes).toBeLessThan(2 * PAGE_SIZE);
  });

  test("classes of lifetime are powers of two of microseconds", () => {
    expect(lifetimeOf(0)).toBe(0);
    expect(lifetimeOf(1_000_000)).toBe(0);
    expect(lifetimeOf(2 ** 20)).toBe(1);
    expect(lifetimeOf(2 ** 21)).toBe(2);
    expect(lifetimeOf(3_600_000_000)).toBe(12);
  });
});
