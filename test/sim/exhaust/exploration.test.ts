import { describe, expect, test } from "vitest";
import { SMALL_WORLDS } from "../../../scenarios/exhaust/index.ts";
import {
  ERROR,
  essentialSchedule,
  exploreScenario,
  tellSchedule,
  withSchedule,
} from "../../../sim/exhaust/exploration.ts";
import type { Search } from "../../../sim/exhaust/search.ts";
import { RunError, simulate } from "../../../sim/run.ts";
import type { ConsumerSpec, Scenario } from "../../../sim/scenario/types.ts";
import { validateScenario } from "../../../sim/scenario/validate.ts";
import { failuresOf } from "../../../sim/shrink/failure.ts";
import { RACE_BUGS } from "./bugs.ts";
import { everyOrderOf } from "./every-order.ts";

function world(name: string, holds?: number): Scenario {
  const scenario = SMALL_WORLDS.find((one) => one.name === name)!;
  return validateScenario({ ...scenario, exhaust: { ...scenario.exhaust, ...(holds === undefined ? {} : { holds }) } });
}

function exploreAll(scenario: Scenario): Search {
  const search = exploreScenario(scenario, true);
  while (search.level !== null) search.next();
  return search;
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}

describe("the broker and its clients themselves", () => {
  test.each([1, 2, 3])("%i channels, one message: the FINs come in every order", (channels) => {
    const consumers = Array.from({ length: channels }, (_, index): ConsumerSpec => ({
      name: `c${index}`,
      nsqd: ["nsqd1"],
      topic: "orders",
      channel: `channel${index}`,
    }));
    const base = world("fin-races-the-timeout", 0);
    const search = exploreAll(validateScenario({ ...base, name: "fins", durationMs: 500, consumers }));
    // Each consumer gets the message and answers; only nsqd cares about the order.
    expect(search.histories).toBe(factorial(channels));
    expect(search.graph.orders()).toBe(factorial(2 * channels) / 2 ** channels);
    expect(search.failing).toBe(0);
  });

  test.each([
    ["two-consumers-and-a-timeout", 2],
    ["fin-races-the-timeout", 2],
    ["touch-races-the-timeout", 2],
    ["two-channels", 0],
    ["crash-of-a-consumer", 0],
    ["backoff", 5],
    ["stop-of-nsqd", 1],
    ["crash-of-nsqd", 0],
    ["power-loss-of-nsqd", 1],
  ])("%s, %i holds: every move leads to a state that was seen, no history fails", (name, holds) => {
    const search = exploreAll(world(name, holds));
    expect(search.exhausted).toBe(true);
    expect(search.graph.unseen()).toBe(0);
    expect(search.graph.revisits).toBe(0);
    expect([...search.failures]).toEqual([]);
  });

  test.each([
    ["two-consumers-and-a-timeout", 1],
    ["fin-races-the-timeout", 2],
    ["crash-of-a-consumer", 0],
  ])("%s, %i holds: orders of the same moves differ for nobody, and none is left out", (name, holds) => {
    const scenario = world(name, holds);
    const pastsByKey = new Map<number, Set<string>>();
    let orders = 0;
    everyOrderOf(scenario, holds, (key, pasts) => {
      orders += 1;
      pastsByKey.set(key, (pastsByKey.get(key) ?? new Set()).add(pasts));
    });
    const search = exploreAll(scenario);
    expect([...pastsByKey.values()].map(({ size }) => size)).toEqual(Array(pastsByKey.size).fill(1));
    expect(search.histories).toBe(pastsByKey.size);
    expect(search.graph.orders()).toBe(orders);
    expect(search.observations.size).toBe(new Set([...pastsByKey.values()].flatMap((pasts) => [...pasts])).size);
  });

  test("an arrival comes at a tick as well", () => {
    const scenario = world("fin-races-the-timeout", 0);
    const ticking = { ...scenario, durationMs: 550, exhaust: { holds: 5, tickMs: 100 } };
    const search = exploreAll(validateScenario(ticking));
    // The message may come at 0.1, 0.2, … 0.5 s, or later.
    expect(search.historiesByCost).toEqual([1, 1, 1, 1, 1, 1]);
    expect(search.graph.unseen()).toBe(0);
  });

  test("the set of histories is the same every time", () => {
    const scenario = world("stop-of-nsqd", 1);
    const [one, other] = [exploreAll(scenario), exploreAll(scenario)];
    expect(one.fingerprint).toBe(other.fingerprint);
    expect(one.fingerprint).not.toBe(exploreAll(world("stop-of-nsqd", 0)).fingerprint);
  });

  test("without choices of its own a scenario is the first of its histories", () => {
    const scenario = world("crash-of-nsqd");
    const first = exploreScenario(scenario, true);
    first.next();
    const run = simulate(scenario);
    expect(run.outcome).toBe("pass");
    expect(run.hash).toBe(simulate(scenario).hash);
    expect(first.historiesByCost).toEqual([1]);
    expect(run.faultsFired).toBe(0);
  });
});

