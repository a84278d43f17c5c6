import { describe, expect, test } from "vitest";
import { runTwice } from "../../../sim/compare.ts";
import type { FaultSpec } from "../../../sim/scenario/types.ts";
import { at, small } from "../small.ts";
import { count, runWith, told, wrong } from "./told.ts";

function slow(process: string, factor: number, atMs = 500, forMs = 600): FaultSpec {
  return at(atMs, { kind: "slow", process, factor, forMs });
}

/** How long the answer to a publish takes. */
function answerTime(bodyBytes: number): number {
  const workload = [{ topic: "orders", count: 20, everyMs: 50, bodyBytes }];
  const producers = [{ name: "p1", nsqd: ["nsqd1"], workload }];
  const run = runWith([at(0, { kind: "slow", process: "nsqd1", factor: 10 })], { producers });
  const events = [...run.history.events()].filter(({ msg }) => msg === 20);
  const instant = (wanted: string): number => events.find(({ kind }) => kind === wanted)!.atUs;
  return instant("publish-ok") - instant("publish");
}

function work(factor: number): number {
  return count(runWith([slow("c1", factor, 200, 1_500)]), "finish", 200, 1_700);
}

describe("a slow machine", () => {
  test("does what it can, and everything when it is itself again", () => {
    // At 20 ms for each step, what came in the meantime is read at once, but answered later and later.
    const run = runWith([slow("nsqd1", 1_000)]);
    expect(told(run, "fault")).toEqual([
      "500 begin nsqd1 slow 1000 times for 600 ms",
      "1100 end nsqd1 slow 1000 times for 600 ms",
    ]);
    const passed = count(run, "deliver", 510, 1_100);
    expect(passed).toBeGreaterThan(2);
    expect(passed).toBeLessThan(55);
    expect(run.ledger.finished).toBe(100);
    expect(wrong(run)).toEqual([]);
  });

  test("needs longer the more it reads", () => {
    expect(answerTime(100_000)).toBeGreaterThan(answerTime(64) + 9_000);
  });

  test("takes longer for the same work, the higher the factor", () => {
    expect(work(1)).toBeGreaterThan(work(2_000));
    expect(work(2_000)).toBeGreaterThan(work(20_000));
  });

  test("stays slow when its process is started again, until the heal", () => {
    const run = runWith([
      at(300, { kind: "slow", process: "c1", factor: 2_000 }),
      at(600, { kind: "kill", process: "c1", restartAfterMs: 100 }),
    ]);
    expect(count(run, "finish", 800, 2_000)).toBeLessThan(40);
    expect(told(run, "fault").at(-1)).toBe("2000 end c1 slow 2000 times");
    expect(run.ledger.finished).toBe(100);
    expect(wrong(run)).toEqual([]);
  });

  test("the latest of two counts, and the earlier again after it", () => {
    const workload = [{ topic: "orders", count: 180, everyMs: 10 }];
    const producers = [{ name: "p1", nsqd: ["nsqd1"], workload }];
    const both = runWith([slow("nsqd1", 10, 200, 1_600), slow("nsqd1", 10_000, 600, 400)], { producers });
    expect(count(both, "publish-ok", 250, 600)).toBeGreaterThan(30);
    expect(count(both, "publish-ok", 610, 1_000)).toBeLessThan(30);
    expect(count(both, "publish-ok", 1_100, 1_800)).toBeGreaterThan(40);
    expect(wrong(both)).toEqual([]);
  });

  test("does nothing to a process that is dead, and a pause stops it altogether", () => {
    expect(runWith([at(100, { kind: "kill", process: "c1" }), slow("c1", 10)]).faultsFired).toBe(1);
    const paused = runWith([slow("nsqd1", 100), at(600, { kind: "pause", process: "nsqd1", forMs: 300 })]);
    expect(count(paused, "broker-send", 601, 900)).toBe(0);
    expect(paused.ledger.finished).toBe(100);
    expect(wrong(paused)).toEqual([]);
  });

  test("is the same each time", () => {
    const scenario = small({ faults: [slow("nsqd1", 700), slow("c1", 900, 800)] });
    expect(runTwice(scenario).divergence).toBeNull();
  });
});
