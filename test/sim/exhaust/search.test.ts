import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Search } from "../../../sim/exhaust/search.ts";
import { everyOrder, pastsOf, toyWorld, type Toy, type ToyHistory } from "./toy.ts";

const ALL = { holds: 99, choices: 99, all: true };

function searchAll(toy: Toy, holds = 99): { readonly search: Search; readonly histories: ToyHistory[] } {
  const histories: ToyHistory[] = [];
  const search = new Search(
    toyWorld(toy, (history) => histories.push(history)),
    { ...ALL, holds },
  );
  while (search.level !== null) search.next();
  return { search, histories };
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}

function choose(n: number, k: number): number {
  return factorial(n) / (factorial(k) * factorial(n - k));
}

describe("the number of histories", () => {
  test.each([
    [1, 4],
    [2, 3],
    [3, 2],
    [4, 1],
  ])("%i processes that have nothing to do with each other, %i moves each: one history", (processes, moves) => {
    const lanes = Array.from({ length: processes }, (_, index) => ({ actors: [`p${index}`], count: moves }));
    const { search } = searchAll({ lanes, instants: 1 }, 0);
    expect(search.histories).toBe(1);
    expect(search.graph.states).toBe((moves + 1) ** processes + 1);
    expect(search.graph.orders()).toBe(factorial(processes * moves) / factorial(moves) ** processes);
  });

  test.each([
    [2, 3],
    [3, 2],
    [4, 1],
  ])("%i lanes to one process, %i things each: every order is a history", (lanesCount, things) => {
    const lanes = Array.from({ length: lanesCount }, () => ({ actors: ["p"], count: things }));
    const { search } = searchAll({ lanes, instants: 1 }, 0);
    const orders = factorial(lanesCount * things) / factorial(things) ** lanesCount;
    expect(search.histories).toBe(orders);
    expect(search.graph.orders()).toBe(orders);
  });

  test.each([
    [2, 2],
    [3, 2],
    [2, 4],
  ])("%i things for one process, %i instants, any of them late or never", (things, instants) => {
    const lanes = Array.from({ length: things }, () => ({ actors: ["p"], count: 1 }));
    const { search } = searchAll({ lanes, instants });
    // So many of them arrive, in any order, spread over the instants.
    const ways = (k: number): number => choose(things, k) * factorial(k) * choose(k + instants - 1, k);
    const expected = Array.from({ length: things + 1 }, (_, k) => ways(k)).reduce((sum, one) => sum + one, 0);
    expect(search.histories).toBe(expected);
  });
});

describe("any toy", () => {
  const actor = fc.constantFrom("a", "b", "c");
  const lane = fc.record({
    actors: fc.uniqueArray(actor, { minLength: 1, maxLength: 2 }),
    count: fc.integer({ min: 1, max: 2 }),
  });
  const toys = fc.record({
    lanes: fc.array(lane, { minLength: 1, maxLength: 3 }),
    instants: fc.integer({ min: 1, max: 2 }),
  });

  test("has each history once, and every order of moves behind them", () => {
    fc.assert(
      fc.property(toys, fc.integer({ min: 0, max: 6 }), (toy, holds) => {
        const orders = everyOrder(toy, holds);
        const expected = new Set(orders.map((order) => pastsOf(toy, order)));
        const { search, histories } = searchAll(toy, holds);
        expect(new Set(histories.map((history) => pastsOf(toy, history)))).toEqual(expected);
        expect(histories.length).toBe(expected.size);
        expect(search.graph.unseen()).toBe(0);
        expect(search.graph.revisits).toBe(0);
        expect(search.graph.orders()).toBe(orders.length);
        expect(search.exhausted).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("fails by a history that costs the least, and of these is the shortest", () => {
    fc.assert(
      fc.property(toys, (toy) => {
        const failing = everyOrder(toy, 99).filter(isLate);
        const cost = (history: ToyHistory): number => costOf(toy, history);
        const search = new Search(
          toyWorld(toy, () => {}, isLate),
          { ...ALL, all: false },
        );
        while (search.level !== null) search.next();
        const { counterexample } = search;
        if (failing.length === 0) {
          expect(counterexample).toBeNull();
          return;
        }
        const least = Math.min(...failing.map(cost));
        const shortest = Math.min(...failing.filter((one) => cost(one) === least).map(({ length }) => length));
        expect(counterexample).toMatchObject({ cost: least });
        expect(counterexample!.schedule.length).toBe(shortest);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a search that is stopped", () => {
  test("says that it is not exhausted, and which level is complete", () => {
    const lanes = [0, 1, 2].map(() => ({ actors: ["p"], count: 1 }));
    const search = new Search(toyWorld({ lanes, instants: 2 }), ALL);
    while (search.level === 0) search.next();
    expect(search.exhausted).toBe(false);
    expect(search.level).toBe(1);
    expect(search.historiesByCost).toEqual([6]);
    expect(search.waiting).toBeGreaterThan(0);
  });

  test("by the limit of choices is not exhausted either", () => {
    const search = new Search(toyWorld({ lanes: [{ actors: ["p"], count: 5 }], instants: 1 }), { ...ALL, choices: 3 });
    while (search.level !== null) search.next();
    expect(search.tooLong).toBeGreaterThan(0);
    expect(search.exhausted).toBe(false);
  });
});

/** Something of the first lane comes after an instant has passed. */
function isLate(history: ToyHistory): boolean {
  return history.lastIndexOf("0") > history.indexOf("time");
}

/** How much is on its way whenever time goes on. */
function costOf(toy: Toy, history: ToyHistory): number {
  const left = toy.lanes.map(({ count }) => count);
  let cost = 0;
  for (const name of history) {
    if (name === "time") cost += left.filter((count) => count > 0).length;
    else left[Number(name)]! -= 1;
  }
  return cost;
}
