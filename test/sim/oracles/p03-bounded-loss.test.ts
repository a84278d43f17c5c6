import { describe, expect, test } from "vitest";
import { countByLicence } from "../../../sim/oracles/expectations.ts";
import { judgeP3 } from "../../../sim/oracles/p03-bounded-loss.ts";
import type { Verdict } from "../../../sim/result.ts";
import { simulate } from "../../../sim/run.ts";
import type { Scenario } from "../../../sim/scenario/types.ts";
import { blackout } from "../../../scenarios/planted/worlds/blackout.ts";
import { STORAGE_BUGS } from "./storage-bugs.ts";
import { Story, storyScenario } from "./story.ts";

function p3(scenario: Scenario): Verdict {
  return simulate({ ...scenario, oracles: ["P3"] }).verdicts[0]!;
}

describe("an nsqd that keeps everything on disk, ended again and again", () => {
  test("loses what was not durable, and what was in flight, message by message", () => {
    const run = simulate(blackout);
    expect(run.verdicts.filter(({ outcome }) => outcome === "fail")).toEqual([]);
    const losses = countByLicence(run.ledger.losses);
    expect([...losses.keys()].sort()).toEqual(["memory-at-kill", "unsynced-at-power-loss"]);
    const { summary } = run.verdicts.find(({ property }) => property === "P3")!;
    const lost = run.ledger.losses.length;
    expect(summary).toContain(`11 ends of nsqd: predicted ${lost} lost, ${lost} lost;`);
  });

  test.each(STORAGE_BUGS)("$name: P3 fails", ({ plant }) => {
    const remove = plant();
    try {
      expect(p3(blackout).outcome).toBe("fail");
    } finally {
      remove();
    }
  });
});

/** Three messages accepted, nsqd killed at 100 ms and started at 200 ms; `kept` are in the channel's file then. */
function crash(kept: readonly number[], ending = 1): Story {
  const story = new Story(storyScenario({ nsqd: { options: { "mem-queue-size": 1 } } }));
  for (const msg of [1, 2, 3]) story.accept(10 * msg, msg);
  story
    .rdy(40, "c1", 0)
    .process(100, "nsqd1", ending === 0 ? "stop" : "kill")
    .process(200, "nsqd1", "start");
  story.row(200, "survey", { process: "nsqd1", value: kept.length, detail: ending });
  for (const place of ["orders", "orders/billing"]) story.row(200, "kept", { process: "nsqd1", place });
  for (const msg of kept) story.row(200, "kept", { process: "nsqd1", place: "orders/billing", msg });
  return story;
}

describe("what the files say and what comes", () => {
  test("nothing was ended: unknown", () => {
    expect(judgeP3(new Story().accept(10, 1).evidence).outcome).toBe("unknown");
  });

  test("nobody looked into the files: unknown", () => {
    const story = new Story().accept(10, 1).process(100, "nsqd1", "kill").process(200, "nsqd1", "start");
    expect(judgeP3(story.evidence)).toMatchObject({ outcome: "unknown", looked: 0 });
  });

  test("what was kept comes: pass", () => {
    const story = crash([1, 2, 3]).join(300, "c1", { conn: 1 });
    for (const msg of [1, 2, 3])
      story.deliver(300 + 20 * msg, "c1", msg, 1, { conn: 1 }).finish(310 + 20 * msg, "c1", msg, { conn: 1 });
    expect(judgeP3(story.end(900).evidence)).toMatchObject({ outcome: "pass", violationCount: 0 });
  });

  test("what was not kept comes all the same: fail", () => {
    const story = crash([1, 2]).join(300, "c1", { conn: 1 }).deliver(310, "c1", 3, 1, { conn: 1 });
    const { outcome, violations } = judgeP3(story.end(900).evidence);
    expect(outcome).toBe("fail");
    expect(violations[0]).toMatchObject({ msg: 3 });
    expect(violations[0]!.text).toContain("it was in no file when nsqd started at 0.200 s");
  });

  test("more is gone than memory has room for: fail", () => {
    const text = judgeP3(crash([]).end(900).evidence).violations[0]?.text;
    expect(text).toContain("3 queued messages of orders/billing were in no file at 0.100 s");
    expect(judgeP3(crash([1]).end(900).evidence).violations.map(({ msg }) => msg)).not.toContain(2);
  });

  test("a clean stop leaves something behind: fail", () => {
    const { violations } = judgeP3(crash([1, 3], 0).end(900).evidence);
    expect(violations[0]).toMatchObject({ msg: 2 });
    expect(violations[0]!.text).toContain("is not on disk after the clean stop at 0.100 s");
  });

  test("what was kept neither comes nor is held: fail", () => {
    const story = crash([1, 2, 3]).join(300, "c1", { conn: 1 });
    for (const msg of [1, 3])
      story.deliver(300 + 20 * msg, "c1", msg, 1, { conn: 1 }).finish(310 + 20 * msg, "c1", msg, { conn: 1 });
    const gauges = { depth: 0, "in-flight": 0, deferred: 0 };
    const { violations, summary } = judgeP3(story.gauges(900, gauges).end(900).evidence);
    expect(violations.map(({ msg }) => msg)).toEqual([2]);
    expect(summary).toContain("3 kept, of which 1 did not come back");
  });
});
