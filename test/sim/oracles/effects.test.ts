import { describe, expect, test } from "vitest";
import { Effects } from "../../../sim/apps/effects.ts";
import { StoreApp } from "../../../sim/apps/store.ts";
import { judgeP13 } from "../../../sim/oracles/p13-effect-once.ts";
import { judgeP14 } from "../../../sim/oracles/p14-effect-halves.ts";
import type { Run } from "../../../sim/result.ts";
import { simulate } from "../../../sim/run.ts";
import type { DedupSpec, EffectClaim, PropertyId, Scenario } from "../../../sim/scenario/types.ts";
import { at, small } from "../small.ts";
import { withBug } from "./plant.ts";
import { Story, storyScenario, TOPIC } from "./story.ts";

/**
 * 100 orders, two consumers that fail now and then and lose their store after every twentieth charge; the OK of one
 * publish in thirty is lost, and it is published again.
 */
function charges(dedup: DedupSpec["dedup"], changes: Partial<Scenario> = {}): Scenario {
  const [consumer] = small().consumers;
  const effect: DedupSpec = { dedup, store: "redis", timeoutMs: 50 };
  const handler = [
    { when: { everyNth: 7, attempts: 1 }, takeMs: 5, outcome: "fail", effect },
    { takeMs: 5, effect },
  ] as const;
  const config = { ...consumer!.config, default_requeue_delay: "50ms", max_backoff_duration: "0s" };
  return small({
    stores: [{ name: "redis", takeMs: 1 }],
    producers: [{ ...small().producers[0]!, retry: { onError: true, onUnknown: true, delayMs: 20, limit: 9 } }],
    consumers: ["c1", "c2"].map((name) => ({ ...consumer!, name, handler, config })),
    faults: [
      {
        trigger: { after: { kind: "effect", nth: 20 }, repeat: { times: 4 } },
        do: { kind: "partition", link: ["c1", "redis"], forMs: 100 },
      },
      {
        trigger: { after: { kind: "broker-accept", nth: 30 }, repeat: { times: 3 } },
        do: { kind: "cut", link: ["nsqd1", "p1"], direction: "forward", forMs: 1 },
      },
      at(1_200, { kind: "kill", process: "c2", restartAfterMs: 50 }),
    ],
    claims: { effect: "once" },
    ...changes,
  });
}

function outcome(run: Run, property: PropertyId): string {
  return run.verdicts.find((verdict) => verdict.property === property)!.outcome;
}

/** `again 3, never 0`, each as none or some. */
function tally({ ledger: { effects } }: Run): string {
  const { again, never } = effects!;
  return [again > 0 ? "again" : "", never > 0 ? "never" : ""].join(" ").trim();
}

describe("deduplication in the simulator", () => {
  test("mark first: lost, never twice; mark after: twice, never lost; one transaction: neither", () => {
    for (let seed = 1; seed <= 5; seed += 1) {
      expect(tally(simulate(charges("check-first", { seed })))).toBe("never");
      expect(tally(simulate(charges("mark-after", { seed })))).toBe("again");
      const run = simulate(charges("transactional", { seed }));
      expect(tally(run)).toBe("");
      expect([outcome(run, "P13"), outcome(run, "P14"), run.outcome]).toEqual(["pass", "pass", "pass"]);
      expect(run.ledger.duplicates.map(({ licence }) => licence)).toContain("producer-retry");
    }
  });

  test("each half is judged where it is claimed", () => {
    const under = (dedup: DedupSpec["dedup"], effect: EffectClaim): string[] => {
      const run = simulate(charges(dedup, { claims: { effect } }));
      return [outcome(run, "P13"), outcome(run, "P14")];
    };
    expect(under("check-first", "at-most-once")).toEqual(["unknown", "pass"]);
    expect(under("check-first", "at-least-once")).toEqual(["unknown", "fail"]);
    expect(under("mark-after", "at-most-once")).toEqual(["unknown", "fail"]);
    expect(under("mark-after", "at-least-once")).toEqual(["unknown", "pass"]);
    const { claims: _, ...unclaimed } = charges("mark-after");
    const run = simulate(unclaimed);
    expect([outcome(run, "P13"), outcome(run, "P14"), run.outcome]).toEqual(["unknown", "unknown", "pass"]);
  });
});

type Bug = readonly [name: string, prototype: object, method: string, make: (original: never) => unknown];

const BUGS: readonly Bug[] = [
  [
    "the store forgets what it was told",
    StoreApp.prototype,
    "answer",
    (answer: (question: unknown) => string) =>
      function forgets(this: { data: { known: Set<string> } }, question: unknown): string {
        this.data.known.clear();
        return answer.call(this, question);
      },
  ],
  [
    "the store does the effect before it looks",
    StoreApp.prototype,
    "answer",
    (answer: (question: unknown) => string) =>
      function hasty(this: { recordEffect(question: unknown): void }, question: { do: string }): string {
        if (question.do === "commit") this.recordEffect(question);
        return answer.call(this, { ...question, do: "mark" });
      },
  ],
  [
    "the id is that of the message, not of the order",
    Effects.prototype,
    "ask",
    (ask: (...args: unknown[]) => void) =>
      function perMessage(this: unknown, effect: unknown, what: unknown, message: object, msg: number, then: unknown) {
        const own = Uint8Array.from(`${msg} `, (letter) => letter.charCodeAt(0));
        ask.call(this, effect, what, Object.create(message, { body: { value: own } }), msg, then);
      },
  ],
  [
    "a store that does not answer is taken for one that knows",
    Effects.prototype,
    "ask",
    (ask: (...args: unknown[]) => void) =>
      function credulous(
        this: unknown,
        effect: unknown,
        _what: unknown,
        message: { body: Uint8Array },
        msg: number,
        then: (answer: unknown) => void,
      ) {
        const guess = (answer: unknown): void => then(typeof answer === "string" ? answer : "known");
        ask.call(this, effect, "mark", message, msg, guess);
      },
  ],
];

