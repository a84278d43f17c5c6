import { describe, expect, test } from "vitest";
import { at, small } from "../small.ts";
import { count, runWith, told } from "./told.ts";

describe("a fault", () => {
  test("is recorded when it acts and when it ends", () => {
    const run = runWith([at(500, { kind: "pause", process: "c1", forMs: 250 })]);
    expect(told(run, "fault", "process").slice(3)).toEqual([
      "500 begin c1 pause for 250 ms",
      "500 c1 pause",
      "750 c1 resume",
      "750 end c1 pause for 250 ms",
    ]);
    expect(run.faultsFired).toBe(1);
    expect(count(run, "deliver", 500, 750)).toBe(0);
    expect(run.ledger.finished).toBe(100);
  });

  test("that finds nothing to act on did not fire", () => {
    const run = runWith([
      at(100, { kind: "kill", process: "c1" }),
      at(200, { kind: "kill", process: "c1" }),
      at(300, { kind: "reset", link: ["c1", "nsqd1"] }),
      at(300, { kind: "pause", process: "c1", forMs: 10 }),
    ]);
    expect(run.faultsFired).toBe(1);
    expect(told(run, "fault")).toEqual(["100 begin c1 kill"]);
  });

  test("repeats with a period", () => {
    const repeat = { everyMs: 300, times: 4 };
    const run = runWith([{ trigger: { atMs: 200, repeat }, do: { kind: "reset", link: ["nsqd1", "c1"] } }]);
    expect(run.faultsFired).toBe(4);
    expect(told(run, "fault").filter((line) => line.includes("begin"))).toEqual([
      "200 begin nsqd1 reset",
      "500 begin nsqd1 reset",
      "800 begin nsqd1 reset",
      "1100 begin nsqd1 reset",
    ]);
  });

  test("begins after the n-th event of a kind, of a process, and again", () => {
    const after = { kind: "finish", process: "c1", nth: 30 };
    const run = runWith([{ trigger: { after, repeat: { times: 2 } }, do: { kind: "reset", link: ["c1", "nsqd1"] } }]);
    const events = [...run.history.events()];
    const begins = events.filter(({ kind, detail }) => kind === "fault" && detail === 1);
    expect(begins).toHaveLength(2);
    const finishes = events.filter(({ kind }) => kind === "finish");
    expect(begins[0]!.atUs).toBe(finishes[29]!.atUs);
    expect(begins[1]!.atUs).toBe(finishes[59]!.atUs);
    const other = { kind: "finish", process: "p1" };
    expect(runWith([{ trigger: { after: other }, do: { kind: "kill", process: "c1" } }]).faultsFired).toBe(0);
  });

  test("waits after its event", () => {
    const after = { kind: "broker-send", process: "nsqd1", nth: 10 };
    const run = runWith([{ trigger: { after, delayMs: 40 }, do: { kind: "kill", process: "c1" } }]);
    const events = [...run.history.events()];
    const tenth = events.filter(({ kind }) => kind === "broker-send")[9]!;
    expect(events.find(({ kind }) => kind === "fault")!.atUs).toBe(tenth.atUs + 40_000);
  });

  test("ends at the heal at the latest, and none begins after it", () => {
    const run = runWith([
      at(1_000, { kind: "partition", link: ["c1", "nsqd1"] }),
      at(1_500, { kind: "block", process: "p1", forMs: 60_000 }),
      { trigger: { after: { kind: "phase", nth: 2 } }, do: { kind: "kill", process: "c1" } },
    ]);
    expect(told(run, "fault")).toEqual([
      "1000 begin c1 partition",
      "1500 begin p1 block for 60000 ms",
      "2000 end c1 partition",
      "2000 end p1 block for 60000 ms",
    ]);
    expect(run.ledger.finished).toBe(run.ledger.accepted);
  });
});

