import { describe, expect, test } from "vitest";
import type { HistoryEvent } from "../../../sim/history.ts";
import { simulate } from "../../../sim/run.ts";
import type { BehaviourSpec, FaultSpec, Scenario } from "../../../sim/scenario/types.ts";
import { at, small } from "../small.ts";

const CONFIG = { output_buffer_size: -1, default_requeue_delay: "50ms", max_backoff_duration: "0s" };

/** One order, handled from 506 ms on, every trip 1 ms, and a store that takes 2 ms. */
function shop(handler: readonly BehaviourSpec[], changes: Partial<Scenario> = {}): HistoryEvent[] {
  const [consumer] = small().consumers;
  const scenario = small({
    network: { latency: 1 },
    stores: [{ name: "redis", takeMs: 2 }],
    producers: [{ name: "p1", nsqd: ["nsqd1"], workload: [{ topic: "orders", startMs: 500, count: 1, everyMs: 0 }] }],
    consumers: [{ ...consumer!, handler, config: { ...consumer!.config, ...CONFIG } }],
    ...changes,
  });
  return [...simulate(scenario, { judge: false }).history.events()];
}

/** What handlers did, each with its instant in ms since the first began: `10 effect`. */
function told(events: readonly HistoryEvent[]): string[] {
  const wanted = ["handle", "handled", "effect", "finish", "requeue"];
  const began = events.find(({ kind }) => kind === "handle")!.atUs;
  return events
    .filter(({ kind }) => wanted.includes(kind))
    .map(({ atUs, kind, text }) => `${(atUs - began) / 1_000} ${kind}${kind === "handled" ? ` ${text}` : ""}`);
}

function effect(dedup: "check-first" | "mark-after" | "transactional", timeoutMs?: number): BehaviourSpec {
  return { takeMs: 10, effect: { dedup, store: "redis", ...(timeoutMs !== undefined && { timeoutMs }) } };
}

describe("an effect", () => {
  test("happens when the work is done", () => {
    const events = shop([{ takeMs: 10, effect: true }]);
    expect(told(events)).toEqual(["0 handle", "10 effect", "10 handled ok", "10 finish"]);
    expect(events.find(({ kind }) => kind === "effect")).toMatchObject({
      process: "c1",
      peer: "",
      place: "orders/billing",
      msg: 1,
      value: 1,
      detail: 1,
    });
  });

  test("check first: marks, works, has its effect", () => {
    expect(told(shop([effect("check-first")]))).toEqual(["0 handle", "14 effect", "14 handled ok", "14 finish"]);
  });

  test("mark after: looks, works, has its effect, marks", () => {
    expect(told(shop([effect("mark-after")]))).toEqual(["0 handle", "14 effect", "18 handled ok", "18 finish"]);
  });

  test("transactional: works, and the store has the effect when it commits", () => {
    const events = shop([effect("transactional")]);
    expect(told(events)).toEqual(["0 handle", "13 effect", "14 handled ok", "14 finish"]);
    expect(events.find(({ kind }) => kind === "effect")).toMatchObject({ process: "c1", peer: "redis" });
  });

  test("a blocking handler has it after its work too", () => {
    expect(told(shop([{ ...effect("transactional"), blocking: true }]))).toEqual([
      "0 handle",
      "13 effect",
      "14 handled ok",
      "14 finish",
    ]);
  });

  test("silent: it happens, and nobody answers", () => {
    const events = shop([
      { when: { attempts: 1 }, takeMs: 10, outcome: "silent", effect: true },
      { effect: true, takeMs: 0 },
    ]);
    expect(told(events).slice(0, 3)).toEqual(["0 handle", "10 effect", "10 handled silent"]);
    expect(events.filter(({ kind }) => kind === "effect")).toHaveLength(2);
  });

  test("a handler that fails has none", () => {
    const behaviour = { ...effect("transactional"), outcome: "fail", when: { attempts: 1 } } as const;
    const events = shop([behaviour, effect("transactional")]);
    expect(events.filter(({ kind }) => kind === "effect")).toMatchObject([{ value: 2 }]);
  });
});

