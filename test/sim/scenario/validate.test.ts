import { describe, expect, test } from "vitest";
import { ScenarioError, validateScenario } from "../../../sim/scenario/validate.ts";
import type { Scenario } from "../../../sim/scenario/types.ts";

const VALID: Scenario = {
  name: "small-one",
  question: "Does it run?",
  seed: 1,
  durationMs: 1_000,
  recoveryMs: 1_000,
  nsqlookupd: [{ name: "lookupd1", options: { "tombstone-lifetime": "1s" }, clockOffsetMs: -5 }, { name: "lookupd2" }],
  nsqd: [
    {
      name: "nsqd1",
      profile: "nsqd-1.3",
      options: { "mem-queue-size": 10, "msg-timeout": "1s" },
      lookupd: ["lookupd1"],
    },
  ],
  producers: [
    { name: "p1", nsqd: ["nsqd1"], workload: [{ topic: "orders", count: 3, everyMs: 10, bodyBytes: 24, delayMs: 5 }] },
  ],
  consumers: [
    {
      name: "c1",
      nsqd: ["nsqd1"],
      lookupd: ["lookupd2", "lookupd1"],
      topic: "orders",
      channel: "billing#ephemeral",
      config: { msg_timeout: "1s" },
      handler: [
        {
          when: { attempts: { min: 2 }, percent: 50 },
          takeMs: { exponential: { meanMs: 1, maxMs: 9 } },
          outcome: "fail",
        },
        { takeMs: { uniform: [1, 2] }, touchEveryMs: 1 },
      ],
    },
  ],
  operations: [{ atMs: 1, nsqd: "nsqd1", topic: "orders", do: "pause" }],
  network: { latency: { uniform: [0, 1] }, fragmentBytes: 1, sendBufferBytes: 1_000 },
  faults: [
    { trigger: { atMs: 10, repeat: { everyMs: 10, times: 3 } }, do: { kind: "reset", link: ["c1", "nsqd1"] } },
    { trigger: { after: { kind: "finish", process: "c1", nth: 2 } }, do: { kind: "kill", process: "c1" } },
  ],
  oracles: ["P1", "P2"],
  expect: { verdicts: { P1: "pass" }, duplicates: { timeout: 1, "lost-fin": { max: 3 } }, delivered: { min: 3 } },
};

/** The problems of the valid scenario with one value replaced: `found at path: expected`. */
function problems(path: string, value: unknown): string[] {
  const changed = structuredClone(VALID) as unknown as Record<string, unknown>;
  const keys = path.split(/[.[\]]+/).filter((key) => key !== "");
  let at = changed;
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[keys.at(-1)!] = value;
  try {
    validateScenario(changed);
    return [];
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.problems.map((problem) => `${problem.path}: ${problem.expected}`);
  }
}

