import { describe, expect, test } from "vitest";
import { simulate } from "../../../sim/run.ts";
import type { Run } from "../../../sim/result.ts";
import type { OperationSpec, Scenario } from "../../../sim/scenario/types.ts";
import { ScenarioError, validateScenario } from "../../../sim/scenario/validate.ts";
import { small } from "../small.ts";

/** A consumer that asks two nsqlookupds in turn, every 200 ms; the nsqd registers with the first of them. */
function scenario(operations: readonly OperationSpec[], changes: Partial<Scenario> = {}): Scenario {
  const { consumers, ...rest } = small();
  return {
    ...rest,
    durationMs: 6_000,
    nsqlookupd: [{ name: "lookupd1", options: { "tombstone-lifetime": "2s" } }, { name: "lookupd2" }],
    nsqd: [{ name: "nsqd1", lookupd: ["lookupd1"] }],
    consumers: consumers.map((one) => ({
      ...one,
      nsqd: [],
      lookupd: ["lookupd1", "lookupd2"],
      config: { ...one.config, lookupd_poll_interval: "200ms" },
    })),
    operations,
    ...changes,
  };
}

/** What an nsqlookupd answered from one instant to another, each answer once, in ms. */
function answers(run: Run, lookupd: string, from: number, to: number): string[] {
  const told = [...run.history.events()]
    .filter(({ kind, peer, atUs }) => kind === "lookup" && peer === lookupd && atUs > from * 1_000 && atUs < to * 1_000)
    .map(({ text }) => text);
  return [...new Set(told)];
}

function operated(run: Run): string[] {
  return [...run.history.events()]
    .filter(({ kind }) => kind === "operate")
    .map(({ peer, place, value, text }) => `${peer} ${place}: ${text} ${value}`);
}

describe("the operator", () => {
  test("tombstones an nsqd at one nsqlookupd, for as long as that one keeps tombstones", () => {
    const run = simulate(
      scenario([{ atMs: 2_000, lookupd: "lookupd1", nsqd: "nsqd1", topic: "orders", do: "tombstone" }]),
    );
    expect(operated(run)).toEqual(["lookupd1 orders: tombstone nsqd1 0", "lookupd1 orders: tombstone nsqd1 200"]);
    expect(answers(run, "lookupd1", 1_000, 2_000)).toEqual(["nsqd1"]);
    expect(answers(run, "lookupd1", 2_020, 3_990)).toEqual([""]);
    expect(answers(run, "lookupd1", 4_020, 6_000)).toEqual(["nsqd1"]);
  });

  test("knows an nsqd by the address that it broadcasts", () => {
    const nsqd = [{ name: "nsqd1", lookupd: ["lookupd1"], options: { "broadcast-address": "10.0.0.7" } }];
    const run = simulate(
      scenario([{ atMs: 2_000, lookupd: "lookupd1", nsqd: "nsqd1", topic: "orders", do: "tombstone" }], { nsqd }),
    );
    expect(answers(run, "lookupd1", 2_020, 3_990)).toEqual([""]);
  });

  test("makes an nsqlookupd forget a topic, which the nsqd does not notice", () => {
    const run = simulate(scenario([{ atMs: 2_000, lookupd: "lookupd1", topic: "orders", do: "delete" }]));
    expect(answers(run, "lookupd1", 1_000, 2_000)).toEqual(["nsqd1"]);
    expect(answers(run, "lookupd1", 2_020, 6_000)).toEqual(["got response 404"]);
    expect(run.ledger.finished).toBe(100);
    const { losses } = run.ledger;
    expect(losses).toEqual([]);
  });

  test("tells a running nsqd where to register, and what to log", () => {
    const run = simulate(
      scenario([
        { atMs: 2_000, nsqd: "nsqd1", do: "config", set: { lookupd: ["lookupd2"] } },
        { atMs: 3_000, nsqd: "nsqd1", do: "config", set: { logLevel: "debug" } },
      ]),
    );
    expect(operated(run).filter((line) => !line.endsWith(" 0"))).toEqual([
      "nsqd1 : config lookupd lookupd2 200",
      "nsqd1 : config log_level debug 200",
    ]);
    expect(answers(run, "lookupd1", 2_100, 6_000)).toEqual([""]);
    expect(answers(run, "lookupd2", 1_000, 2_000)).toEqual(["got response 404"]);
    expect(answers(run, "lookupd2", 2_100, 6_000)).toEqual(["nsqd1"]);
  });

  test("is refused what nobody can do", () => {
    const asked = { atMs: 1, topic: "orders", do: "tombstone" };
    expect(wrong({ ...asked, lookupd: "lookupd1" })).toMatch(/^operations\[0\]\.nsqd: found nothing/);
    expect(wrong({ ...asked, nsqd: "nsqd1", lookupd: "lookup1" })).toMatch(/did you mean "lookupd1"/);
    expect(wrong({ ...asked, lookupd: "lookupd1", do: "pause" })).toMatch(/^operations\[0\]\.do: .*of an nsqlookupd/);
    expect(wrong({ ...asked, nsqd: "nsqd1", do: "tombston" })).toMatch(/did you mean "tombstone"/);
    expect(wrong({ atMs: 1, nsqd: "nsqd1", do: "config", set: { level: 1 } })).toMatch(/^operations\[0\]\.set/);
    expect(wrong({ atMs: 1, nsqd: "nsqd1", do: "config", set: { lookupd: ["nsqd1"] } })).toMatch(/set\.lookupd\[0\]/);
    expect(wrong(5)).toMatch(/^operations\[0\]: found 5, expected an operation/);
  });
});

/** What is said to a scenario with that operation; "": nothing. */
function wrong(operation: unknown): string {
  try {
    validateScenario({ ...scenario([]), operations: [operation] });
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
  }
  return "";
}