describe("a planted bug of the application", () => {
  test.each(BUGS)("%s", (_name, prototype, method, make) => {
    const run = withBug(prototype, method, make as never, () => simulate(charges("transactional")));
    expect([outcome(run, "P13"), outcome(run, "P14")]).toEqual(["fail", "fail"]);
    expect(run.outcome).toBe("fail");
  });
});

/** A story of one message under a claim; `c1` has effects. */
function told(effect: NonNullable<Scenario["claims"]>["effect"] = "once"): Story {
  const consumer = { handler: [{ effect: true as const }] };
  return new Story(storyScenario({ consumer, claims: { effect } }), ["c1", "c2"]);
}

function happens(story: Story, atMs: number, process: string, msg: number, business = msg, text = ""): Story {
  const fields = { process, place: `${TOPIC}/billing`, msg, conn: 0, value: 1, detail: business, text };
  return story.row(atMs, "effect", fields);
}

/** A message that was put aside; whether its dead letter was stored. */
function aside(isStored: boolean): Story {
  const story = told().accept(100, 1).deliver(103, "c1", 1);
  story.row(110, "dead-letter", { process: "c1", place: `${TOPIC}/billing`, msg: 1, conn: 0, value: 1, detail: 2 });
  story.row(110, "publish", { process: "c1", peer: "nsqd1", place: "dead", msg: 2, detail: -1 });
  const kind = isStored ? "publish-ok" : "publish-error";
  return story.row(112, kind, { process: "c1", peer: "nsqd1", place: "dead", msg: 2 }).finish(113, "c1", 1).end(200);
}

describe("what is told", () => {
  test("an effect without its message finished is still one; a message still held is not missed", () => {
    const held = told().accept(100, 1).deliver(103, "c1", 1).heal(200).end(300);
    expect(judgeP13(held.evidence)).toMatchObject({ outcome: "pass", looked: 1 });
    const finished = told().accept(100, 1).deliver(103, "c1", 1).finish(110, "c1", 1).heal(200).end(300);
    expect(judgeP13(finished.evidence).violations).toMatchObject([
      { text: "message 1, accepted at 0.102 s, has no effect on orders/billing", msg: 1 },
    ]);
  });

  test("retries share the business id; what was refused owes nothing", () => {
    const story = told().publish(100, 1).outcome(102, 1, "publish-unknown").publish(110, 2, { repeats: 1 });
    story.outcome(112, 2).deliver(113, "c1", 1).deliver(114, "c1", 2);
    happens(story, 120, "c1", 1);
    expect(judgeP13(story.finish(121, "c1", 1).finish(121, "c1", 2).end(200).evidence).outcome).toBe("pass");
    happens(story, 201, "c1", 2, 1);
    expect(judgeP13(story.evidence).violations[0]!.text).toBe(
      "the effect of message 1 on orders/billing takes place again at 0.201 s, by c1, attempt 1 of its retry 2; " +
        "before that at 0.120 s, by c1, attempt 1",
    );
    const refused = told().publish(100, 1).outcome(102, 1, "publish-error").end(200);
    expect(judgeP14(refused.evidence).outcome).toBe("unknown");
  });

  test("names are judged each by its own claim", () => {
    const story = told({ charge: "once", mail: "at-least-once" }).accept(100, 1).deliver(103, "c1", 1);
    happens(story, 110, "c1", 1, 1, "charge");
    happens(story, 111, "c1", 1, 1, "mail");
    happens(story, 112, "c1", 1, 1, "mail");
    story.finish(113, "c1", 1).end(200);
    expect([judgeP13(story.evidence).outcome, judgeP14(story.evidence).outcome]).toEqual(["pass", "pass"]);
    happens(story, 201, "c2", 1, 1, "charge");
    expect(judgeP14(story.evidence).violations).toMatchObject([
      { text: expect.stringMatching(/^not at most once: the effect "charge" of message 1 on orders\/billing/) },
    ]);
  });

  test("the broker's loss is the application's too, and says whose it was", () => {
    const story = told().accept(100, 1).process(110, "nsqd1", "kill").process(120, "nsqd1", "start");
    const [violation] = judgeP14(story.heal(200).end(300).evidence).violations;
    expect(violation!.text).toMatch(/^not at least once: message 1, .* in the memory of nsqd1 when it was killed/);
  });

  test("a dead letter that was stored stands for the effect", () => {
    expect(judgeP14(aside(true).evidence).outcome).toBe("pass");
    expect(judgeP14(aside(false).evidence).outcome).toBe("fail");
  });
});
