import { describe, expect, test } from "vitest";
import type { Scenario } from "../../../sim/scenario/types.ts";
import { at, small } from "../small.ts";
import { runWith, told, wrong } from "./told.ts";

function handlers(takeMs: number): Pick<Scenario, "consumers"> {
  return { consumers: [{ ...small().consumers[0]!, handler: [{ takeMs }] }] };
}

describe("a stop with a grace period", () => {
  test("is a kill for what has not exited by then", () => {
    const stop = at(500, { kind: "stop", process: "c1", graceMs: 50, restartAfterMs: 200 });
    const run = runWith([stop], handlers(400));
    expect(told(run, "fault", "process").slice(3)).toEqual([
      "500 begin c1 stop restart after 200 ms within 50 ms",
      "500 c1 stop",
      "550 c1 kill",
      "750 c1 start",
      "750 end c1 stop restart after 200 ms within 50 ms",
    ]);
    expect(run.ledger.duplicates.map(({ licence }) => licence)).toContain("consumer-crash");
    expect(wrong(run)).toEqual([]);
  });

  test("is none for what has", () => {
    const stop = at(500, { kind: "stop", process: "c1", graceMs: 1_000, restartAfterMs: 100 });
    const run = runWith([stop], handlers(20));
    const lines = told(run, "process").slice(3);
    expect(lines.map((line) => line.replace(/^[\d.]+ /, ""))).toEqual(["c1 stop", "c1 stopped", "c1 start"]);
    expect(run.ledger.duplicates).toEqual([]);
  });

  test("reaches a process that cannot hear", () => {
    const run = runWith([
      at(400, { kind: "pause", process: "nsqd1", forMs: 5_000 }),
      at(500, { kind: "stop", process: "nsqd1", graceMs: 100, restartAfterMs: 100 }),
    ]);
    expect(told(run, "process").slice(3)).toEqual([
      "400 nsqd1 pause",
      "500 nsqd1 stop",
      "600 nsqd1 kill",
      "700 nsqd1 start",
    ]);
    expect(wrong(run)).toEqual([]);
  });

  test("does not strike who came after it", () => {
    const run = runWith(
      [
        at(500, { kind: "stop", process: "c1", graceMs: 300 }),
        at(510, { kind: "kill", process: "c1", restartAfterMs: 20 }),
      ],
      handlers(1_000),
    );
    expect(told(run, "process").slice(3)).toEqual(["500 c1 stop", "510 c1 kill", "530 c1 start"]);
  });
});

describe("a restart with something changed", () => {
  const restartWith = { options: { "msg-timeout": "300ms", "max-req-timeout": "100ms" } };
  const silent: Pick<Scenario, "consumers"> = {
    consumers: [
      {
        ...small().consumers[0]!,
        maxInFlight: 200,
        concurrency: 200,
        handler: [{ when: { attempts: 1 }, outcome: "silent" }],
        config: { lookupd_poll_interval: "100ms" },
      },
    ],
  };

  test("is judged by the options in force", () => {
    const nsqd = [{ name: "nsqd1", options: { "msg-timeout": "5s", "mem-queue-size": 0 } }];
    const restart = at(400, { kind: "stop", process: "nsqd1", restartAfterMs: 100, restartWith });
    const run = runWith([restart], { ...silent, nsqd, durationMs: 3_000 });
    const events = [...run.history.events()];
    const timeouts = events.filter(({ kind }) => kind === "subscribe").map(({ value }) => value);
    expect(timeouts).toEqual([5_000_000, 300_000]);
    expect(told(run, "fault")[0]).toBe(
      "400 begin nsqd1 stop restart after 100 ms with msg-timeout=300ms, max-req-timeout=100ms",
    );
    expect(wrong(run)).toEqual([]);
    expect(run.ledger.finished).toBe(run.ledger.accepted);
  });

  test("stays changed in the restarts after it", () => {
    const run = runWith(
      [
        at(400, { kind: "kill", process: "nsqd1", restartAfterMs: 50, restartWith }),
        at(1_000, { kind: "kill", process: "nsqd1", restartAfterMs: 50 }),
      ],
      silent,
    );
    const events = [...run.history.events()];
    expect(events.filter(({ kind }) => kind === "subscribe").map(({ value }) => value)).toEqual([
      60_000_000, 300_000, 300_000,
    ]);
    const starts = events.filter(
      ({ kind, process, text }) => kind === "process" && process === "nsqd1" && text === "start",
    );
    expect(starts.map(({ value }) => value)).toEqual([0, 1, 0]);
    expect(wrong(run)).toEqual([]);
  });

  test("happens at the heal when no time is given, and not to a process that already runs", () => {
    const run = runWith([
      at(400, { kind: "kill", process: "nsqd1", restartWith }),
      at(500, { kind: "kill", process: "nsqd1", restartAfterMs: 50 }),
      at(600, { kind: "kill", process: "c1", restartAfterMs: 50 }),
    ]);
    expect(told(run, "process").filter((line) => line.includes("nsqd1 start"))).toEqual([
      "0 nsqd1 start",
      "2000 nsqd1 start",
    ]);
  });

  test("finds nothing on an empty disk", () => {
    const nsqd = [{ name: "nsqd1", options: { "mem-queue-size": 0 } }];
    const late = [{ ...small().consumers[0]!, startMs: 1_900 }];
    const restarted = (emptyDisk: boolean): number => {
      const stop = at(1_500, { kind: "stop", process: "nsqd1", restartAfterMs: 50, restartWith: { emptyDisk } });
      return runWith([stop], { nsqd, consumers: late }).ledger.delivered;
    };
    expect(restarted(false)).toBe(100);
    expect(restarted(true)).toBe(0);
  });
});