describe("a store", () => {
  const afterWork: FaultSpec["trigger"] = { atMs: 517.5 };

  test("whose answer is lost has committed: the next delivery learns that", () => {
    const faults = [{ trigger: afterWork, do: { kind: "partition", link: ["c1", "redis"], forMs: 60 } }] as const;
    const events = shop([effect("transactional", 30)], { faults });
    expect(told(events)).toEqual([
      "0 handle",
      "13 effect",
      "40 handled store: ETIMEDOUT",
      "40 requeue",
      "92 handle",
      "106 handled known",
      "106 finish",
    ]);
  });

  test("that dies before it commits has not, and knows after it what it knew before", () => {
    const kill = { kind: "kill", process: "redis", restartAfterMs: 20 } as const;
    const before = shop([effect("transactional")], { faults: [{ trigger: { atMs: 518 }, do: kill }] });
    expect(before.filter(({ kind }) => kind === "effect")).toMatchObject([{ value: 2 }]);
    const partition = { kind: "partition", link: ["c1", "redis"], forMs: 60 } as const;
    const faults = [{ trigger: afterWork, do: partition }, at(530, kill)];
    const after = shop([effect("transactional", 30)], { faults });
    expect(after.filter(({ kind }) => kind === "effect")).toMatchObject([{ value: 1 }]);
    expect(told(after)).toContain("106 handled known");
  });

  test("that remembers one forgets the other", () => {
    const workload = [
      { topic: "orders", startMs: 500, count: 2, everyMs: 20 },
      { topic: "other", startMs: 500, count: 1, everyMs: 0 },
    ];
    const handler = [
      {
        when: { messages: [1], attempts: 1 },
        takeMs: 10,
        outcome: "silent",
        effect: { dedup: "transactional", store: "redis" },
      },
      effect("transactional"),
    ] as const;
    const producers = [{ name: "p1", nsqd: ["nsqd1"], workload }];
    const effects = (remembers: number): number => {
      const stores = [{ name: "redis", takeMs: 2, remembers }];
      return shop(handler, { producers, stores }).filter(({ kind, msg }) => kind === "effect" && msg === 1).length;
    };
    expect([effects(9), effects(1)]).toEqual([1, 2]);
  });
});

/** Business ids in the order in which they were handled well, of each key. */
function handled(changes: Partial<Scenario["consumers"][0]>, faults: readonly FaultSpec[] = []): number[][] {
  const [consumer] = small().consumers;
  const workload = [{ topic: "orders", startMs: 200, count: 20, everyMs: 5, keys: 2 }];
  const run = simulate(
    small({
      producers: [{ name: "p1", nsqd: ["nsqd1"], workload }],
      consumers: [{ ...consumer!, maxAttempts: 0, config: { ...consumer!.config, ...CONFIG }, ...changes }],
      recoveryMs: 1_000,
      faults,
    }),
  );
  const done = [...run.history.events()].filter(({ kind, text }) => kind === "handled" && text === "ok");
  return [0, 1].map((key) => done.map(({ msg }) => msg).filter((msg) => msg % 2 === key));
}

describe("messages with keys", () => {
  const even = [2, 4, 6, 8, 10, 12, 14, 16, 18, 20];
  const odd = even.map((number) => number - 1);

  test("are handled in their order by a consumer that keeps it, whatever fails", () => {
    const handler = [
      { when: { everyNth: 3, attempts: 1 }, takeMs: 5, outcome: "fail" },
      { takeMs: { uniform: [1, 30] } },
    ] as const;
    expect(handled({ handler })).not.toEqual([even, odd]);
    expect(handled({ handler, inOrder: { retryMs: 10 } })).toEqual([even, odd]);
  });

  test("wait for ever for one that never comes, until the consumer forgets", () => {
    const lost = {
      trigger: { atMs: 250 },
      do: { kind: "cut", link: ["p1", "nsqd1"], direction: "forward", forMs: 6 },
    } as const;
    const inOrder = { retryMs: 100 };
    const [evens, odds] = handled({ inOrder }, [lost]);
    expect(Math.min(evens!.length, odds!.length)).toBeLessThan(10);
    const restart = at(1_000, { kind: "kill", process: "c1", restartAfterMs: 10 });
    const all = handled({ inOrder }, [lost, restart]).map(({ length }) => length);
    expect(Math.min(...all)).toBeGreaterThan(Math.min(evens!.length, odds!.length));
  });
});
