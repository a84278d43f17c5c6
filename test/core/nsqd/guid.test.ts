import fc from "fast-check";
import { expect, test } from "vitest";
import { IdGenerator, Timestamp } from "../../../core/nsqd/guid.ts";

const EPOCH_UNITS = 1_288_834_974_288n;

function nanoseconds({ high, low }: { high: number; low: number }): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

test("a timestamp is the wall clock in nanoseconds", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_400_000_000_000_000, max: 9_000_000_000_000_000 }), (wall) => {
      const time = new Timestamp();
      time.set(wall);
      expect(nanoseconds(time)).toBe(BigInt(wall) * 1000n);
      expect(BigInt(time.unit)).toBe(((BigInt(wall) * 1000n) >> 20n) - EPOCH_UNITS);
    }),
  );
});

test("an id is unit, node and sequence", () => {
  const time = new Timestamp();
  time.set(1_767_225_600_000_000);
  const ids = new IdGenerator(617);
  ids.next(time.unit);
  ids.next(time.unit);
  const unit = ((1_767_225_600_000_000n * 1000n) >> 20n) - EPOCH_UNITS;
  expect(nanoseconds(ids)).toBe((unit << 22n) | (617n << 12n) | 1n);
});

test("ids increase whatever the clock does, and never block", () => {
  const steps = fc.array(fc.record({ by: fc.integer({ min: -3, max: 3 }), count: fc.nat(6000) }), { maxLength: 8 });
  fc.assert(
    fc.property(steps, (moves) => {
      const ids = new IdGenerator(1023);
      let unit = 477_000_000_000;
      let last = -1n;
      for (const { by, count } of moves) {
        unit += by;
        for (let index = 0; index < count; index += 1) {
          ids.next(unit);
          const id = nanoseconds(ids);
          if (id <= last || ((id >> 12n) & 1023n) !== 1023n) throw new Error(`${id} after ${last}`);
          last = id;
        }
      }
    }),
    { numRuns: 20 },
  );
});

test("a clock that went back borrows from the units ahead, and gives back when it has caught up", () => {
  const ids = new IdGenerator(0);
  ids.next(100);
  for (let index = 0; index < 4096; index += 1) ids.next(50);
  expect(nanoseconds(ids) >> 22n).toBe(101n);
  ids.next(102);
  expect(nanoseconds(ids)).toBe(102n << 22n);
});
