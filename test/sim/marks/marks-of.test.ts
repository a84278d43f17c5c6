import { describe, expect, test } from "vitest";
import { marksOf } from "../../../sim/marks/marks-of.ts";
import { MARK_NAMES, type Mark } from "../../../sim/marks/marks.ts";
import { generateScenario } from "../../../sim/generate/index.ts";
import { simulate } from "../../../sim/run.ts";
import type { BehaviourSpec, FaultSpec, Scenario } from "../../../sim/scenario/types.ts";
import { SAMPLE } from "../oracles/sample.ts";
import { small } from "../small.ts";

function reached(changes: Partial<Scenario>): Mark[] {
  return marksOf(simulate(small(changes)));
}

function handled(handler: readonly BehaviourSpec[], options: Scenario["nsqd"][number]["options"] = {}): Mark[] {
  const [consumer] = small().consumers;
  return reached({ nsqd: [{ name: "nsqd1", options }], consumers: [{ ...consumer!, handler }] });
}

function struck(action: FaultSpec["do"], trigger: FaultSpec["trigger"] = { atMs: 500 }): Mark[] {
  return reached({ faults: [{ trigger, do: action }] });
}

test("there are enough marks, and a quiet run reaches few", () => {
  expect(MARK_NAMES.length).toBeGreaterThanOrEqual(60);
  const quiet = reached({ network: { latency: 1 } });
  for (const mark of quiet) expect(mark).not.toMatch(/^(fault|duplicate|loss|backoff|operator)/);
});

describe("a mark is reached by", () => {
  test.each<readonly [Mark, Mark[]]>([
    ["fault-kill-nsqd", struck({ kind: "kill", process: "nsqd1", restartAfterMs: 100 })],
    ["nsqd-restarted", struck({ kind: "kill", process: "nsqd1", restartAfterMs: 100 })],
    ["reconnected", struck({ kind: "reset", link: ["c1", "nsqd1"] })],
    ["fault-kill-client", struck({ kind: "kill", process: "c1", restartAfterMs: 100 })],
    ["consumer-restarted", struck({ kind: "kill", process: "c1", restartAfterMs: 100 })],
    ["fault-partition-one-way", struck({ kind: "partition", link: ["c1", "nsqd1"], direction: "forward", forMs: 50 })],
    ["fault-by-event", struck({ kind: "reset", link: ["c1", "nsqd1"] }, { after: { kind: "finish", nth: 3 } })],
    ["fault-clock-back", struck({ kind: "clock-step", process: "nsqd1", byMs: -500 })],
    ["fault-until-heal", struck({ kind: "stall", link: ["c1", "nsqd1"], forMs: 5_000 })],
    [
      "touch-ceiling",
      handled([{ takeMs: 3_000, touchEveryMs: 300 }], { "msg-timeout": "1s", "max-msg-timeout": "2s" }),
    ],
    [
      "touch-refused",
      handled([{ takeMs: 3_000, touchEveryMs: 300 }], { "msg-timeout": "1s", "max-msg-timeout": "2s" }),
    ],
    ["finish-refused", handled([{ when: { attempts: 1 }, takeMs: 1_500 }], { "msg-timeout": "1s" })],
    ["handler-blocked", handled([{ takeMs: 3, blocking: true }])],
    ["backoff-deepened", handled([{ when: { attempts: { max: 2 } }, outcome: "fail" }])],
    ["rdy-in-backoff", handled([{ when: { attempts: { max: 2 } }, outcome: "fail" }])],
    ["requeue-delayed", handled([{ when: { attempts: 1 }, outcome: "requeue", requeueDelayMs: 50 }])],
    ["deferral-due", handled([{ when: { attempts: 1 }, outcome: "requeue", requeueDelayMs: 50 }])],
    ["in-flight-at-heal", handled([{ when: { attempts: 1 }, takeMs: 1_999 }])],
  ])("%s", (mark, marks) => {
    expect(marks).toContain(mark);
    expect(reached({})).not.toContain(mark);
  });

  test("the sample's story", () => {
    const marks = marksOf(simulate(SAMPLE));
    expect(marks).toEqual(
      expect.arrayContaining(["channel-shared", "subscribed-late", "delivered-to-two-channels", "touch-twice"]),
    );
  });

  test("weather drawn from seeds: most of them in sixty runs", () => {
    const seen = new Set<Mark>();
    for (let seed = 1; seed <= 60; seed += 1)
      for (const mark of marksOf(simulate(generateScenario(seed)))) seen.add(mark);
    expect(seen.size).toBeGreaterThanOrEqual(75);
  });
});
