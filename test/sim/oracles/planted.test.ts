import { describe, expect, test } from "vitest";
import { simulate } from "../../../sim/run.ts";
import { PROPERTY_IDS } from "../../../sim/scenario/types.ts";
import { BROKER_BUGS } from "./broker-bugs.ts";
import { SAMPLE } from "./sample.ts";

/** Nothing in the sample concerns these: tests of their own plant bugs for them. */
const ELSEWHERE: readonly string[] = ["P3", "P12", "P13", "P14", "P15", "P18", "P21"];
const JUDGED = PROPERTY_IDS.filter((id) => !ELSEWHERE.includes(id));

describe("a broker with a planted bug, in the simulator", () => {
  test("without one every oracle has something to look at, and passes", () => {
    const run = simulate(SAMPLE);
    const outcomes = Object.fromEntries(run.verdicts.map(({ property, outcome }) => [property, outcome]));
    const expected = PROPERTY_IDS.map((id) => [id, ELSEWHERE.includes(id) ? "unknown" : "pass"]);
    expect(outcomes).toEqual(Object.fromEntries(expected));
    const { duplicates, losses, late } = run.ledger;
    const unexplained = [...duplicates, ...losses, ...late].filter(({ licence }) => licence === null);
    expect(unexplained).toEqual([]);
    expect(new Set(duplicates.map(({ licence }) => licence))).toEqual(new Set(["requeue", "timeout"]));
  });

  test.each(BROKER_BUGS)("$name: $caught", ({ plant, caught }) => {
    const remove = plant();
    try {
      const { verdicts, outcome } = simulate(SAMPLE);
      const failed = verdicts.filter((verdict) => verdict.outcome === "fail").map(({ property }) => property);
      expect(failed).toEqual(expect.arrayContaining([...caught]));
      expect(outcome).toBe("fail");
    } finally {
      remove();
    }
  });

  test("every oracle is tried", () => {
    expect(new Set(BROKER_BUGS.flatMap(({ caught }) => caught))).toEqual(new Set(JUDGED));
  });

  test("the bugs are out again", () => {
    expect(simulate(SAMPLE).verdicts.every(({ outcome }) => outcome !== "fail")).toBe(true);
  });
});
