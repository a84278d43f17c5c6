import { describe, expect, test } from "vitest";
import { runTwice } from "../../../sim/compare.ts";
import type { FaultSpec, Scenario } from "../../../sim/scenario/types.ts";
import { at, small } from "../small.ts";
import { count, runWith, told, wrong } from "./told.ts";

const link = ["p1", "nsqd1"] as const;

function narrow(
  bytesPerSecond: number,
  more: Partial<Extract<FaultSpec["do"], { kind: "bandwidth" }>> = {},
): FaultSpec {
  return at(500, { kind: "bandwidth", link, bytesPerSecond, forMs: 1_000, ...more });
}

/** A message each 10 ms, of 1,000 bytes: 100,000 bytes a second. */
const heavy: Pick<Scenario, "producers"> = {
  producers: [
    { name: "p1", nsqd: ["nsqd1"], workload: [{ topic: "orders", count: 150, everyMs: 10, bodyBytes: 1_000 }] },
  ],
};

describe("a narrow link", () => {
  test("lets so many bytes through, and what has queued up when it is wide again", () => {
    const run = runWith([narrow(20_000)], heavy);
    const passed = count(run, "broker-accept", 510, 1_500);
    // 990 ms at 20,000 bytes/s, and 1,018 bytes each.
    expect(passed).toBeGreaterThanOrEqual(17);
    expect(passed).toBeLessThanOrEqual(20);
    expect(count(run, "broker-accept", 1_500, 1_510)).toBeGreaterThan(75);
    expect(told(run, "fault")[0]).toBe("500 begin p1 bandwidth of 20000 bytes/s for 1000 ms");
    expect(run.ledger.finished).toBe(150);
    expect(wrong(run)).toEqual([]);
  });

  test("does not slow what needs less, beyond the time its bytes take", () => {
    const run = runWith([narrow(1_000_000)], heavy);
    expect(count(run, "broker-accept", 520, 1_480)).toBeGreaterThanOrEqual(95);
    expect(wrong(run)).toEqual([]);
  });

  test("is narrow in one direction only, if it says so", () => {
    const backward = runWith([narrow(100, { direction: "backward" })], heavy);
    expect(count(backward, "broker-accept", 500, 1_500)).toBeGreaterThan(90);
    // An OK is ten bytes.
    expect(count(backward, "publish-ok", 520, 1_500)).toBeLessThanOrEqual(10);
    expect(wrong(backward)).toEqual([]);
  });

  test("the narrower of two counts", () => {
    const run = runWith([narrow(100_000), narrow(10_000, { forMs: 500 })], heavy);
    expect(count(run, "broker-accept", 510, 1_000)).toBeLessThanOrEqual(5);
    // Then the wider one: what had queued up for 500 ms takes as long again, and more comes meanwhile.
    expect(count(run, "broker-accept", 1_010, 1_500)).toBeGreaterThan(10);
    expect(wrong(run)).toEqual([]);
  });

  test("ends with the heal, holds through a partition, and is the same each time", () => {
    const faults = [narrow(5_000), at(700, { kind: "partition", link, forMs: 400 })];
    const { first, divergence } = runTwice(small({ ...heavy, faults }));
    expect(divergence).toBeNull();
    expect(count(first, "broker-accept", 700, 1_100)).toBe(0);
    expect(first.ledger.finished).toBe(150);
    expect(wrong(first)).toEqual([]);
  });
});
