import fc from "fast-check";
import { expect, test } from "vitest";
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
      const wheel = new TimingWheel();
      wheel.reserve(200);
      let model: Entry[] = [];
      let now = start;
      let next = 0;
      for (const { kind, by } of operations) {
        if (kind === "add") {
          wheel.add(next, now + by);
          model.push({ record: next, at: now + by, order: next });
          next += 1;
        } else if (kind === "remove" && model.length > 0) {
          const [gone] = model.splice(by % model.length, 1);
          wheel.remove(gone!.record);
        } else if (kind === "advance") {
          now += by;
          const due = model.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at || a.order - b.order);
          model = model.filter(({ at }) => at > now);
          for (const { record } of due) expect(wheel.takeDue(now)).toBe(record);
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

test("whoever wakes at nextInstant wakes a handful of times per entry, and at its instant", () => {
  const wheel = new TimingWheel();
  wheel.reserve(1);
  wheel.add(0, 3_600_000_123);
  let wakes = 0;
  let now = 0;
  for (;;) {
    now = wheel.nextInstant();
    wakes += 1;
    if (wheel.takeDue(now) === 0) break;
  }
  expect(now).toBe(3_600_000_123);
  expect(wakes).toBeLessThanOrEqual(8);
  expect(wheel.nextInstant()).toBe(Infinity);
});

test("an overdue entry comes at once; instants beyond the wheel's reach come last", () => {
  const wheel = new TimingWheel();
  wheel.reserve(3);
  wheel.add(0, 50);
  expect(wheel.takeDue(1000)).toBe(0);
  wheel.add(1, 10);
  wheel.add(2, 2 ** 53);
  expect(wheel.nextInstant()).toBeLessThanOrEqual(1000);
  expect(wheel.takeDue(1000)).toBe(1);
  expect(wheel.takeDue(1000)).toBe(-1);
  expect(wheel.takeDue(2 ** 53)).toBe(2);
});

test("clear gives every entry once", () => {
  const wheel = new TimingWheel();
  wheel.reserve(100);
  for (let record = 0; record < 100; record += 1) wheel.add(record, record ** 4);
  const seen = new Set<number>();
  wheel.clear((record) => seen.add(record));
  expect(seen.size).toBe(100);
  expect(wheel.length).toBe(0);
});
