import { describe, expect, test } from "vitest";
import { generateScenario } from "../../sim/generate/index.ts";
import type { History } from "../../sim/history.ts";
import { simulate } from "../../sim/run.ts";
import type { Scenario } from "../../sim/scenario/types.ts";
import { at, small } from "./small.ts";

/** Two consumers, of two channels, that know only an nsqlookupd. */
function finding(changes: Partial<Scenario> = {}): Scenario {
  const { consumers, ...rest } = small();
  const [consumer] = consumers;
  return {
    ...rest,
    nsqlookupd: [{ name: "lookupd1" }],
    nsqd: [{ name: "nsqd1", lookupd: ["lookupd1"] }],
    consumers: ["billing", "shipping"].map((channel, index) => ({
      ...consumer!,
      name: `c${index + 1}`,
      nsqd: [],
      lookupd: ["lookupd1"],
      channel,
    })),
    ...changes,
  };
}

/** `lookup` and `subscribe` rows: who, and what. */
function lookups(history: History, process: string): string[] {
  const told: string[] = [];
  for (const event of history.events()) {
    if (event.process !== process) continue;
    if (event.kind === "lookup") told.push(`${event.peer}: ${event.text}`);
    if (event.kind === "subscribe") told.push(`on ${event.peer}`);
  }
  return told;
}

describe("discovery", () => {
  test("shows in the history: nothing known at first, then an nsqd, then the connection", () => {
    const run = simulate(finding());
    const told = lookups(run.history, "c1");
    expect(told[0]).toBe("lookupd1: got response 404");
    expect(told.slice(told.indexOf("lookupd1: nsqd1")).slice(0, 2)).toEqual(["lookupd1: nsqd1", "on nsqd1"]);
    expect(run.expectations.filter((one) => !one.met)).toEqual([]);
    expect(run.outcome).toBe("pass");
  });

  test("survives kills of everybody, and the same run comes out twice", () => {
    const scenario = finding({
      durationMs: 60_000,
      faults: [
        at(300, { kind: "kill", process: "lookupd1", restartAfterMs: 100 }),
        at(900, { kind: "stop", process: "nsqd1", restartAfterMs: 500 }),
        at(10_000, { kind: "kill", process: "c1", restartAfterMs: 100 }),
        at(20_000, { kind: "kill", process: "lookupd1", restartAfterMs: 100, powerLoss: true }),
        at(30_000, { kind: "partition", link: ["c2", "lookupd1"], forMs: 5_000 }),
      ],
    });
    const run = simulate(scenario);
    expect(run.verdicts.filter(({ outcome }) => outcome === "fail")).toEqual([]);
    expect(run.hash).toBe(simulate(scenario).hash);
    // The restarted nsqd registers at once, and is found again.
    expect(lookups(run.history, "c2").filter((line) => line === "on nsqd1").length).toBeGreaterThan(1);
  });

  test("a new topic waits for nsqlookupds that are cut off, which excuses it", () => {
    const consumers = small().consumers.map((one) => ({ ...one, startMs: 150 }));
    const [producer] = small().producers;
    const producers = [{ ...producer!, workload: [{ topic: "orders", startMs: 150, count: 50, everyMs: 10 }] }];
    const faults = [at(100, { kind: "partition", link: ["nsqd1", "lookupd1"], forMs: 700 })];
    const run = simulate(finding({ producers, consumers, faults }));
    expect(run.verdicts.filter(({ outcome }) => outcome === "fail")).toEqual([]);
    expect(run.ledger.late.filter(({ licence }) => licence === "fault").length).toBeGreaterThan(0);
  });

  test("leaves every property in force, in scenarios made from seeds", () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const run = simulate(generateScenario(seed, { minLookupds: 1 }));
      expect(
        run.verdicts.filter(({ outcome }) => outcome === "fail"),
        `seed ${seed}`,
      ).toEqual([]);
    }
  });
});
