import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import { compareHistories, runTwice } from "../../sim/compare.ts";
import { History } from "../../sim/history.ts";
import { RunError, simulate } from "../../sim/run.ts";
import { Broker } from "../../core/nsqd/broker.ts";
import { at, small } from "./small.ts";

/** Something of everything: latency, fragments, faults by time and by event, chance in handlers. */
const WEATHER = small({
  name: "weather",
  seed: 42,
  network: { latency: { exponential: { meanMs: 3, maxMs: 40 } }, fragmentBytes: 7 },
  consumers: ["c1", "c2"].map((name) => ({
    name,
    nsqd: ["nsqd1"],
    topic: "orders",
    channel: "billing",
    maxInFlight: 5,
    config: { msg_timeout: "1s", lookupd_poll_interval: "100ms", default_requeue_delay: "10ms" },
    handler: [{ when: { percent: 20 }, outcome: "fail" as const }, { takeMs: { uniform: [1, 20] as const } }],
  })),
  faults: [
    at(500, { kind: "partition", link: ["c1", "nsqd1"], forMs: 700 }),
    { trigger: { after: { kind: "finish", process: "c2", nth: 10 } }, do: { kind: "kill", process: "c2" } },
  ],
});

describe("a run", () => {
  test("without faults delivers everything once and comes to rest", () => {
    const run = simulate(small());
    expect(run.outcome).toBe("pass");
    expect(run.ledger).toMatchObject({ published: 100, accepted: 100, delivered: 100, finished: 100 });
    expect(run.virtualUs).toBeLessThan(2_500_000);
    expect([...run.history.events()].filter(({ kind }) => kind === "phase").map(({ text }) => text)).toEqual([
      "run",
      "heal",
      "end",
    ]);
  });

  test("numbers messages in the order of their publishing, from 1", () => {
    const { history } = simulate(small());
    const numbers = [...history.events()].filter(({ kind }) => kind === "publish").map(({ msg }) => msg);
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });

  test("idle time is free: an hour with one message", () => {
    const hour = small({
      durationMs: 3_600_000,
      producers: [{ name: "p1", nsqd: ["nsqd1"], workload: [{ topic: "orders", count: 1, everyMs: 0 }] }],
    });
    const run = simulate(hour);
    expect(run.outcome).toBe("pass");
    expect(run.agendaEvents).toBeLessThan(3_000);
  });

  test("goes on after the heal until what survived is finished, or the time for recovery is over", () => {
    const consumer = { ...small().consumers[0]!, name: "c1", handler: [{ takeMs: 900 }], maxInFlight: 10 };
    const slow = simulate(small({ consumers: [consumer] }));
    expect(slow.ledger.finished).toBe(100);
    expect(slow.virtualUs).toBeGreaterThan(9_000_000);
    const short = simulate(small({ consumers: [consumer], recoveryMs: 1_000 }));
    expect(short.virtualUs).toBe(3_000_000);
    expect(short.ledger.finished).toBeLessThan(100);
  });

  test("samples gauges about 200 times, and at the end", () => {
    const { history } = simulate(small());
    const gauges = [...history.events()].filter(({ kind, text }) => kind === "gauge" && text === "depth");
    const instants = new Set(gauges.map(({ atUs }) => atUs));
    expect(instants.size).toBeGreaterThan(190);
    expect(instants.size).toBeLessThan(260);
    expect(gauges.at(-1)!.value).toBe(0);
  });

  test("with history off writes no rows and does the same work", () => {
    const full = simulate(WEATHER, { judge: false });
    const quiet = simulate(small(), { history: "off" });
    expect(full.history.length).toBeGreaterThan(0);
    expect(quiet.history.length).toBe(0);
    expect(quiet.outcome).toBe("unknown");
    expect(quiet.agendaEvents).toBeGreaterThan(300);
  });

  test("a mistake of ours stops it and names the process and the instant", () => {
    const accept = vi.spyOn(Broker.prototype, "accept").mockImplementation(() => {
      throw new Error("planted");
    });
    try {
      expect(() => simulate(small())).toThrow(/^small: nsqd1 failed at [\d.]+ ms of virtual time: Error: planted$/);
      expect(() => simulate(small())).toThrow(RunError);
    } finally {
      accept.mockRestore();
    }
  });
});

describe("determinism", () => {
  test("a hundred runs of one scenario have one hash", () => {
    const hashes = new Set<string>();
    for (let run = 0; run < 100; run += 1) hashes.add(simulate(WEATHER, { judge: false }).hash);
    expect(hashes.size).toBe(1);
  });

  test("another process gives the same hash", () => {
    const program = fileURLToPath(new URL("print-hash.ts", import.meta.url));
    const output = execFileSync(process.execPath, ["--import", "tsx", program, JSON.stringify(WEATHER)]);
    expect(output.toString().trim()).toBe(simulate(WEATHER).hash);
  });

  test("running twice shows no difference, another seed shows the first one", () => {
    expect(runTwice(WEATHER).divergence).toBeNull();
    const other = simulate({ ...WEATHER, seed: 43 });
    const divergence = compareHistories(simulate(WEATHER).history, other.history);
    expect(divergence!.row).toBeGreaterThan(0);
    expect(divergence!.a).not.toEqual(divergence!.b);
  });

  test("the first diverging event is named, also when one history ends before the other", () => {
    const a = new History();
    const b = new History();
    for (const history of [a, b]) history.record({ atUs: 1, kind: "publish", process: "p1", msg: 1 });
    expect(compareHistories(a, b)).toBeNull();
    b.record({ atUs: 2, kind: "publish-ok", process: "p1", msg: 1 });
    expect(compareHistories(a, b)).toEqual({ row: 1, a: null, b: b.event(1) });
    a.record({ atUs: 2, kind: "publish-ok", process: "p1", msg: 2 });
    expect(compareHistories(a, b)).toEqual({ row: 1, a: a.event(1), b: b.event(1) });
  });

  test("every column and every string counts in the hash", () => {
    const base = { atUs: 5, kind: "deliver", process: "c1", peer: "n1", place: "t/c", text: "x" } as const;
    const row = { ...base, msg: 1, conn: 2, value: 3, detail: 4, id: "0000000100000002" };
    const changes = [
      { atUs: 6 },
      { kind: "handle" as const },
      { process: "c2" },
      { peer: "n2" },
      { place: "t/d" },
      { msg: 2 },
      { conn: 3 },
      { value: 4 },
      { value: 3 + 2 ** 40 },
      { detail: 5 },
      { text: "y" },
      { id: "0000000200000002" },
      { id: "0000000100000003" },
    ];
    const hashes = [{}, ...changes].map((change) => {
      const history = new History();
      history.record({ ...row, ...change });
      return history.hash();
    });
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
