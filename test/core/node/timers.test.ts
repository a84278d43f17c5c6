import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NodeClock } from "../../../core/node/clock.ts";
import { createNodeHost } from "../../../core/node/host.ts";
import { NodeTimers } from "../../../core/node/timers.ts";

const host = createNodeHost({ log: () => {} });

describe("timers", () => {
  test("never early, in the order of their instants, equal ones in the order of their creation", async () => {
    const began = host.now();
    const offsets = [7000, 300, 2000, 300, 0, 4500, 2000];
    const fired: { index: number; at: number }[] = [];
    await new Promise<void>((resolve) => {
      offsets.forEach((offset, index) => {
        host.timer(began + offset, () => {
          fired.push({ index, at: host.now() });
          if (fired.length === offsets.length) resolve();
        });
      });
    });
    expect(fired.map(({ index }) => index)).toEqual([4, 1, 3, 2, 6, 5, 0]);
    for (const { index, at } of fired) expect(at - began).toBeGreaterThanOrEqual(offsets[index] ?? 0);
  });

  test("one created while another fires waits for the next turn, even when it is due", async () => {
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      host.timer(host.now(), () => {
        order.push("first");
        host.timer(host.now(), () => order.push("created while firing"));
        setImmediate(() => order.push("next turn"));
      });
      host.timer(host.now(), () => order.push("second"));
      host.timer(host.now() + 5000, resolve);
    });
    expect(order).toEqual(["first", "second", "next turn", "created while firing"]);
  });

  test("whatever is cancelled does not fire; the others fire in order", () => {
    const instants = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 60 });
    const property = fc.property(instants, fc.array(fc.nat(59)), (instantList, cancelled) => {
      const timers = new NodeTimers(() => 0);
      const created = instantList.map((at) => timers.add(1_000_000 + at, () => {}));
      const doomed = new Set(cancelled.map((index) => created[index % created.length]));
      for (const timer of doomed) {
        timer?.cancel();
        timer?.cancel();
      }
      const heap = (timers as unknown as { heap: { at: number; position: number }[] }).heap;
      expect(heap).toHaveLength(created.length - doomed.size);
      heap.forEach((timer, position) => {
        expect(timer.position).toBe(position);
        const parent = heap[(position - 1) >> 1];
        if (parent !== undefined) expect(parent.at).toBeLessThanOrEqual(timer.at);
      });
      for (const timer of created) timer.cancel();
    });
    fc.assert(property);
  });
});

describe("the end of a step", () => {
  test("tasks run in their order, those they add as well, before a timer", async () => {
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      host.timer(host.now() + 3000, () => {
        order.push("timer");
        resolve();
      });
      host.endOfStep(() => {
        order.push("a");
        host.endOfStep(() => order.push("c"));
      });
      host.endOfStep(() => order.push("b"));
    });
    expect(order).toEqual(["a", "b", "c", "timer"]);
  });
});

describe("clocks", () => {
  test("the monotonic clock gives integers and does not go back", () => {
    const clock = new NodeClock();
    let last = clock.now();
    for (let round = 0; round < 10_000; round++) {
      const now = clock.now();
      expect(Number.isInteger(now) && now >= last).toBe(true);
      last = now;
    }
  });

  test("the wall clock agrees with the system's to the millisecond", () => {
    const before = Date.now() * 1000;
    const wall = new NodeClock().wallNow();
    expect(Number.isInteger(wall)).toBe(true);
    expect(wall).toBeGreaterThanOrEqual(before);
    expect(wall).toBeLessThanOrEqual(Date.now() * 1000 + 999);
  });
});

function draw(seed: number, name: string): number {
  const seeded = createNodeHost({ seed, log: () => {} });
  return seeded.random(name).uint32();
}

test("random streams depend on the seed and their name only", () => {
  expect(draw(1, "a")).toBe(draw(1, "a"));
  expect(draw(1, "a")).not.toBe(draw(1, "b"));
  expect(draw(1, "a")).not.toBe(draw(2, "a"));
  expect(host.random("x")).toBe(host.random("x"));
});
