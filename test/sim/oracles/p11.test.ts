import { describe, expect, test } from "vitest";
import { RandomPicker, RoundRobinPicker } from "../../../core/nsqd/policy/picker.ts";
import { judgeP11 } from "../../../sim/oracles/p11-load-share.ts";
import type { Verdict } from "../../../sim/result.ts";
import { simulate } from "../../../sim/run.ts";
import type { ProfileName, Scenario } from "../../../sim/scenario/types.ts";
import { small } from "../small.ts";
import { withBug } from "./plant.ts";
import { Story, storyScenario } from "./story.ts";

/** Four consumers of one channel, fast enough to be ready most of the time. */
function shared(profile: ProfileName, changes: Partial<Scenario> = {}): Scenario {
  const consumer = small().consumers[0]!;
  return small({
    nsqd: [{ name: "nsqd1", profile }],
    producers: [{ name: "p1", nsqd: ["nsqd1"], workload: [{ topic: "orders", startMs: 500, count: 400, everyMs: 2 }] }],
    consumers: ["c1", "c2", "c3", "c4"].map((name) => ({ ...consumer, name, handler: [{ takeMs: 3 }] })),
    ...changes,
  });
}

function judged(scenario: Scenario): Verdict {
  return simulate(scenario).verdicts.find(({ property }) => property === "P11")!;
}

function exactly(): Verdict {
  return judged(shared("exact"));
}

function byLot(): Verdict {
  return judged(shared("nsqd-1.3"));
}

describe.each(["exact", "nsqd-1.3"] as const)("a channel with four consumers, %s", (profile) => {
  test("passes nobody over, with any seed, nor when consumers come, go and hang", () => {
    for (let seed = 1; seed <= 5; seed += 1)
      expect(judged(shared(profile, { seed }))).toMatchObject({ outcome: "pass", looked: 400 });
    const faults = [
      { trigger: { atMs: 600 }, do: { kind: "pause", process: "c2", forMs: 200 } },
      { trigger: { atMs: 700 }, do: { kind: "stop", process: "c3", restartAfterMs: 100 } },
      { trigger: { atMs: 800 }, do: { kind: "reset", link: ["c4", "nsqd1"] } },
      { trigger: { atMs: 900 }, do: { kind: "partition", link: ["c1", "nsqd1"], forMs: 100 } },
    ] as const;
    expect(judged(shared(profile, { faults })).outcome).toBe("pass");
  });
});

describe("a broker that is unfair", () => {
  test("serves the same client while it has room", () => {
    const verdict = withBug(RoundRobinPicker.prototype, "next", () => firstInLine, exactly);
    expect(verdict).toMatchObject({ outcome: "fail" });
    expect(verdict.violations[0]!.text).toMatch(
      /^c\d \(connection 0\) on orders\/billing had room from .* and got nothing, while \d+ messages went to \d other/,
    );
  });

  test("serves last in, first out", () => {
    expect(withBug(RoundRobinPicker.prototype, "next", () => lastInLine, exactly).outcome).toBe("fail");
  });

  test("draws its lots among all but one", () => {
    expect(withBug(RandomPicker.prototype, "next", () => firstOfAll, byLot).outcome).toBe("fail");
  });
});

function firstInLine(this: { first: unknown }): unknown {
  return this.first;
}

function lastInLine(this: { last: unknown }): unknown {
  return this.last;
}

function firstOfAll(this: { clients: unknown[] }): unknown {
  return this.clients[0];
}

/** `c2` has room all the time; so many messages go to `c1`, one every 10 ms. */
function passedOver(messages: number, profile: ProfileName): Story {
  const story = new Story(storyScenario({ nsqd: { profile } }), ["c1", "c2"]);
  for (let msg = 1; msg <= messages; msg += 1) {
    story.accept(100 + 10 * msg, msg);
    story.deliver(103 + 10 * msg, "c1", msg).finish(104 + 10 * msg, "c1", msg);
  }
  return story.end(120 + 10 * messages);
}

describe("the bound", () => {
  test("exact: one message to each of the others", () => {
    expect(judgeP11(passedOver(1, "exact").evidence).outcome).toBe("pass");
    expect(judgeP11(passedOver(2, "exact").evidence)).toMatchObject({ outcome: "fail", violationCount: 1 });
  });

  test("nsqd-1.3: so many that chance does not explain it", () => {
    expect(judgeP11(passedOver(29, "nsqd-1.3").evidence).outcome).toBe("pass");
    expect(judgeP11(passedOver(31, "nsqd-1.3").evidence).outcome).toBe("fail");
  });

  test("who has no room, or is gone, is not passed over", () => {
    const full = new Story(storyScenario(), ["c1"]).join(1, "c2", { rdy: 0 });
    for (let msg = 1; msg <= 5; msg += 1) full.accept(100 * msg, msg).deliver(100 * msg + 3, "c1", msg);
    expect(judgeP11(full.end(1_000).evidence).outcome).toBe("pass");
    const gone = new Story(storyScenario(), ["c1", "c2"]).close(50, "c2");
    for (let msg = 1; msg <= 5; msg += 1) gone.accept(100 * msg, msg).deliver(100 * msg + 3, "c1", msg);
    expect(judgeP11(gone.end(1_000).evidence).outcome).toBe("pass");
  });

  test("a channel with one consumer proves nothing", () => {
    const story = new Story().accept(100, 1).deliver(103, "c1", 1).end(200);
    expect(judgeP11(story.evidence).outcome).toBe("unknown");
  });
});
