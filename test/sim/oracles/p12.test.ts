import { describe, expect, test } from "vitest";
import { StoreApp } from "../../../sim/apps/store.ts";
import { Turns } from "../../../sim/apps/turns.ts";
import { judgeP12 } from "../../../sim/oracles/p12-order-per-key.ts";
import type { Verdict } from "../../../sim/result.ts";
import { simulate } from "../../../sim/run.ts";
import type { ConsumerSpec, Scenario } from "../../../sim/scenario/types.ts";
import { small } from "../small.ts";
import { withBug } from "./plant.ts";
import { Story, storyScenario, TOPIC } from "./story.ts";

/** 100 orders of five customers and consumers that fail now and then, which makes messages overtake each other. */
function orders(changes: Partial<ConsumerSpec>, names: readonly string[] = ["c1"]): Scenario {
  const [producer] = small().producers;
  const [consumer] = small().consumers;
  const config = { ...consumer!.config, default_requeue_delay: "50ms", max_backoff_duration: "0s" };
  const workload = [{ ...producer!.workload[0]!, startMs: 200, keys: 5 }];
  return small({
    stores: [{ name: "redis" }],
    producers: [{ ...producer!, workload }],
    consumers: names.map((name) => ({ ...consumer!, config, maxAttempts: 0, ...changes, name })),
    claims: { order: "per-key" },
    recoveryMs: 2_000,
  });
}

const FAILING = { when: { everyNth: 7, attempts: 1 }, takeMs: 5, outcome: "fail" } as const;
const VERSIONED = { takeMs: { uniform: [1, 30] }, effect: { dedup: "versioned", store: "redis" } } as const;
const IN_ORDER = orders({ handler: [FAILING, { takeMs: 5 }], inOrder: { retryMs: 20 } });
const BY_VERSION = orders({ handler: [FAILING, VERSIONED] }, ["c1", "c2"]);

function judged(scenario: Scenario): Verdict {
  return simulate(scenario).verdicts.find(({ property }) => property === "P12")!;
}

function inOrder(): Verdict {
  return judged(IN_ORDER);
}

function byVersion(): Verdict {
  return judged(BY_VERSION);
}

describe("order per key", () => {
  test("is not what NSQ gives", () => {
    const verdict = judged(orders({ handler: [FAILING, { takeMs: 5 }] }));
    expect(verdict.outcome).toBe("fail");
    expect(verdict.violations[0]!.text).toMatch(
      /^key \d on orders\/billing: message \d+ completes at [\d.]+ s, after message \d+ at [\d.]+ s, but they were/,
    );
  });

  test("is what turns and versions give", () => {
    expect(inOrder()).toMatchObject({ outcome: "pass", looked: 100 });
    expect(byVersion().outcome).toBe("pass");
  });

  test("is judged where it is claimed", () => {
    const { claims: _, ...unclaimed } = IN_ORDER;
    expect(judged(unclaimed).outcome).toBe("unknown");
  });
});

type Begin = (message: unknown) => string;
type End = (message: unknown, isDone: boolean) => void;
type Answer = (question: object) => string;

/** A message whose turn has not come is taken. */
const hasty = () => () => "now";

/** What is done already is handled again, instead of being passed over. */
const forgetful = (begin: Begin) =>
  function lenient(this: unknown, message: unknown) {
    const turn = begin.call(this, message);
    return turn === "known" ? "now" : turn;
  };

function again(): Verdict {
  return withBug(Turns.prototype, "begin", forgetful, inOrder);
}

/** A message that failed counts as done. */
const careless = (end: End) =>
  function done(this: unknown, message: unknown) {
    end.call(this, message, true);
  };

/** Versions are not compared. */
const blind = (answer: Answer) =>
  function unversioned(this: unknown, question: object) {
    return answer.call(this, { ...question, version: null });
  };

describe("a planted bug of the application", () => {
  test("a message whose turn has not come is taken", () => {
    expect(withBug(Turns.prototype, "begin", hasty, inOrder).outcome).toBe("fail");
  });

  test("a message that failed counts as done, and is done later", () => {
    expect(again().outcome).toBe("pass");
    expect(withBug(Turns.prototype, "end", careless, again).outcome).toBe("fail");
  });

  test("the store does not compare versions", () => {
    expect(withBug(StoreApp.prototype, "answer", blind, byVersion).outcome).toBe("fail");
  });
});

function handled(story: Story, atMs: number, msg: number, text = "ok"): Story {
  return story.row(atMs, "handled", { process: "c1", place: `${TOPIC}/billing`, msg, conn: 0, value: 1, text });
}

/** Two messages of one key, the second handled first. */
function swapped(second: "p1" | "p2", publishedMs: number): Story {
  const workload = [{ topic: TOPIC, count: 1, everyMs: 1, keys: 1 }];
  const producers = ["p1", "p2"].map((name) => ({ name, nsqd: ["nsqd1"], workload }));
  const story = new Story(storyScenario({ producers, claims: { order: "per-key" } })).publish(100, 1);
  const by = { process: second, peer: "nsqd1", place: TOPIC, msg: 2, conn: 0 };
  if (publishedMs < 102) story.row(publishedMs, "publish", { ...by, detail: -1 }).outcome(102, 1);
  else story.outcome(102, 1).row(publishedMs, "publish", { ...by, detail: -1 });
  story
    .row(publishedMs + 2, "publish-ok", by)
    .deliver(120, "c1", 1)
    .deliver(120, "c1", 2);
  return handled(handled(story, 130, 2), 140, 1).end(200);
}

describe("what is told", () => {
  test("of one producer, the order of its publishes; of two, only publishes that do not overlap", () => {
    expect(judgeP12(swapped("p1", 101).evidence).outcome).toBe("fail");
    expect(judgeP12(swapped("p2", 110).evidence).outcome).toBe("fail");
    expect(judgeP12(swapped("p2", 101).evidence).outcome).toBe("pass");
  });

  test("handlers that fail complete nothing, a repetition of the last is in order, of an older one not", () => {
    const story = swapped("p2", 101);
    expect(judgeP12(handled(story, 201, 2, "fail").evidence).outcome).toBe("pass");
    expect(judgeP12(handled(story, 202, 1).evidence)).toMatchObject({ outcome: "pass", looked: 3 });
  });
});
