import { describe, expect, test } from "vitest";
import { generateScenario } from "../../../sim/generate/index.ts";
import type { Run } from "../../../sim/result.ts";
import { simulate } from "../../../sim/run.ts";
import type { Scenario } from "../../../sim/scenario/types.ts";
import { validateScenario } from "../../../sim/scenario/validate.ts";
import { makeCapsule } from "../../../sim/shrink/capsule.ts";
import { failsBy, failuresOf } from "../../../sim/shrink/failure.ts";
import { Shrinker } from "../../../sim/shrink/shrinker.ts";
import { BROKER_BUGS } from "../oracles/broker-bugs.ts";
import { SAMPLE } from "../oracles/sample.ts";

const FACTS = { reason: "a test", versions: {}, smallest: true };

function messages(scenario: Scenario): number {
  return scenario.producers.flatMap((one) => one.workload).reduce((sum, { count }) => sum + count, 0);
}

function shrink(run: Run): Shrinker {
  const shrinker = new Shrinker(run, failuresOf(run)[0]!);
  while (shrinker.tries < 2_000 && shrinker.step());
  return shrinker;
}

function planted<T>(name: string, test: () => T): T {
  const remove = BROKER_BUGS.find((bug) => bug.name === name)!.plant();
  try {
    return test();
  } finally {
    remove();
  }
}

/** Ten faults, of which one loses a FIN; 2,000 messages. */
const LOST_FIN: Scenario = {
  name: "noisy-lost-fin",
  question: "Which of ten faults made a message come twice?",
  seed: 11,
  durationMs: 30_000,
  recoveryMs: 20_000,
  nsqd: [
    { name: "nsqd1", options: { "msg-timeout": "2s" } },
    { name: "nsqd2", options: { "msg-timeout": "2s" } },
  ],
  producers: [
    { name: "p1", nsqd: ["nsqd1", "nsqd2"], workload: [{ topic: "orders", count: 1_500, everyMs: 13 }] },
    { name: "p2", nsqd: ["nsqd2"], workload: [{ topic: "orders", count: 500, everyMs: 31, bodyBytes: 200 }] },
  ],
  consumers: ["c1", "c2", "c3"].map((name) => ({
    name,
    nsqd: ["nsqd1", "nsqd2"],
    topic: "orders",
    channel: "billing",
    maxInFlight: 4,
    maxAttempts: 0,
    config: { lookupd_poll_interval: "200ms" },
    handler: [{ takeMs: { uniform: [1, 9] as const } }],
  })),
  faults: [
    ...[1_100, 4_300, 7_700, 9_900, 12_345, 18_000].map((atMs, index) => ({
      trigger: { atMs },
      do: { kind: "latency" as const, link: [`c${(index % 3) + 1}`, "nsqd2"] as const, latency: 20, forMs: 700 },
    })),
    { trigger: { atMs: 5_000 }, do: { kind: "clock-step", process: "c3", byMs: 3_000 } },
    { trigger: { atMs: 11_111 }, do: { kind: "pause", process: "p2", forMs: 250 } },
    {
      trigger: { after: { kind: "finish", process: "c2", nth: 200 } },
      do: { kind: "cut", link: ["c2", "nsqd1"], direction: "forward", forMs: 120 },
    },
    { trigger: { atMs: 21_500 }, do: { kind: "stall", link: ["c1", "nsqd1"], forMs: 90 } },
  ],
  expect: { duplicates: { "connection-loss": { max: 1_000 }, "lost-fin": 0 } },
};

describe("shrinking", () => {
  test("2,000 operations and ten faults become one message and the one fault that matters", () => {
    const run = simulate(LOST_FIN);
    expect(failuresOf(run)[0]!.id).toBe("expect.duplicates.lost-fin more");
    const began = performance.now();
    const { best, complete, failure } = shrink(run);
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(complete).toBe(true);
    expect(messages(best)).toBeLessThanOrEqual(5);
    expect(best.faults).toMatchObject([{ do: { kind: "cut", link: ["c2", "nsqd1"] } }]);
    expect(best.nsqd).toHaveLength(1);
    expect(best.consumers).toHaveLength(1);
    const capsule = makeCapsule(simulate(best), failure, FACTS);
    expect(capsule.decisive).toEqual([0]);
    expect(capsule.story.length).toBeLessThanOrEqual(10);
    expect(capsule.story.join("\n")).toMatch(/fault begins: cut for \d+ ms \(c2 and nsqd1\)/);
    expect(capsule.story.join("\n")).toMatch(/c2 sends FIN to nsqd1[^]*again on orders\/billing .*attempt 2/);
  });

  test.each(BROKER_BUGS)(
    "the sample with a broker where $name: few messages, still valid, the same failure",
    ({ name }) =>
      planted(name, () => {
        const run = simulate(SAMPLE);
        const { best, failure, complete } = shrink(run);
        expect(complete).toBe(true);
        expect(messages(best)).toBeLessThanOrEqual(20);
        expect(best.faults ?? []).toEqual([]);
        validateScenario(JSON.parse(JSON.stringify(best)));
        const again = simulate(best);
        expect(failsBy(again, failure.id)).toBe(true);
        const capsule = makeCapsule(again, failure, FACTS);
        expect(capsule.story.length).toBeLessThanOrEqual(10);
        expect(capsule.story.at(-1)).toBe(
          again.verdicts.find((one) => one.property === failure.id)!.violations[0]!.text,
        );
      }),
  );

  test("tries the same candidates each time, none twice, and can stop and go on", () => {
    planted("a delay ends 50 ms late", () => {
      const run = simulate(SAMPLE);
      const whole = shrink(run);
      const bits = new Shrinker(run, failuresOf(run)[0]!);
      for (let index = 0; index < 10; index += 1) bits.step();
      expect(bits.complete).toBe(false);
      expect(failsBy(simulate(bits.best), "P7")).toBe(true);
      while (bits.step());
      expect(bits.best).toEqual(whole.best);
      expect(bits.tries).toBe(whole.tries);
      // What is as small as can be stays.
      expect(shrink(simulate(whole.best)).best).toEqual(whole.best);
    });
  });

  test("a generated scenario that fails shrinks too", () => {
    planted("REQ loses the message", () => {
      const seeds = Array.from({ length: 50 }, (_, index) => index + 1);
      const run = seeds.map((seed) => simulate(generateScenario(seed))).find(({ outcome }) => outcome === "fail")!;
      const { best } = shrink(run);
      expect(messages(best)).toBe(1);
      expect(best.faults ?? []).toEqual([]);
    });
  });
});
