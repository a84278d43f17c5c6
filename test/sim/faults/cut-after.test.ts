import { describe, expect, test } from "vitest";
import { runTwice } from "../../../sim/compare.ts";
import { simulate } from "../../../sim/run.ts";
import type { FaultSpec } from "../../../sim/scenario/types.ts";
import { at, small } from "../small.ts";
import { count, runWith, told, wrong } from "./told.ts";

type CutAfter = Extract<FaultSpec["do"], { kind: "cut-after"; command: string }>;

function cut(more: Partial<CutAfter>, atMs = 300): FaultSpec {
  return at(atMs, { kind: "cut-after", link: ["c1", "nsqd1"], direction: "forward", command: "FIN", ...more });
}

function finished(passes: boolean): number {
  const run = runWith([cut({ nth: 3, passes })]);
  const instant = Number.parseFloat(told(run, "fault")[0]!);
  expect(wrong(run)).toEqual([]);
  return count(run, "broker-finish", 300, instant + 10);
}

describe("a connection that is cut after the k-th command", () => {
  test("loses that command, which had been sent", () => {
    const run = runWith([cut({ nth: 3 })]);
    expect(told(run, "fault")[0]).toMatch(/begin c1 cut-after forward FIN number 3$/);
    const events = [...run.history.events()];
    const begin = events.findIndex(({ kind }) => kind === "fault");
    expect(events.slice(0, begin).filter(({ kind, atUs }) => kind === "finish" && atUs >= 300_000)).toHaveLength(3);
    expect(run.ledger.duplicates.map(({ licence }) => licence)).toContain("lost-fin");
    expect(count(run, "close")).toBe(1);
    expect(run.faultsFired).toBe(1);
    expect(wrong(run)).toEqual([]);
  });

  test("or not, when it passes", () => {
    expect(finished(true)).toBe(finished(false) + 1);
  });

  test("counts from the trigger on, on whichever connection", () => {
    const run = runWith([cut({ command: "RDY", nth: 2 }, 0), at(500, { kind: "reset", link: ["c1", "nsqd1"] })]);
    const [begin] = told(run, "fault").filter((line) => line.includes("cut-after"));
    expect(Number.parseFloat(begin!)).toBeGreaterThan(500);
    expect(wrong(run)).toEqual([]);
  });

  test("that never leaves, did not happen", () => {
    const run = runWith([cut({ command: "TOUCH" })]);
    expect(run.faultsFired).toBe(0);
    expect(told(run, "fault")).toEqual([]);
  });

  test("counts commands that come in pieces, and frames of nsqd", () => {
    const network = { fragmentBytes: 3 };
    const ok: FaultSpec = at(300, {
      kind: "cut-after",
      link: ["p1", "nsqd1"],
      direction: "backward",
      command: "OK",
      nth: 5,
    });
    const run = runWith([ok], { network });
    const lost = [...run.history.events()].filter(({ kind }) => kind === "publish-unknown");
    expect(lost.length).toBeGreaterThanOrEqual(1);
    const instant = Number.parseFloat(told(run, "fault")[0]!);
    expect(count(run, "broker-accept", 300, instant + 0.001)).toBeGreaterThanOrEqual(5);
    expect(wrong(run)).toEqual([]);
  });

  test("is cut again each time the trigger fires, and the same each time", () => {
    const repeat = { everyMs: 400, times: 3 };
    const faults = [{ ...cut({ nth: 2 }), trigger: { atMs: 200, repeat } }];
    const { first, divergence } = runTwice(small({ faults }));
    expect(divergence).toBeNull();
    expect(first.faultsFired).toBe(3);
    expect(wrong(first)).toEqual([]);
  });
});

function bytes(count: number): FaultSpec {
  return at(300, { kind: "cut-after", link: ["p1", "nsqd1"], direction: "forward", bytes: count });
}

function accepted(count: number): number {
  const run = runWith([bytes(count)]);
  const instant = Number.parseFloat(told(run, "fault")[0]!);
  expect(wrong(run)).toEqual([]);
  const events = [...run.history.events()];
  return events.filter(({ kind, atUs }) => kind === "broker-accept" && atUs > 305_000 && atUs < instant * 1_000 + 9_000)
    .length;
}

describe("a connection that is cut after so many bytes", () => {
  test("lets exactly these through", () => {
    // `PUB orders\n`, a size and the body.
    const publish = 11 + 4 + 64;
    const whole = accepted(3 * publish);
    expect(accepted(3 * publish - 1)).toBe(whole - 1);
    expect(accepted(2 * publish + 1)).toBe(whole - 1);
  });

  test("is told by its last byte", () => {
    expect(told(runWith([bytes(100)]), "fault")[0]).toMatch(/begin p1 cut-after forward 100 bytes$/);
    expect(runWith([bytes(1_000_000)]).faultsFired).toBe(0);
  });
});

test("both ends hear of a connection that is cut, so that nobody is known twice", () => {
  const run = simulate({
    name: "cut-registration",
    question: "Does an nsqlookupd keep the connection that was cut?",
    seed: 1,
    durationMs: 20_000,
    recoveryMs: 60_000,
    network: { latency: 1 },
    nsqlookupd: [{ name: "nsqlookupd1" }],
    nsqd: [{ name: "nsqd1", lookupd: ["nsqlookupd1"] }],
    producers: [{ name: "p1", nsqd: ["nsqd1"], workload: [{ topic: "late", startMs: 2_000, count: 1, everyMs: 0 }] }],
    consumers: [
      {
        name: "c1",
        nsqd: ["nsqd1"],
        lookupd: ["nsqlookupd1"],
        topic: "orders",
        channel: "billing",
        config: { lookupd_poll_interval: "200ms" },
      },
    ],
    faults: [
      at(1_000, {
        kind: "cut-after",
        link: ["nsqd1", "nsqlookupd1"],
        direction: "forward",
        bytes: 1,
      }),
    ],
  });
  const named = [...run.history.events()].filter(({ kind }) => kind === "lookup").map(({ value }) => value);
  expect(run.faultsFired).toBe(1);
  expect(Math.max(...named)).toBe(1);
  // The nsqlookupd forgets the nsqd with its connection, until it registers again.
  expect(named.slice(named.indexOf(1))).toContain(0);
  expect(named.at(-1)).toBe(1);
});
