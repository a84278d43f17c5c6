import fc from "fast-check";
import { expect, test } from "vitest";
import { Records } from "../../../core/queue/records.ts";
import { TimingWheel } from "../../../core/queue/wheel.ts";

interface Entry {
  readonly record: number;
  readonly at: number;
  readonly order: number;
}

const distance = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 100_000 }),
  fc.integer({ min: 0, max: 4_000_000_000 }),
  fc.integer({ min: 0, max: 2 ** 45 }),
);
const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("add" as const), by: distance }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const), by: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("advance" as const), by: distance }) },
);

test("a wheel gives entries back in the order of their instants, equal ones in that of their adding", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 }), fc.array(operation, { maxLength: 120 }), (start, operations) => {
      const records = new Records(8);
      const wheel = new TimingWheel(records);
      let model: Entry[] = [];
      let now = start;
      let next = 0;
      for (const { kind, by } of operations) {
        if (kind === "add") {
          const record = records.take();
          wheel.add(record, now + by);
          model.push({ record, at: now + by, order: next });
          next += 1;
        } else if (kind === "remove" && model.length > 0) {
          const [gone] = model.splice(by % model.length, 1);
          wheel.remove(gone!.record);
          records.give(gone!.record);
        } else if (kind === "advance") {
          now += by;
          const due = model.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at || a.order - b.order);
          model = model.filter(({ at }) => at > now);
          for (const { record } of due) {
            expect(wheel.takeDue(now)).toBe(record);
            records.give(record);
          }
          expect(wheel.takeDue(now)).toBe(-1);
        }
        expect(wheel.length).toBe(model.length);
        // A lower bound of the earliest instant, so that a timer set for it is never late.
        const earliest = Math.min(...model.map(({ at }) => at));
        expect(wheel.nextInstant()).toBeLessThanOrEqual(earliest);
      }
    }),
    { numRuns: 300 },
  );
});

/** A wheel, and so many records to put into it. */
function wheelOf(count: number): { wheel: TimingWheel; all: number[] } {
  const records = new Records(8);
  return { wheel: new TimingWheel(records), all: Array.from({ length: count }, () => records.take()) };
}

test("few entries are told exactly; many cost a handful of wakes on the way", () => {
  const { wheel, all } = wheelOf(100);
  wheel.add(all[0]!, 3_600_000_123);
  wheel.add(all[1]!, 3_600_000_122);
  expect(wheel.nextInstant()).toBe(3_600_000_122);
  for (const record of all.slice(2)) wheel.add(record, 3_600_000_124);
  let wakes = 0;
  for (let taken = 0; taken < 100; wakes += 1) {
    const now = wheel.nextInstant();
    while (wheel.takeDue(now) !== -1) taken += 1;
  }
  expect(wakes).toBeLessThanOrEqual(10);
  expect(wheel.nextInstant()).toBe(Infinity);
});

test("an overdue entry comes at once; instants beyond the wheel's reach come last", () => {
  const { wheel, all } = wheelOf(3);
  const [first = -1, second = -1, third = -1] = all;
  wheel.add(first, 50);
  expect(wheel.takeDue(1000)).toBe(first);
  wheel.add(second, 10);
  wheel.add(third, 2 ** 53);
  expect(wheel.nextInstant()).toBeLessThanOrEqual(1000);
  expect(wheel.takeDue(1000)).toBe(second);
  expect(wheel.takeDue(1000)).toBe(-1);
  expect(wheel.takeDue(2 ** 53)).toBe(third);
});

test("clear gives every entry once", () => {
  const { wheel, all } = wheelOf(100);
  for (const [index, record] of all.entries()) wheel.add(record, index ** 4);
  const seen = new Set<number>();
  wheel.clear((record) => seen.add(record));
  expect(seen.size).toBe(100);
  expect(wheel.length).toBe(0);
});
