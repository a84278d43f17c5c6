import { expect, test } from "vitest";
import { ScenarioError, validateScenario } from "../../../sim/scenario/validate.ts";
import type { Scenario } from "../../../sim/scenario/types.ts";

const VALID: Scenario = {
  name: "shop",
  question: "Is each order charged once?",
  seed: 1,
  durationMs: 1_000,
  recoveryMs: 1_000,
  nsqd: [{ name: "nsqd1" }],
  stores: [{ name: "redis", takeMs: { uniform: [1, 2] }, remembers: 9 }],
  producers: [
    {
      name: "p1",
      nsqd: ["nsqd1"],
      workload: [
        { topic: "orders", count: 3, everyMs: 10, keys: 2 },
        { topic: "orders", count: 3, everyMs: 10, keys: 2 },
      ],
    },
  ],
  consumers: [
    {
      name: "c1",
      nsqd: ["nsqd1"],
      topic: "orders",
      channel: "billing",
      handler: [{ outcome: "silent", effect: true }, { effect: { dedup: "versioned", store: "redis", timeoutMs: 5 } }],
      deadLetter: { topic: "dead", nsqd: "nsqd1", afterAttempts: 5, order: "finish-first" },
      inOrder: { retryMs: 5 },
    },
  ],
  faults: [{ trigger: { after: { kind: "effect" } }, do: { kind: "pause", process: "redis", forMs: 5 } }],
  claims: { effect: { charge: "once", mail: "at-least-once" }, order: "per-key" },
  expect: { effects: { happened: { min: 1 }, again: 0, never: 0 } },
};

/** The problems of the valid scenario with one value replaced, or removed. */
function problems(path: string, value: unknown): string[] {
  const changed = structuredClone(VALID) as unknown as Record<string, unknown>;
  const keys = path.split(/[.[\]]+/).filter((key) => key !== "");
  let at = changed;
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
  if (value === undefined) delete at[keys.at(-1)!];
  else at[keys.at(-1)!] = value;
  try {
    validateScenario(changed);
    return [];
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.problems.map((problem) => `${problem.path}: ${problem.expected}`);
  }
}

test("an application around the queue may be a valid scenario", () => {
  expect(validateScenario(VALID)).toBe(VALID);
});

test.each([
  ["producers[0].name", "redis", "stores[0].name: a name no other process has"],
  ["stores[0].takesMs", 1, 'stores[0].takesMs: no such field here: did you mean "takeMs"?'],
  ["stores[0].remembers", 0, "stores[0].remembers: an integer of at least 1"],
  [
    "consumers[0].handler[1].effect.store",
    "rediss",
    'consumers[0].handler[1].effect.store: a store of the scenario: did you mean "redis"?',
  ],
  [
    "consumers[0].handler[1].effect.dedup",
    "transaction",
    'consumers[0].handler[1].effect.dedup: a method: did you mean "transactional"?',
  ],
  ["consumers[0].handler[1].effect", "yes", "consumers[0].handler[1].effect: true, or { dedup, store }"],
  ["consumers[0].handler[0].outcome", "fail", 'consumers[0].handler[0].effect: outcome "finish" or "silent" with it'],
  ["consumers[0].deadLetter.topic", "orders", "consumers[0].deadLetter.topic: another topic than the consumer's"],
  [
    "consumers[0].deadLetter.afterAttempts",
    6,
    "consumers[0].deadLetter.afterAttempts: at most 5: the client gives up before",
  ],
  [
    "consumers[0].deadLetter.nsqd",
    "nsqd2",
    'consumers[0].deadLetter.nsqd: an nsqd of the scenario: did you mean "nsqd1"?',
  ],
  ["producers[0].workload[1].keys", 1, "producers[0].workload[1].keys: 2, as in another workload of the topic"],
  ["producers[0].workload[1].bodyBytes", 30, "producers[0].workload[1].bodyBytes: at least 36, with keys"],
  ["claims.effect", "twice", expect.stringMatching(/^claims\.effect: a claim: /)],
  ["claims.effect.mail", "never", expect.stringMatching(/^claims\.effect\.mail: a claim: /)],
  ["claims.ordre", "per-key", 'claims.ordre: no such field here: did you mean "order"?'],
  ["claims.order", "fifo", expect.stringMatching(/^claims\.order: an order: /)],
  ["expect.effects.twice", 1, expect.stringMatching(/^expect\.effects\.twice: no such field here/)],
])("%s = %j", (path, value, expected) => {
  expect(problems(path, value)).toEqual([expected]);
});

test("keys are needed where order is", () => {
  const workload = [{ topic: "orders", count: 3, everyMs: 10 }];
  expect(problems("producers[0].workload", workload)).toEqual([
    "consumers[0].inOrder: keys in a workload of the topic orders",
    "consumers[0].handler[1].effect.dedup: keys in a workload of the topic orders",
    "claims.order: keys in a workload",
  ]);
});

test("each message that is finished has the effect that is claimed", () => {
  const claimed = { ...VALID, claims: { effect: "once" } } as const;
  const handler = [
    { when: { everyNth: 2 }, takeMs: 1 },
    { when: { attempts: 1 }, effect: true },
  ] as const;
  const changed = { ...claimed, consumers: [{ ...VALID.consumers[0]!, handler }] };
  expect(() => validateScenario(changed)).toThrow(
    /^consumers\[0\]\.handler\[0\]\.effect: found nothing, expected an effect: .*\nconsumers\[0\]\.handler: found .*, expected a behaviour/,
  );
  expect(validateScenario({ ...changed, claims: { effect: "at-most-once" } })).toBeDefined();
});

test("effects are needed where they are claimed", () => {
  expect(problems("consumers[0].handler", undefined)).toEqual([
    "claims.effect: no such claim: no handler of the scenario has an effect",
  ]);
});

test("a consumer that finds its nsqds says where its dead letters go", () => {
  const { nsqd: _, ...deadLetter } = VALID.consumers[0]!.deadLetter!;
  const changed = {
    ...VALID,
    nsqlookupd: [{ name: "lookupd1" }],
    consumers: [{ ...VALID.consumers[0]!, nsqd: [], lookupd: ["lookupd1"], deadLetter }],
  };
  expect(() => validateScenario(changed)).toThrow("consumers[0].deadLetter.nsqd: found nothing, expected an nsqd");
});
