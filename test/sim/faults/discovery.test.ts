import { describe, expect, test } from "vitest";
import { simulate } from "../../../sim/run.ts";
import type { Run } from "../../../sim/result.ts";
import type { FaultSpec, Scenario } from "../../../sim/scenario/types.ts";
import { ScenarioError, validateScenario } from "../../../sim/scenario/validate.ts";
import { at, small } from "../small.ts";

/** c1 knows nsqd1 by an nsqlookupd, which it asks every second; a second nsqd is there from 5 s on, with the same topic. */
function found(faults: readonly FaultSpec[], changes: Partial<Scenario> = {}): Run {
  const { consumers, producers, ...rest } = small();
  return simulate({
    ...rest,
    durationMs: 20_000,
    nsqlookupd: [{ name: "lookupd1" }],
    nsqd: ["nsqd1", "nsqd2"].map((name) => ({ name, lookupd: ["lookupd1"] })),
    producers: [
      ...producers,
      { name: "p2", nsqd: ["nsqd2"], workload: [{ topic: "orders", startMs: 5_000, count: 10, everyMs: 10 }] },
    ],
    consumers: consumers.map((one) => ({
      ...one,
      nsqd: [],
      lookupd: ["lookupd1"],
      config: { ...one.config, lookupd_poll_interval: "1s" },
    })),
    faults,
    ...changes,
  });
}

/** Instants in ms of the events of a kind about a peer. */
function instants(run: Run, kind: string, peer: string): number[] {
  return [...run.history.events()]
    .filter((event) => event.kind === kind && event.peer === peer)
    .map(({ atUs }) => atUs / 1_000);
}

/** Begin and end of the faults that acted, in ms. */
function spans(run: Run): string[] {
  return [...run.history.events()]
    .filter(({ kind }) => kind === "fault")
    .map(({ atUs, detail, text }) => `${detail === 1 ? "begins" : "ends"} ${Math.floor(atUs / 1_000)} ${text}`);
}

describe("discovery faults", () => {
  test("without any the new nsqd is found with the next poll", () => {
    const [joined] = instants(found([]), "subscribe", "nsqd2");
    expect(joined).toBeGreaterThan(5_000);
    expect(joined).toBeLessThan(6_500);
  });

  test.each(["lookup-stale", "lookup-empty", "lookup-fail"] as const)("%s hides it until it ends", (kind) => {
    const run = found([at(4_000, { kind, process: "lookupd1", forMs: 6_000 })]);
    const [joined] = instants(run, "subscribe", "nsqd2");
    expect(joined).toBeGreaterThan(10_000);
    expect(joined).toBeLessThan(11_500);
    expect(run.faultsFired).toBe(1);
    expect(spans(run)[1]).toBe(`ends 10000 ${kind} for 6000 ms`);
    expect(instants(run, "close", "nsqd1")).toEqual([]);
  });

  test("a stale answer acts when it is another than the true one, an empty one at once", () => {
    const [stale] = spans(found([at(2_000, { kind: "lookup-stale", process: "lookupd1", forMs: 8_000 })]));
    const [empty] = spans(found([at(2_000, { kind: "lookup-empty", process: "lookupd1", forMs: 8_000 })]));
    expect(Number(stale!.split(" ")[1])).toBeGreaterThan(5_000);
    expect(Number(empty!.split(" ")[1])).toBeLessThan(3_500);
  });

  test("what nobody runs into has not acted", () => {
    const run = found([
      at(10_000, { kind: "lookup-stale", process: "lookupd1", forMs: 5_000 }),
      at(10_000, { kind: "unresolvable", process: "c1", of: "nsqd2", forMs: 5_000 }),
      at(10_000, { kind: "lookup-fail", process: "lookupd1", forMs: 1 }),
    ]);
    expect(spans(run)).toEqual([]);
    expect(run.faultsFired).toBe(0);
  });

  test("a stale answer to a question for a topic that nobody had is that nobody has it", () => {
    const run = found([at(0, { kind: "lookup-stale", process: "lookupd1" })], { durationMs: 4_000 });
    const answers = [...run.history.events()].filter(({ kind, atUs }) => kind === "lookup" && atUs < 4_000_000);
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(["got response 404"]));
    expect(run.ledger.finished).toBe(100);
  });

  test("a slow nsqlookupd answers so much later, and not after its death", () => {
    const slow = at(4_900, { kind: "lookup-slow", process: "lookupd1", delayMs: 3_000, forMs: 500 });
    const [late] = instants(found([slow]), "subscribe", "nsqd2");
    expect(late).toBeGreaterThan(8_000);
    expect(late).toBeLessThan(9_000);
    const run = found([slow, at(6_000, { kind: "kill", process: "lookupd1", restartAfterMs: 100 })]);
    const failures = [...run.history.events()].filter(({ kind, text }) => kind === "lookup" && text.includes("reset"));
    expect(failures).toHaveLength(1);
  });

  test("an address that does not resolve cannot be dialled; connections there are stay", () => {
    const run = found([
      at(0, { kind: "unresolvable", process: "c1", of: "nsqd2", forMs: 9_000 }),
      at(4_000, { kind: "unresolvable", process: "c1", of: "nsqd1" }),
    ]);
    expect(run.faultsFired).toBe(1);
    const failed = [...run.history.events()].filter(({ kind }) => kind === "connect-failed");
    expect(new Set(failed.map(({ peer, text }) => `${peer} ${text}`))).toEqual(new Set(["nsqd2 unreachable"]));
    expect(failed.length).toBeGreaterThan(2);
    const [joined] = instants(run, "subscribe", "nsqd2");
    expect(joined).toBeGreaterThan(9_000);
    expect(instants(run, "close", "nsqd1")).toEqual([]);
    const blind = found([at(0, { kind: "unresolvable", process: "c1", of: "lookupd1", forMs: 3_000 })]);
    expect(blind.faultsFired).toBe(1);
    // The first question leaves before any fault begins.
    const [, second] = [...blind.history.events()].filter(({ kind }) => kind === "lookup");
    expect(second!.text).toMatch(/ENOTFOUND lookupd1/);
  });

  test("are refused for whom they cannot strike", () => {
    const { scenario } = found([]);
    const wrong = (action: object): string => {
      try {
        validateScenario({ ...scenario, faults: [{ trigger: { atMs: 1 }, do: action }] });
      } catch (error) {
        if (error instanceof ScenarioError) return error.message;
      }
      return "";
    };
    expect(wrong({ kind: "lookup-fail", process: "nsqd1" })).toMatch(/^faults\[0\]\.do\.process: .*lookupd1/);
    expect(wrong({ kind: "lookup-slow", process: "lookupd1" })).toMatch(/^faults\[0\]\.do\.delayMs: /);
    expect(wrong({ kind: "unresolvable", process: "c1", of: "c1" })).toMatch(/^faults\[0\]\.do\.of: .*a daemon/);
    expect(wrong({ kind: "unresolvable", process: "nsqd1", of: "nsqd1" })).toMatch(/another process/);
    expect(wrong({ kind: "lookup-stal", process: "lookupd1" })).toMatch(/lookup-stale/);
  });
});
