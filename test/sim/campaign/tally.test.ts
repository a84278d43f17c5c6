import { describe, expect, test } from "vitest";
import { judgeSeed, type SeedResult } from "../../../sim/campaign/seed.ts";
import { mergeTallies, neverReached, type SeedRange, Tallying } from "../../../sim/campaign/tally.ts";
import { MARK_NAMES } from "../../../sim/marks/marks.ts";
import { RunError, simulate } from "../../../sim/run.ts";

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);
const RESULTS = SEEDS.map((seed) => judgeSeed(seed, "small", simulate));

function tally(results: readonly SeedResult[], covered: SeedRange) {
  const tallying = new Tallying();
  for (const result of results) tallying.add(result);
  return tallying.tally("small", [covered]);
}

const every = (step: number, offset: number) =>
  tally(
    RESULTS.filter((_, index) => index % step === offset),
    { from: offset + 1, step, count: RESULTS.length / step },
  );

describe("a tally", () => {
  const whole = tally(RESULTS, { from: 1, step: 1, count: 12 });

  test("does not depend on the order of the runs", () => {
    expect(tally([...RESULTS].reverse(), { from: 1, step: 1, count: 12 })).toEqual(whole);
    expect(whole.seeds).toBe(12);
    expect(whole.delivered).toBe(RESULTS.reduce((sum, { delivered }) => sum + delivered, 0));
  });

  test("of shards, merged, is that of the whole", () => {
    const merged = mergeTallies([every(3, 2), every(3, 0), every(3, 1)])!;
    expect({ ...merged, covered: whole.covered }).toEqual(whole);
  });

  test("is not merged with one that has a seed in common", () => {
    expect(mergeTallies([every(3, 0), every(2, 0)])).toBeNull();
    expect(mergeTallies([whole, whole])).toBeNull();
    expect(mergeTallies([every(2, 0), every(2, 1)])).not.toBeNull();
  });

  test("is not merged with one of another size", () => {
    expect(mergeTallies([every(2, 0), { ...every(2, 1), size: "swarm" }])).toBeNull();
  });

  test("has another fingerprint when one run is another", () => {
    const changed = RESULTS.with(4, { ...RESULTS[4]!, hash: "0".repeat(16) });
    expect(tally(changed, { from: 1, step: 1, count: 12 }).fingerprint).not.toBe(whole.fingerprint);
    const swapped = RESULTS.with(4, { ...RESULTS[5]!, seed: 5 }).with(5, { ...RESULTS[4]!, seed: 6 });
    expect(tally(swapped, { from: 1, step: 1, count: 12 }).fingerprint).not.toBe(whole.fingerprint);
  });

  test("knows how long nothing new has come about", () => {
    const tallying = new Tallying();
    tallying.add(RESULTS[0]!);
    expect(tallying.sinceNew).toBe(0);
    for (let again = 0; again < 3; again += 1) tallying.add(RESULTS[0]!);
    expect(tallying.sinceNew).toBe(3);
  });

  test("names what was never reached", () => {
    const never = neverReached(whole);
    expect(never.length).toBeLessThan(MARK_NAMES.length);
    expect(neverReached(tally([], { from: 1, step: 1, count: 0 }))).toEqual(MARK_NAMES);
  });
});

test("a run in which nsqlab itself fails is a failure", () => {
  const result = judgeSeed(3, "small", (scenario) => {
    throw new RunError(scenario.name, "nsqd1", 0, new Error("out of cheese"));
  });
  expect(result).toMatchObject({ seed: 3, outcome: "fail", failures: ["error Error: out of cheese"] });
});
