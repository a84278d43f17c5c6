import { describe, expect, test } from "vitest";
import { History } from "../../../sim/history.ts";
import { judge, ORACLES } from "../../../sim/oracles/index.ts";
import { buildLedger } from "../../../sim/oracles/ledger.ts";
import { MAX_VIOLATIONS, type Evidence } from "../../../sim/result.ts";
import { PROPERTY_IDS } from "../../../sim/scenario/types.ts";
import { Story, storyScenario, TOPIC } from "./story.ts";

function outcomes(story: Story): Record<string, string> {
  return Object.fromEntries(judge(story.evidence).map(({ property, outcome }) => [property, outcome]));
}

/** The same story over TCP: a trip takes up to `slackMs`, and no less than nothing. */
function overTcp(story: Story, slackMs: number): Record<string, string> {
  const evidence: Evidence = { ...story.evidence, world: "tcp", slackUs: slackMs * 1000 };
  return Object.fromEntries(judge(evidence).map(({ property, outcome }) => [property, outcome]));
}

function accepted(): Story {
  return new Story().accept(100, 1);
}

function late(): Story {
  return accepted().deliver(120, "c1", 1).finish(121, "c1", 1);
}

function early(): Story {
  return accepted().deliver(110, "c1", 1).deliver(1_101, "c1", 1, 2);
}

describe("judge", () => {
  test("judges every property, in order, or those that the scenario names", () => {
    expect(Object.keys(ORACLES)).toEqual([...PROPERTY_IDS]);
    expect(judge(new Story().evidence).map(({ property }) => property)).toEqual([...PROPERTY_IDS]);
    const story = new Story(storyScenario({ oracles: ["P9", "P1"] }));
    expect(judge(story.evidence).map(({ property }) => property)).toEqual(["P1", "P9"]);
  });

  test("an empty history proves nothing", () => {
    const evidence: Evidence = { scenario: storyScenario(), history: new History(), world: "sim", slackUs: 0 };
    expect(new Set(judge(evidence).map(({ outcome, looked }) => `${outcome} ${looked}`))).toEqual(
      new Set(["unknown 0"]),
    );
    expect(buildLedger(evidence)).toMatchObject({ published: 0, delivered: 0, duplicates: [], losses: [], late: [] });
  });

  test("an oracle that throws is a failed verdict with its stack", () => {
    const history = new History();
    history.record({ atUs: 0, kind: "process", process: "nsqd1", text: "start" });
    Object.defineProperty(history, "kind", {
      get: () => {
        throw new Error("no such column");
      },
    });
    const evidence: Evidence = { scenario: storyScenario({ oracles: ["P1"] }), history, world: "sim", slackUs: 0 };
    const [verdict] = judge(evidence);
    expect(verdict).toMatchObject({ property: "P1", outcome: "fail", looked: 0, violationCount: 1 });
    expect(verdict!.violations[0]!.text).toMatch(/no such column[^]*at /);
  });

  test("shows the first violations and counts all", () => {
    const story = new Story();
    for (let msg = 1; msg <= 25; msg += 1) story.deliver(100 + msg, "c1", msg);
    const [verdict] = judge(story.evidence);
    expect(verdict).toMatchObject({ property: "P1", outcome: "fail", violationCount: 25 });
    expect(verdict!.violations).toHaveLength(MAX_VIOLATIONS);
  });

  test("a history that grew is read anew", () => {
    const story = new Story().accept(100, 1).deliver(103, "c1", 1);
    expect(outcomes(story)["P4"]).toBe("unknown");
    expect(outcomes(story.finish(110, "c1", 1))["P4"]).toBe("pass");
  });
});

test("a delay starts when its channel is there again", () => {
  const story = new Story().operate(10, "delete", `${TOPIC}/billing`).close(13, "c1").accept(100, 1, 50);
  story.join(5_000, "c1", { conn: 1 }).deliver(5_051.5, "c1", 1, 1, { conn: 1 }).finish(5_060, "c1", 1, { conn: 1 });
  expect(outcomes(story)["P7"]).toBe("pass");
});

describe("over TCP", () => {
  test("slack excuses what would be wrong in the simulator", () => {
    expect(outcomes(late())["P7"]).toBe("fail");
    expect(overTcp(late(), 50)["P7"]).toBe("pass");
    expect(outcomes(early())["P6"]).toBe("fail");
    expect(overTcp(early(), 50)["P6"]).toBe("pass");
    expect(overTcp(early(), 2)["P6"]).toBe("fail");
  });

  test("determinism is not judged", () => {
    const evidence: Evidence = { ...new Story().evidence, world: "tcp", secondHash: "0" };
    expect(judge(evidence).find(({ property }) => property === "P21")!.outcome).toBe("unknown");
  });
});
