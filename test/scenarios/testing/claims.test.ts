import { describe, expect, test } from "vitest";
import { History } from "../../../sim/history.ts";
import type { Run, Verdict } from "../../../sim/result.ts";
import {
  ClaimError,
  atLeastOnce,
  holds,
  neverEarly,
  neverLate,
  neverTwice,
  noPropertyFails,
  noUnexplained,
  nsqlabMatchers,
} from "../../../scenarios/testing/index.ts";

const PASS: Verdict = {
  property: "P6",
  outcome: "pass",
  summary: "3 redeliveries",
  looked: 3,
  violations: [],
  violationCount: 0,
};

function run(changes: Partial<Run> = {}, verdicts: readonly Verdict[] = [PASS, { ...PASS, property: "P2" }]): Run {
  const history = new History();
  history.record({ atUs: 1_000, kind: "publish", process: "producer1", peer: "nsqd1", place: "orders", msg: 17 });
  history.record({ atUs: 3_000, kind: "publish-ok", process: "producer1", peer: "nsqd1", place: "orders", msg: 17 });
  return {
    scenario: {
      name: "lost-fin",
      question: "?",
      seed: 5,
      durationMs: 1,
      recoveryMs: 1,
      nsqd: [],
      producers: [],
      consumers: [],
    },
    world: "sim",
    history,
    hash: "00ff00ff00ff00ff",
    verdicts,
    ledger: {
      published: 1,
      accepted: 1,
      failed: 0,
      unknown: 0,
      delivered: 0,
      finished: 0,
      duplicates: [],
      losses: [],
      late: [],
      effects: null,
    },
    expectations: [],
    outcome: "pass",
    faultsFired: 0,
    agendaEvents: 0,
    virtualUs: 0,
    ...changes,
  };
}

function withLoss(licence: "memory-at-kill" | "given-up" | "still-held" | null): Run {
  const entry = { msg: 17, place: "orders/billing", licence, rows: [1], text: "never finished" };
  return run({ ledger: { ...run().ledger, losses: [entry] } });
}

function failure(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ClaimError);
    return (error as Error).message;
  }
  throw new Error("the claim held");
}

describe("a claim that does not hold", () => {
  test("tells which run, what is wrong, and the life of the message", () => {
    const text = failure(() => atLeastOnce()(withLoss("memory-at-kill")));
    const lines = text.split("\n");
    expect(lines[0]).toContain('"lost-fin" (seed 5, history 00ff00ff00ff00ff) does not hold: at least once');
    expect(text).toContain("message 17 on orders/billing: never finished (memory-at-kill)");
    expect(text).toContain("the life of message 17:");
    expect(lines.filter((line) => /^ {4}\S/.test(line)).length).toBeGreaterThanOrEqual(2);
    expect(text).not.toContain("Float64Array");
  });

  test("shows the first findings and counts the rest", () => {
    const entries = Array.from({ length: 9 }, (_, index) => ({
      msg: index + 1,
      place: "t/c",
      licence: null,
      rows: [],
      text: "again",
    }));
    const text = failure(() => noUnexplained()(run({ ledger: { ...run().ledger, duplicates: entries } })));
    expect(text).toContain("message 5 on t/c: again (unexplained)");
    expect(text).not.toContain("message 6 on t/c");
    expect(text).toContain("and 4 more");
  });

  test("reads the same through vitest's toSatisfy", () => {
    const lost = withLoss("memory-at-kill");
    const direct = failure(() => atLeastOnce()(lost));
    expect(failure(() => expect(lost).toSatisfy(atLeastOnce()))).toBe(direct);
    expect(run()).toSatisfy(atLeastOnce());
  });
});

describe("what claims look at", () => {
  test("at least once allows what the broker still holds, and what the test allows", () => {
    expect(atLeastOnce()(withLoss("still-held"))).toBe(true);
    expect(atLeastOnce({ allow: ["given-up"] })(withLoss("given-up"))).toBe(true);
    failure(() => atLeastOnce()(withLoss("given-up")));
    failure(() => atLeastOnce({ allow: ["given-up"] })(withLoss(null)));
  });

  test("unknown is not proven, unless the test says so", () => {
    const unknown: Verdict = { ...PASS, outcome: "unknown", looked: 0, summary: "nothing was redelivered" };
    expect(failure(() => neverEarly()(run({}, [unknown])))).toContain("P6 is not proven: nothing was redelivered");
    expect(neverEarly({ orUnknown: true })(run({}, [unknown]))).toBe(true);
  });

  test("a property that was not judged is not proven", () => {
    expect(failure(() => holds("P9")(run()))).toContain("P9 was not judged");
  });

  test("a failed property shows its violations", () => {
    const failed: Verdict = {
      ...PASS,
      outcome: "fail",
      violations: [{ text: "message 17 came 3 ms early", msg: 17, rows: [0] }],
      violationCount: 1,
    };
    expect(failure(() => neverEarly()(run({}, [failed])))).toContain("P6: message 17 came 3 ms early");
    expect(failure(() => noPropertyFails()(run({}, [failed])))).toContain("message 17 came 3 ms early");
  });

  test("never twice and never late name the excuses that count", () => {
    const duplicate = { msg: 17, place: "t/c", licence: "timeout" as const, rows: [], text: "delivered again" };
    const twice = run({ ledger: { ...run().ledger, duplicates: [duplicate] } });
    failure(() => neverTwice()(twice));
    expect(neverTwice({ allow: ["timeout"] })(twice)).toBe(true);
    const late = { msg: 17, place: "t/c", licence: "paused" as const, rows: [], text: "2 s late" };
    const slow = run({ ledger: { ...run().ledger, late: [late] } }, [{ ...PASS, property: "P7" }]);
    expect(neverLate()(slow)).toBe(true);
    failure(() => neverLate({ allow: [] })(slow));
  });
});

function toSatisfy(received: unknown, wanted: unknown) {
  return nsqlabMatchers.toSatisfy(received, wanted);
}

test("the matchers pass, fail and negate", () => {
  expect(toSatisfy(run(), neverTwice()).pass).toBe(true);
  expect(toSatisfy(run(), neverTwice()).message()).toContain("holds, and should not: never twice");
  const lost = toSatisfy(withLoss(null), noUnexplained());
  expect(lost.pass).toBe(false);
  expect(lost.message()).toContain("the life of message 17:");
  expect(toSatisfy(3, (value: number) => value > 2).pass).toBe(true);
  expect(() => toSatisfy(3, 4)).toThrow(TypeError);
});
