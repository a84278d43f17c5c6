import fc from "fast-check";
import { expect, test } from "vitest";
import { GO_DISKQUEUE, REPAIRED } from "../../../core/storage/policy.ts";
import { type Action, actions, QueueOnDisk } from "./queue-weather.ts";

function survive(list: readonly Action[]): QueueOnDisk {
  const queue = new QueueOnDisk(REPAIRED);
  for (const action of list) queue.perform(action);
  queue.settle();
  queue.drain();
  expect(queue.depth).toBe(0);
  return queue;
}

test("what was accepted is delivered, and nothing else, while the machine has power", () => {
  fc.assert(
    fc.property(actions("stop", "kill"), (list) => {
      const queue = survive(list);
      const taken = new Set(queue.taken);
      expect([...queue.accepted.keys()].filter((number) => !taken.has(number))).toEqual([]);
      expect(queue.taken.filter((number) => number < 0 || queue.refused.has(number))).toEqual([]);
      expect(queue.names.filter((name) => name.endsWith(".bad"))).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

test.each(["dark", "torn"] as const)("what was synced survives a loss of power: %s", (how) => {
  fc.assert(
    fc.property(actions("stop", "kill"), actions(how, "kill"), (before, after) => {
      const queue = new QueueOnDisk(REPAIRED);
      for (const action of before) queue.perform(action);
      queue.settle();
      const synced = [...queue.accepted.keys()];
      for (const action of after) queue.perform(action);
      queue.settle();
      queue.drain();
      const taken = new Set(queue.taken);
      if (after.every(({ kind }) => kind !== "empty"))
        expect(synced.filter((number) => !taken.has(number))).toEqual([]);
      // Rubbish in a torn sector cannot be told from a message: records have no checksum (diskqueue §2.1).
      if (how === "dark") expect(queue.taken.filter((number) => number < 0)).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

test("go-diskqueue, too, goes on whatever happens", () => {
  fc.assert(
    fc.property(actions("stop", "kill", "dark", "torn"), (list) => {
      const queue = new QueueOnDisk(GO_DISKQUEUE);
      for (const action of list) queue.perform(action);
      queue.settle();
      queue.drain();
      expect(queue.depth).toBe(0);
    }),
    { numRuns: 300 },
  );
});
