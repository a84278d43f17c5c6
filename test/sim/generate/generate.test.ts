import { describe, expect, test } from "vitest";
import { randomStream } from "../../../core/random.ts";
import { list, maybe, oneOf, record, subset, whole } from "../../../sim/generate/choices.ts";
import { draw } from "../../../sim/generate/draw.ts";
import { generateScenario, seedScenario } from "../../../sim/generate/index.ts";
import { FAULT_KINDS } from "../../../sim/generate/fault-kinds.ts";
import { simulate } from "../../../sim/run.ts";
import { validateScenario } from "../../../sim/scenario/validate.ts";

const SEEDS = Array.from({ length: 500 }, (_, index) => index + 1);

describe("scenarios of a seed", () => {
  test("the same seed gives the same scenario, another seed another", () => {
    expect(generateScenario(7)).toEqual(generateScenario(7));
    expect(generateScenario(7)).not.toEqual(generateScenario(8));
  });

  test("every one is valid data", () => {
    for (const seed of SEEDS) {
      const scenario = generateScenario(seed);
      expect(JSON.parse(JSON.stringify(scenario))).toEqual(scenario);
      validateScenario(scenario);
    }
  });

  test("they stay within the limits", () => {
    for (const seed of SEEDS) {
      const scenario = generateScenario(seed, { maxMessages: 40, maxNsqds: 1, faults: ["reset"] });
      const messages = scenario.producers.flatMap((one) => one.workload.map((work) => work.count));
      // A workload has one message at least, even when the budget is spent.
      expect(messages.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(40 + 3);
      expect(scenario.nsqd).toHaveLength(1);
      for (const fault of scenario.faults ?? []) expect(fault.do.kind).toBe("reset");
    }
  });

  test("every kind of fault, every profile and every outcome of a handler occurs", () => {
    const seen = new Set<string>();
    for (const seed of SEEDS) {
      const scenario = generateScenario(seed);
      for (const fault of scenario.faults ?? []) seen.add(fault.do.kind);
      for (const one of scenario.nsqd) seen.add(one.profile ?? "exact");
      for (const one of scenario.consumers)
        if (Array.isArray(one.handler)) for (const behaviour of one.handler) seen.add(behaviour.outcome ?? "finish");
    }
    const wanted = [...FAULT_KINDS, "exact", "nsqd-1.3", "finish", "fail", "throw", "requeue", "silent"];
    expect(wanted.filter((name) => !seen.has(name))).toEqual([]);
  });
});

describe("drawing", () => {
  test("stays in the space", () => {
    const space = record({
      n: whole(3, 5),
      word: oneOf("a", "b"),
      rare: maybe(10, whole(1, 1)),
      some: list(1, 3, whole(0, 9)),
      weather: subset(["sun", "rain", "snow"]),
    });
    const random = randomStream(1, "test");
    let present = 0;
    for (let run = 0; run < 1_000; run += 1) {
      const value = draw(space, random);
      expect([3, 4, 5]).toContain(value.n);
      expect(["a", "b"]).toContain(value.word);
      if (value.rare !== null) present += 1;
      expect(value.some.length).toBeGreaterThanOrEqual(1);
      expect(value.some.length).toBeLessThanOrEqual(3);
      expect(["sun", "rain", "snow"].filter((one) => value.weather.includes(one))).toEqual(value.weather);
    }
    expect(present).toBeGreaterThan(50);
    expect(present).toBeLessThan(150);
  });
});

describe("worlds with something around the queue", () => {
  test("are valid, have effects, keys, stores and dead letters, and keep what they claim", () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 40; seed += 1) {
      const scenario = seedScenario(seed, "shop");
      validateScenario(scenario);
      for (const fault of scenario.faults ?? [])
        if (JSON.stringify(fault.do).includes('"store1"')) seen.add("faults of stores");
      const { verdicts } = simulate(scenario);
      expect(verdicts.filter(({ outcome }) => outcome === "fail")).toEqual([]);
      for (const { property, outcome } of verdicts) if (outcome === "pass") seen.add(property);
    }
    expect(["P12", "P14", "P15", "faults of stores"].filter((name) => !seen.has(name))).toEqual([]);
  });

  test("are a size of their own: the scenarios of the others are what they were without", () => {
    expect(seedScenario(7, "shop").name).toBe("shop-7");
    expect(seedScenario(7, "small").stores).toBeUndefined();
    const { name: _, ...plain } = seedScenario(7, "small");
    expect(generateScenario(7, { applications: ["none", "none"] })).toMatchObject(plain);
  });
});