describe("processes", () => {
  test("an nsqd that is killed comes back at the heal, a client does not", () => {
    const run = runWith([at(700, { kind: "kill", process: "nsqd1" }), at(800, { kind: "kill", process: "p1" })]);
    expect(told(run, "process").slice(3)).toEqual(["700 nsqd1 kill", "800 p1 kill", "2000 nsqd1 start"]);
    expect(told(run, "fault")).toEqual(["700 begin nsqd1 kill", "800 begin p1 kill", "2000 end nsqd1 kill"]);
  });

  test("a killed client that is restarted is a new one, and a producer goes on with what is still ahead", () => {
    const run = runWith([
      at(300, { kind: "kill", process: "p1", restartAfterMs: 200 }),
      at(600, { kind: "kill", process: "c1", restartAfterMs: 100 }),
    ]);
    expect(told(run, "fault", "process").slice(3)).toEqual([
      "300 begin p1 kill restart after 200 ms",
      "300 p1 kill",
      "500 p1 start",
      "500 end p1 kill restart after 200 ms",
      "600 begin c1 kill restart after 100 ms",
      "600 c1 kill",
      "700 c1 start",
      "700 end c1 kill restart after 100 ms",
    ]);
    expect(count(run, "publish", 300, 500)).toBe(0);
    expect(run.ledger.published).toBe(80);
    expect(run.ledger.finished).toBe(80);
  });

  test("a stop is graceful, and the process comes back after its time", () => {
    const run = runWith([at(500, { kind: "stop", process: "c1", restartAfterMs: 100 })]);
    const lines = told(run, "process").slice(3);
    expect(lines.map((line) => line.replace(/^[\d.]+ /, ""))).toEqual(["c1 stop", "c1 stopped", "c1 start"]);
    expect(run.ledger.delivered).toBe(100);
    expect(run.faultsFired).toBe(1);
  });

  test("a stopped nsqd without a time comes back at the heal", () => {
    const run = runWith([at(1_500, { kind: "stop", process: "nsqd1" })]);
    expect(told(run, "fault", "process").slice(3)).toEqual([
      "1500 begin nsqd1 stop",
      "1500 nsqd1 stop",
      expect.stringMatching(/nsqd1 stopped$/),
      "2000 nsqd1 start",
      "2000 end nsqd1 stop",
    ]);
  });

  test("a process that stops is not told again", () => {
    const stop = { kind: "stop", process: "nsqd1", restartAfterMs: 100 } as const;
    const run = runWith([at(500, stop), at(501, stop)]);
    expect(told(run, "process").filter((line) => line.endsWith(" nsqd1 stop"))).toHaveLength(1);
    expect(run.outcome).toBe("pass");
  });

  test("a loss of power is silent: a consumer notices by its missing heartbeats", () => {
    const config = { heartbeat_interval: "1s", read_timeout: "1s", lookupd_poll_interval: "100ms" };
    const consumers = [{ ...small().consumers[0]!, config }];
    const dark = at(1_200, { kind: "kill", process: "nsqd1", powerLoss: true });
    const run = runWith([dark], { consumers, durationMs: 6_000 });
    const close = [...run.history.events()].find(({ kind, process }) => kind === "close" && process === "c1")!;
    expect(close.text).toContain("read timeout");
    expect(close.atUs).toBeGreaterThan(1_900_000);
    const plain = runWith([at(1_200, { kind: "kill", process: "nsqd1" })], { consumers });
    const earlier = [...plain.history.events()].find(({ kind, process }) => kind === "close" && process === "c1")!;
    expect(earlier.atUs).toBeLessThan(1_210_000);
  });

  test("a clock step moves the timestamps of messages", () => {
    const run = runWith([at(500, { kind: "clock-step", process: "nsqd1", byMs: 3_600_000 })]);
    const stamps = [...run.history.events()].filter(({ kind }) => kind === "deliver").map(({ detail }) => detail);
    expect(stamps.at(-1)! - stamps[0]!).toBeGreaterThan(3_600_000_000);
    expect(told(run, "fault")).toEqual([
      "500 begin nsqd1 clock-step by 3600000 ms",
      "500 end nsqd1 clock-step by 3600000 ms",
    ]);
  });
});

describe("links", () => {
  test("a partition one way holds deliveries, not publishes", () => {
    const link = ["nsqd1", "c1"] as const;
    const run = runWith([at(300, { kind: "partition", link, direction: "forward", forMs: 500 })]);
    expect(count(run, "deliver", 310, 800)).toBe(0);
    expect(count(run, "publish-ok", 310, 800)).toBeGreaterThan(40);
    expect(run.ledger.finished).toBe(100);
    expect(count(run, "close", 0, 2_000)).toBe(0);
  });

  test("a cut backward loses what the second process sends, then resets", () => {
    const cut = { kind: "cut", link: ["p1", "nsqd1"], direction: "backward", forMs: 30 } as const;
    const run = runWith([{ trigger: { after: { kind: "broker-accept", nth: 50 } }, do: cut }]);
    expect(run.ledger.unknown).toBeGreaterThanOrEqual(1);
    const lost = [...run.history.events()].filter(({ kind }) => kind === "publish-unknown").map(({ msg }) => msg);
    expect(lost).toContain(50);
    const finished = [...run.history.events()].filter(({ kind }) => kind === "finish").map(({ msg }) => msg);
    expect(finished).toContain(50);
  });

  test("a higher latency lasts until it is taken back", () => {
    const run = runWith([at(300, { kind: "latency", link: ["p1", "nsqd1"], latency: 200, forMs: 400 })]);
    const events = [...run.history.events()];
    const answerTime = (msg: number): number =>
      events.find((event) => event.kind === "publish-ok" && event.msg === msg)!.atUs -
      events.find((event) => event.kind === "publish" && event.msg === msg)!.atUs;
    expect(answerTime(10)).toBeLessThanOrEqual(10_000);
    expect(answerTime(50)).toBe(400_000);
    expect(answerTime(95)).toBeLessThanOrEqual(10_000);
  });
});
