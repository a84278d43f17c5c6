import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { faultsArbitrary, noPropertyFails, noUnexplained, scenarioArbitrary } from "../../scenarios/testing/index.ts";
import { simulate } from "../../sim/run.ts";
import type { Scenario } from "../../sim/scenario/types.ts";
import { validateScenario } from "../../sim/scenario/validate.ts";

// The same scenarios every time, so that a green commit stays green; FC_SEED and FC_RUNS look further.
const EXPLORING = process.env["FC_SEED"] !== undefined;

function runs(numRuns: number): { numRuns?: number; seed?: number } {
  return EXPLORING ? {} : { numRuns, seed: 20_261_120 };
}

describe("whatever the scenario", () => {
  test("it is valid, and so is every simpler one", () => {
    fc.assert(
      fc.property(scenarioArbitrary(), (scenario) => {
        validateScenario(JSON.parse(JSON.stringify(scenario)));
      }),
      runs(200),
    );
    const sample = fc.sample(scenarioArbitrary(), { numRuns: 20, seed: 1 });
    expect(new Set(sample.map((one) => one.faults?.length)).size).toBeGreaterThan(2);
  });

  test("no property fails and everything has a licence", () => {
    fc.assert(
      fc.property(scenarioArbitrary(), (scenario) => {
        const run = simulate(scenario);
        expect(run).toSatisfy(noPropertyFails());
        expect(run).toSatisfy(noUnexplained());
      }),
      runs(150),
    );
  });

  test("the same scenario gives the same history", () => {
    fc.assert(
      fc.property(scenarioArbitrary({ maxMessages: 30 }), (scenario) => {
        expect(simulate(scenario).hash).toBe(simulate(scenario).hash);
      }),
      runs(25),
    );
  });
});

const ORDERS: Scenario = {
  name: "orders",
  question: "Does weather alone break anything?",
  seed: 1,
  durationMs: 2_000,
  recoveryMs: 600_000,
  nsqd: [{ name: "nsqd1", options: { "msg-timeout": "500ms" } }],
  producers: [{ name: "web", nsqd: ["nsqd1"], workload: [{ topic: "orders", count: 40, everyMs: 20 }] }],
  consumers: [
    {
      name: "billing1",
      nsqd: ["nsqd1"],
      topic: "orders",
      channel: "billing",
      maxInFlight: 5,
      config: { lookupd_poll_interval: "100ms", heartbeat_interval: "1s", read_timeout: "3s" },
    },
  ],
};

test("weather over a workload of one's own", () => {
  fc.assert(
    fc.property(faultsArbitrary(ORDERS, { maxFaults: 4 }), (faults) => {
      const run = simulate(validateScenario({ ...ORDERS, faults }));
      expect(run).toSatisfy(noPropertyFails());
      expect(run).toSatisfy(noUnexplained());
    }),
    runs(100),
  );
});

test("a counterexample shrinks to the fault that matters", () => {
  const found = fc.check(
    fc.property(scenarioArbitrary(), (scenario) => (scenario.faults ?? []).every((one) => one.do.kind !== "half-open")),
    { numRuns: 2_000, seed: 7 },
  );
  const [smallest] = found.counterexample ?? [];
  expect(smallest?.faults).toHaveLength(1);
  expect(smallest?.nsqd).toHaveLength(1);
  expect(smallest?.consumers).toHaveLength(1);
  expect(smallest?.operations).toEqual([]);
  expect(smallest?.producers[0]?.workload[0]?.count).toBe(1);
});
