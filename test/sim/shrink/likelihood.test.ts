import { expect, test } from "vitest";
import { simulate } from "../../../sim/run.ts";
import type { Scenario } from "../../../sim/scenario/types.ts";
import { failuresOf } from "../../../sim/shrink/failure.ts";
import { likelihoodCurve } from "../../../sim/shrink/likelihood.ts";
import { failedAt } from "../../../sim/shrink/story.ts";
import { small } from "../small.ts";

/** Each message has one chance in four to be forgotten; the first that is decides the run. */
const CHANCE: Scenario = small({
  durationMs: 4_000,
  nsqd: [{ name: "nsqd1", options: { "msg-timeout": "1s" } }],
  producers: [{ name: "p1", nsqd: ["nsqd1"], workload: [{ topic: "orders", startMs: 1_000, count: 1, everyMs: 0 }] }],
  consumers: [
    {
      name: "c1",
      nsqd: ["nsqd1"],
      topic: "orders",
      channel: "billing",
      handler: [{ when: { attempts: 1, percent: 25 }, outcome: "silent" }],
    },
  ],
  expect: { duplicates: { timeout: 0 } },
});

test("what chance decides is uncertain before, and certain after", () => {
  const seeds = Array.from({ length: 40 }, (_, seed) => simulate({ ...CHANCE, seed }));
  const run = seeds.find(({ outcome }) => outcome === "fail")!;
  const failure = failuresOf(run)[0]!;
  const curve = [...likelihoodCurve(run, failure, { points: 9, reruns: 12 })].reverse();
  expect(curve[0]!.atUs).toBe(0);
  expect(curve.at(-1)!.atUs).toBe(failedAt(run, failure));
  for (const { atUs, failed } of curve) {
    // It is forgotten a few milliseconds after it was published at 1 s.
    if (atUs <= 1_000_000) expect(failed).toBeLessThan(12);
    if (atUs >= 1_300_000) expect(failed).toBe(12);
  }
  expect(curve[0]!.failed).toBeGreaterThan(0);
});

test("what was drawn before the new choices stays as it was", () => {
  const run = simulate(CHANCE);
  const again = simulate(CHANCE, { reseed: { atUs: run.virtualUs + 1, seed: 99 } });
  expect(again.hash).toBe(run.hash);
  const other = simulate(small(), { reseed: { atUs: 1_000_000, seed: 99 } });
  const before = simulate(small());
  expect(other.hash).not.toBe(before.hash);
  const rows = before.history.at.findIndex((at) => at >= 1_000_000);
  for (let row = 0; row < rows; row += 1) expect(other.history.event(row)).toEqual(before.history.event(row));
});
