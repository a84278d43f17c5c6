import type { Scenario } from "../scenario/types.ts";

/**
 * A search for something smaller: yields candidates, is told of each whether it still fails, and returns the smallest
 * that does. The candidates it tries depend on nothing but the scenario and the answers.
 */
export type Search = Generator<Scenario, Scenario, boolean>;

/**
 * Delta debugging of a list (Zeller's ddmin, by complements): removes chunks, halving their size, until no single
 * member can go. `build` makes a scenario of what is left of the list.
 */
export function* removeMembers<T>(
  from: Scenario,
  members: readonly T[],
  build: (scenario: Scenario, left: readonly T[]) => Scenario,
): Search {
  let best = from;
  let left = members;
  for (let size = left.length; size >= 1; size = Math.floor(size / 2)) {
    // From the end: what comes late in a run depends on what came before, not the other way round.
    for (let end = left.length; end > 0; end -= size) {
      const start = Math.max(0, end - size);
      const fewer = [...left.slice(0, start), ...left.slice(end)];
      const candidate = build(from, fewer);
      if (!(yield candidate)) continue;
      best = candidate;
      left = fewer;
    }
  }
  return best;
}

/** The smallest whole number from `min` on that a bisection finds to fail still; `build` makes a scenario of it. */
export function* lower(
  from: Scenario,
  value: number,
  min: number,
  build: (scenario: Scenario, value: number) => Scenario,
): Search {
  let best = from;
  let high = value;
  let low = min;
  while (low < high) {
    // The least first: often nothing of it is needed.
    const middle = high === value && low === min ? min : Math.floor((low + high) / 2);
    const candidate = build(from, middle);
    if (yield candidate) {
      best = candidate;
      high = middle;
    } else low = middle + 1;
  }
  return best;
}

/** Tries one candidate. */
export function* attempt(from: Scenario, candidate: Scenario | null): Search {
  return candidate !== null && (yield candidate) ? candidate : from;
}
