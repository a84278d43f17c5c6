import { describe, expect, test } from "vitest";
import { DeadLetters } from "../../../sim/apps/dead-letters.ts";
import type { Run, Verdict } from "../../../sim/result.ts";
import { simulate } from "../../../sim/run.ts";
import type { DeadLetterSpec, Scenario } from "../../../sim/scenario/types.ts";
import { at, small } from "../small.ts";
import { withBug } from "./plant.ts";

/** Every eighth of 100 orders fails always; dead letters go to an nsqd of their own, which is away for a while. */
function orders(deadLetter: Partial<DeadLetterSpec> = {}, changes: Partial<Scenario> = {}): Scenario {
  const [consumer] = small().consumers;
  const config = { ...consumer!.config, default_requeue_delay: "50ms", max_backoff_duration: "0s" };
  return small({
    nsqd: [{ name: "nsqd1" }, { name: "nsqd2" }],
    consumers: [
      {
        ...consumer!,
        config,
        maxAttempts: 0,
        handler: [{ when: { everyNth: 8 }, takeMs: 5, outcome: "fail" }, { takeMs: 5 }],
        deadLetter: { topic: "dead", nsqd: "nsqd2", afterAttempts: 2, ...deadLetter },
      },
    ],
    faults: [at(500, { kind: "stop", process: "nsqd2", restartAfterMs: 300 })],
    ...changes,
  });
}

function verdictOf(run: Run): Verdict {
  return run.verdicts.find(({ property }) => property === "P15")!;
}

function judged(scenario: Scenario = orders()): Verdict {
  return verdictOf(simulate(scenario));
}

describe("dead letters", () => {
  test("published before the FIN: everything is handled or put aside; after it: lost while their nsqd is away", () => {
    for (let seed = 1; seed <= 3; seed += 1) {
      expect(judged(orders({}, { seed }))).toMatchObject({ outcome: "pass" });
      expect(judged(orders({ order: "finish-first" }, { seed })).outcome).toBe("fail");
    }
    const [violation] = judged(orders({ order: "finish-first" })).violations;
    expect(violation!.text).toMatch(
      /was neither handled on orders\/billing nor put aside: its last handler ended with "fail"; it was finished all the same$/,
    );
  });

  test("what they say", () => {
    const { history } = simulate(orders());
    const letters = [...history.events()].filter(({ kind }) => kind === "dead-letter");
    expect(letters[0]).toMatchObject({ process: "c1", peer: "nsqd2", place: "orders/billing", msg: 8, value: 2 });
    expect(JSON.parse(letters[0]!.text)).toEqual({ topic: "orders", channel: "billing", attempts: 2, error: "fail" });
    const stored = [...history.events()].filter(({ kind, place }) => kind === "publish-ok" && place === "dead");
    expect(stored.map(({ msg }) => msg)).toContain(letters[0]!.detail);
  });

  test("a client that gives up first puts nothing aside", () => {
    const [consumer] = orders().consumers;
    const faults = [at(500, { kind: "stop", process: "nsqd2" })];
    const verdict = judged(orders({}, { faults, durationMs: 60_000, consumers: [{ ...consumer!, maxAttempts: 4 }] }));
    expect(verdict.violations[0]!.text).toMatch(/nor put aside: .*; given up by its consumer/);
  });

  test("the broker's loss is not theirs, and without dead letters nothing is judged", () => {
    const faults = [at(600, { kind: "pause", process: "c1", forMs: 300 }), at(800, { kind: "kill", process: "nsqd1" })];
    const run = simulate(orders({}, { faults }));
    expect(run.ledger.losses.map(({ licence }) => licence)).toContain("memory-at-kill");
    expect(verdictOf(run).outcome).toBe("pass");
    expect(judged(small()).outcome).toBe("unknown");
  });
});

type Publish = (message: object, msg: number, error: string, done: (isAccepted: boolean) => void) => void;

const BUGS: readonly (readonly [name: string, make: (publish: Publish) => Publish])[] = [
  [
    "takes any answer for an OK",
    (publish) =>
      function trusting(this: unknown, message, msg, error, done) {
        publish.call(this, message, msg, error, () => done(true));
      },
  ],
  ["publishes nothing", () => (_message, _msg, _error, done) => done(true)],
  [
    "forgets why",
    (publish) =>
      function terse(this: unknown, message, msg, _error, done) {
        publish.call(this, message, msg, "", done);
      },
  ],
  [
    "does not know its channel",
    (publish) =>
      function lost(this: { owner: object }, message, msg, error, done) {
        const owner = { ...this.owner, placeName: "orders/" };
        publish.call(Object.create(this, { owner: { value: owner } }), message, msg, error, done);
      },
  ],
  [
    "counts from zero",
    (publish) =>
      function fewer(this: unknown, message, msg, error, done) {
        // The row tells what happened, the letter what the consumer says.
        const stringify = JSON.stringify;
        JSON.stringify = (value: unknown) => stringify({ ...(value as object), attempts: 0 });
        publish.call(this, message, msg, error, done);
        JSON.stringify = stringify;
      },
  ],
];

describe("a planted bug of a consumer that puts messages aside", () => {
  test.each(BUGS)("%s", (_name, make) => {
    expect(withBug(DeadLetters.prototype, "publish", make as never, judged).outcome).toBe("fail");
  });
});