describe("a broker with a planted bug", () => {
  test.each(RACE_BUGS)("$name: $failure in $world", ({ world: name, failure, cost, plant }) => {
    const scenario = world(name);
    const remove = plant();
    try {
      const search = exploreScenario(scenario, false);
      while (search.level !== null) search.next();
      const { counterexample } = search;
      expect(counterexample).toMatchObject({ cost, failure: { id: failure } });
      const schedule = essentialSchedule(scenario, counterexample!);
      expect(schedule.length).toBeLessThanOrEqual(counterexample!.schedule.length);
      expect(tellSchedule(scenario, schedule).length).toBe(schedule.length);
      const single = validateScenario(JSON.parse(JSON.stringify(withSchedule(scenario, schedule))));
      if (failure === ERROR) expect(() => simulate(single)).toThrow(RunError);
      else expect(failuresOf(simulate(single))[0]!.id).toBe(failure);
    } finally {
      remove();
    }
    expect(failuresOf(simulate(scenario))).toEqual([]);
  });

  test("that throws leaves open what would have followed", () => {
    const remove = RACE_BUGS.find(({ failure }) => failure === ERROR)!.plant();
    try {
      const search = exploreAll(world("fin-races-the-timeout", 2));
      expect(search.cut).toBeGreaterThan(0);
      expect(search.exhausted).toBe(false);
      search.verify();
    } finally {
      remove();
    }
  });
});

describe("a schedule", () => {
  test("is told in words", () => {
    const scenario = world("fin-races-the-timeout");
    const schedule = ["nsqd1:4150>c1:49152", "time", "time", "c1:49152>nsqd1:4150", "time"];
    expect(tellSchedule(scenario, schedule)).toEqual([
      "  0.100 s  c1 gets from nsqd1: message 1, attempt 1",
      "  0.100 s  time goes on to 1.000 s",
      "! 1.000 s  time goes on to 1.100 s; not yet: nsqd1 gets from c1: FIN of message 1",
      "  1.100 s  nsqd1 gets from c1: FIN of message 1",
      "! 1.100 s  time goes on to 2.100 s; not yet: c1 gets from nsqd1: error; c2 gets from nsqd1: message 1, attempt 2",
    ]);
  });

  test("passes over what is not possible, and shows in the history what was kept back", () => {
    const scenario = world("fin-races-the-timeout");
    const schedule = ["kill nsqd1", "nsqd1:4150>c1:49152", "time", "nothing of the kind", "time"];
    const { history, outcome } = simulate({ ...scenario, exhaust: { schedule } });
    const kept = [...history.events()].filter(({ kind }) => kind === "fault");
    expect(kept.map(({ atUs, detail, text }) => [atUs, detail, text])).toEqual([
      [1_000_000, 1, "held back"],
      [1_100_000, 0, "held back"],
    ]);
    expect(outcome).toBe("pass");
  });

  test("of a late message after a crash: the message was sent before it", () => {
    const first = ["nsqd1:4150>c1:49152", "c1:49152>nsqd1:4150", "kill nsqd1", "nsqd1:4150>c1:49152"];
    const schedule = [...first, "c1:49152>nsqd1:4150", "time", "nsqd1:4150>c2:49152"];
    const run = simulate({ ...world("crash-of-nsqd"), exhaust: { schedule } });
    expect(run.faultsFired).toBe(1);
    expect(failuresOf(run)).toEqual([]);
  });
});
