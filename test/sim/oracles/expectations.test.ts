import { describe, expect, test } from "vitest";
import { History } from "../../../sim/history.ts";
import { checkExpectations, countByLicence, outcomeOf } from "../../../sim/oracles/expectations.ts";
import type { Ledger, LedgerEntry, Verdict } from "../../../sim/result.ts";
import type {
  DuplicateLicence,
  Expectations,
  LateLicence,
  LossLicence,
  Outcome,
  PropertyId,
} from "../../../sim/scenario/types.ts";
import { storyScenario } from "./story.ts";

function verdict(property: PropertyId, outcome: Outcome, looked = outcome === "unknown" ? 0 : 5): Verdict {
  return { property, outcome, summary: "", looked, violations: [], violationCount: outcome === "fail" ? 1 : 0 };
}

function entries<L extends string>(...licences: (L | null)[]): LedgerEntry<L>[] {
  return licences.map((licence, index) => ({ msg: index + 1, place: "t/c", licence, rows: [], text: "" }));
}

interface Found {
  readonly expect?: Expectations;
  readonly verdicts?: readonly Verdict[];
  readonly duplicates?: (DuplicateLicence | null)[];
  readonly losses?: (LossLicence | null)[];
  readonly late?: (LateLicence | null)[];
  readonly effects?: Ledger["effects"];
  readonly faults?: number;
}

/** The paths of the expectations that are not met, and the outcome of the run. */
function unmet(found: Found): { paths: string[]; outcome: Outcome } {
  const ledger: Ledger = {
    published: 10,
    accepted: 9,
    failed: 0,
    unknown: 1,
    delivered: 12,
    finished: 9,
    duplicates: entries(...(found.duplicates ?? [])),
    losses: entries(...(found.losses ?? [])),
    late: entries(...(found.late ?? [])),
    effects: found.effects ?? null,
  };
  const history = new History();
  for (let count = 0; count < (found.faults ?? 0); count += 1) {
    history.record({ atUs: 0, kind: "fault", detail: 1 });
    history.record({ atUs: 1, kind: "fault", detail: 0 });
  }
  const verdicts = found.verdicts ?? [verdict("P1", "pass")];
  const scenario = found.expect === undefined ? storyScenario() : storyScenario({ expect: found.expect });
  const results = checkExpectations(scenario, verdicts, ledger, history);
  return { paths: results.filter(({ met }) => !met).map(({ path }) => path), outcome: outcomeOf(verdicts, results) };
}

describe("verdicts", () => {
  test("pass or unknown is fine where nothing is expected; fail is not", () => {
    expect(unmet({ verdicts: [verdict("P1", "pass"), verdict("P2", "unknown")] })).toEqual({
      paths: [],
      outcome: "pass",
    });
    const failed = { paths: ["expect.verdicts.P2"], outcome: "fail" };
    expect(unmet({ verdicts: [verdict("P2", "fail")] })).toEqual(failed);
  });

  test("unknown is not good enough where pass is expected", () => {
    const expected = { verdicts: { P2: "pass" as const } };
    expect(unmet({ expect: expected, verdicts: [verdict("P2", "unknown")] }).paths).toEqual(["expect.verdicts.P2"]);
  });

  test("an expected verdict of a property that was not judged is not met", () => {
    expect(unmet({ expect: { verdicts: { P9: "pass" } } }).paths).toEqual(["expect.verdicts.P9"]);
  });

  test("a demonstrated failure must fail", () => {
    const expected = { verdicts: { P4: "fail" as const } };
    expect(unmet({ expect: expected, verdicts: [verdict("P4", "fail")] }).outcome).toBe("pass");
    expect(unmet({ expect: expected, verdicts: [verdict("P4", "pass")] }).outcome).toBe("fail");
  });

  test("an oracle that threw is never what was expected", () => {
    expect(unmet({ expect: { verdicts: { P4: "fail" } }, verdicts: [verdict("P4", "fail", 0)] }).outcome).toBe("fail");
  });

  test("a run in which nothing was proven is unknown", () => {
    expect(unmet({ verdicts: [verdict("P1", "unknown"), verdict("P2", "unknown")] }).outcome).toBe("unknown");
  });
});

describe("licences", () => {
  test("without expectations licensed facts are fine, unexplained ones are not", () => {
    expect(unmet({ duplicates: ["timeout"], losses: ["memory-at-kill"], late: ["fault"] }).paths).toEqual([]);
    const paths = ["expect.duplicates", "expect.losses", "expect.late"];
    expect(unmet({ duplicates: [null], losses: [null], late: [null] }).paths).toEqual(paths);
  });

  test("what is unexplained is the demonstration when its property is expected to fail", () => {
    const verdicts = [verdict("P2", "fail")];
    expect(unmet({ expect: { verdicts: { P2: "fail" } }, verdicts, losses: [null] }).outcome).toBe("pass");
    expect(unmet({ expect: { verdicts: { P2: "fail" } }, verdicts, duplicates: [null] }).outcome).toBe("fail");
  });

  test("with expectations, duplicates and losses that are not named must not occur", () => {
    expect(unmet({ expect: {}, duplicates: ["requeue"] }).paths).toEqual(["expect.duplicates.requeue"]);
    expect(unmet({ expect: {}, losses: ["emptied"] }).paths).toEqual(["expect.losses.emptied"]);
    expect(unmet({ expect: { duplicates: { timeout: 1 } }, duplicates: ["timeout", "requeue"] }).paths).toEqual([
      "expect.duplicates.requeue",
    ]);
  });

  test("late deliveries are held to their table only when there is one", () => {
    expect(unmet({ expect: {}, late: ["queueing"] }).paths).toEqual([]);
    expect(unmet({ expect: { late: { fault: 1 } }, late: ["queueing", "fault"] }).paths).toEqual([
      "expect.late.queueing",
    ]);
  });

  test("a duplicate that a scenario demonstrates must be there, in number", () => {
    const path = ["expect.duplicates.timeout"];
    expect(unmet({ expect: { duplicates: { timeout: 2 } }, duplicates: ["timeout"] }).paths).toEqual(path);
    expect(unmet({ expect: { duplicates: { timeout: { min: 2 } } }, duplicates: ["timeout"] }).paths).toEqual(path);
    expect(
      unmet({ expect: { duplicates: { timeout: { max: 1 } } }, duplicates: ["timeout", "timeout"] }).paths,
    ).toEqual(path);
    expect(unmet({ expect: { duplicates: { timeout: { min: 1, max: 3 } } }, duplicates: ["timeout"] }).paths).toEqual(
      [],
    );
  });

  test("counted in the order of their first occurrence", () => {
    const counts = countByLicence(entries<string>("requeue", null, "timeout", "requeue"));
    expect([...counts]).toEqual([
      ["requeue", 2],
      ["unexplained", 1],
      ["timeout", 1],
    ]);
  });
});

test("counts", () => {
  const wrong = { delivered: 11, published: 11, unknownPublishes: 0, faultsFired: 1 };
  const paths = ["expect.delivered", "expect.published", "expect.unknownPublishes", "expect.faultsFired"];
  expect(unmet({ expect: wrong }).paths).toEqual(paths);
  const right = { delivered: 12, published: { min: 10 }, unknownPublishes: { max: 1 }, faultsFired: 2 };
  expect(unmet({ expect: right, faults: 2 }).paths).toEqual([]);
});