describe("validateScenario", () => {
  test("returns a valid scenario as it is", () => {
    expect(validateScenario(VALID)).toBe(VALID);
  });

  test.each([
    ["seed", -1, "seed: an integer of at least 0"],
    ["durationMs", "10s", "durationMs: a number from 0.001 to 10000000000"],
    ["name", "Small One", "name: a name in kebab case"],
    ["faluts", [], 'faluts: no such field here: did you mean "faults"?'],
    ["producers[0].nsqd", [], "producers[0].nsqd: at least 1 in the list"],
    ["nsqd[0].profile", "exakt", 'nsqd[0].profile: a profile: did you mean "exact"?'],
    ["nsqd[0].options.mem-queue-size", "many", expect.stringMatching(/^nsqd\[0\]\.options\.mem-queue-size: /)],
    [
      "nsqd[0].options.mem-queue-sise",
      1,
      expect.stringMatching(/^nsqd\[0\]\.options\.mem-queue-sise: .*mem-queue-size/),
    ],
    ["nsqd[0].options.tcp-address", "/run/nsqd", "nsqd[0].options.tcp-address: host:port, the port not 0"],
    ["nsqd[0].lookupd", ["lookupd3"], expect.stringMatching(/^nsqd\[0\]\.lookupd\[0\]: an nsqlookupd of the scenario/)],
    ["consumers[0].lookupd", ["nsqd1"], expect.stringMatching(/^consumers\[0\]\.lookupd\[0\]: an nsqlookupd of/)],
    ["producers[0].name", "lookupd2", "producers[0].name: a name no other process has"],
    [
      "nsqlookupd[0].options.tombstone-lifetme",
      "1s",
      expect.stringMatching(/^nsqlookupd\[0\]\.options\.tombstone-lifetme: .*tombstone-lifetime/),
    ],
    ["nsqlookupd[0].options.http-address", ":0", expect.stringContaining("the port not 0")],
    ["producers[0].nsqd", ["nsqd2"], 'producers[0].nsqd[0]: an nsqd of the scenario: did you mean "nsqd1"?'],
    ["producers[0].name", "c1", "consumers[0].name: a name no other process has"],
    ["producers[0].name", "operator", "producers[0].name: another name: this one is the operator's"],
    ["producers[0].workload[0].bodyBytes", 23, "producers[0].workload[0].bodyBytes: an integer from 24 to 67108864"],
    ["producers[0].workload[0].topic", "or ders", expect.stringContaining("a topic name")],
    ["producers[0].workload[0].batch", 2, "producers[0].workload[0].delayMs: no delay: NSQ has no deferred MPUB"],
    [
      "consumers[0].config.msg_timeuot",
      "1s",
      expect.stringMatching(/^consumers\[0\]\.config\.msg_timeuot: .*msg_timeout/),
    ],
    ["consumers[0].config.heartbeat_interval", -1, expect.stringContaining("nsqd refuses a consumer without")],
    [
      "consumers[0].handler[0].outcome",
      "finnish",
      'consumers[0].handler[0].outcome: an outcome: did you mean "finish"?',
    ],
    ["consumers[0].handler[0].requeueDelayMs", 3, expect.stringContaining('outcome "requeue" with it')],
    ["consumers[0].handler[0].when.attempts", { min: 3, max: 2 }, expect.stringContaining("min no greater than max")],
    ["consumers[0].handler[1].takeMs", { uniform: [2, 1] }, expect.stringContaining("the smaller one first")],
    ["consumers[0].handler", "fast", "consumers[0].handler: a list of behaviours, or { use: name }"],
    ["faults[0].do.kind", "rest", 'faults[0].do.kind: a fault: did you mean "reset"?'],
    ["faults[0].do.link", ["c1", "c1"], "faults[0].do.link: two different processes"],
    ["faults[0].do.link", ["c1"], "faults[0].do.link: a link: the names of two processes"],
    ["faults[0].trigger.atMs", 1_000, expect.stringContaining("a time before the faults are healed")],
    ["faults[0].trigger", {}, "faults[0].trigger: a trigger: an object with atMs, or with after"],
    ["faults[1].trigger.after.nth", 0, "faults[1].trigger.after.nth: an integer of at least 1"],
    [
      "faults[1].trigger.after.kind",
      "finsh",
      'faults[1].trigger.after.kind: an event of the history: did you mean "finish"?',
    ],
    ["oracles", ["P99"], expect.stringMatching(/^oracles\[0\]: a property: /)],
    ["expect.duplicates", { timeouts: 1 }, 'expect.duplicates.timeouts: a licence: did you mean "timeout"?'],
    ["expect.delivered", -1, "expect.delivered: an integer of at least 0"],
    ["operations[0].do", "unpuase", 'operations[0].do: an operation: did you mean "unpause"?'],
    ["network.fragmentBytes", 0, "network.fragmentBytes: an integer of at least 1"],
  ])("%s = %j", (path, value, expected) => {
    expect(problems(path, value)).toEqual([expected]);
  });

  test("a consumer may find its nsqds, but must be told of somebody", () => {
    const [consumer] = VALID.consumers;
    const changed = { ...VALID, consumers: [{ ...consumer!, nsqd: [] }] };
    expect(validateScenario(changed)).toBe(changed);
    const { lookupd: _, ...alone } = changed.consumers[0]!;
    expect(() => validateScenario({ ...VALID, consumers: [alone] })).toThrow(
      "at least 1 in the list, or some in lookupd",
    );
  });

  test("says everything that is wrong, each with its path and value", () => {
    const broken = { ...VALID, seed: "x", producers: [{ name: "p1" }], extra: true };
    expect(() => validateScenario(broken)).toThrow(
      [
        'seed: found "x", expected an integer of at least 0',
        "producers[0].nsqd: found nothing, expected a value",
        "producers[0].workload: found nothing, expected a value",
        "extra: found true, expected no such field here: one of",
      ].join("\n"),
    );
  });

  test("takes anything at all, and throws nothing else", () => {
    for (const value of [null, undefined, 7, "x", [], {}, { nsqd: 3 }, { nsqd: [null], faults: [null, { do: 1 }] }])
      expect(() => validateScenario(value)).toThrow(ScenarioError);
  });
});
