import { describe, expect, test } from "vitest";
import { runTwice } from "../../../sim/compare.ts";
import { at, small } from "../small.ts";
import { count, runWith, told, wrong } from "./told.ts";

const link = ["nsqd1", "c1"] as const;
/** Makes the consumer connect again. */
const reset = at(500, { kind: "reset", link });

describe("refused connects", () => {
  test("fail at once, and those that there are live on", () => {
    const run = runWith([at(400, { kind: "refuse-connect", link, forMs: 600 }), reset]);
    expect(count(run, "deliver", 400, 500)).toBeGreaterThan(5);
    expect(count(run, "deliver", 520, 1_000)).toBe(0);
    const failures = told(run, "connect-failed");
    expect(failures.length).toBeGreaterThan(2);
    expect(failures[0]).toContain("refused");
    expect(run.ledger.finished).toBe(100);
    expect(wrong(run)).toEqual([]);
  });

  test("act when the first is, and are told until they end", () => {
    const run = runWith([at(400, { kind: "refuse-connect", link, forMs: 600 }), reset]);
    const [begin, end] = told(run, "fault").filter((line) => line.includes("refuse"));
    const first = told(run, "connect-failed")[0]!;
    expect(Number.parseFloat(begin!)).toBeGreaterThan(500);
    expect(Number.parseFloat(begin!)).toBeLessThan(Number.parseFloat(first));
    expect(end).toBe("1000 end nsqd1 refuse-connect for 600 ms");
    const quiet = runWith([at(400, { kind: "refuse-connect", link, forMs: 600 })]);
    expect(quiet.faultsFired).toBe(0);
    expect(told(quiet, "fault")).toEqual([]);
  });

  test("meet HTTP too", () => {
    const operations = [{ atMs: 500, nsqd: "nsqd1", topic: "orders", do: "pause" as const }];
    const refused = at(400, { kind: "refuse-connect", link: ["c1", "nsqd1"], forMs: 100 });
    const run = runWith([refused], { operations });
    expect(run.faultsFired).toBe(0);
    expect(wrong(run)).toEqual([]);
  });
});

describe("hanging connects", () => {
  test("hear nothing, and come through when it is over", () => {
    const config = { ...small().consumers[0]!.config, dial_timeout: "10s" };
    const consumers = [{ ...small().consumers[0]!, config }];
    const run = runWith([at(400, { kind: "hang-connect", link, forMs: 600 }), reset], { consumers });
    expect(count(run, "connect-failed")).toBe(0);
    expect(count(run, "deliver", 520, 1_000)).toBe(0);
    expect(count(run, "connect", 1_000, 1_020)).toBe(1);
    expect(run.faultsFired).toBe(2);
    expect(run.ledger.finished).toBe(100);
    expect(wrong(run)).toEqual([]);
  });

  test("end in the client's own dial timeout, and it tries anew", () => {
    const config = { ...small().consumers[0]!.config, dial_timeout: "100ms" };
    const consumers = [{ ...small().consumers[0]!, config }];
    const run = runWith([at(400, { kind: "hang-connect", link }), reset], { consumers });
    const failures = told(run, "connect-failed");
    expect(failures.length).toBeGreaterThan(3);
    expect(failures[0]).toMatch(/time/);
    expect(told(run, "fault").at(-1)).toBe("2000 end nsqd1 hang-connect");
    expect(run.ledger.finished).toBe(100);
    expect(wrong(run)).toEqual([]);
  });

  test("are the same each time, with a kill among them", () => {
    const faults = [
      at(300, { kind: "hang-connect", link, forMs: 500 }),
      at(500, { kind: "kill", process: "c1", restartAfterMs: 100 }),
      at(900, { kind: "refuse-connect", link, forMs: 300 }),
      at(950, { kind: "reset", link }),
    ];
    const { first, divergence } = runTwice(small({ faults }));
    expect(divergence).toBeNull();
    expect(first.faultsFired).toBe(4);
    expect(wrong(first)).toEqual([]);
  });
});
