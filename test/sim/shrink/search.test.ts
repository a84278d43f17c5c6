import fc from "fast-check";
import { expect, test } from "vitest";
import { lower, removeMembers, type Search } from "../../../sim/shrink/search.ts";
import type { Scenario } from "../../../sim/scenario/types.ts";
import { plainerThan } from "../../../sim/shrink/values.ts";
import { small } from "../small.ts";

/** Runs a search to its end; candidates are told apart by their durations. */
function finish(search: Search, fails: (candidate: Scenario) => boolean): Scenario {
  for (let answer = false; ;) {
    const next = search.next(answer);
    if (next.done === true) return next.value;
    answer = fails(next.value);
  }
}

const named = (numbers: readonly number[]): Scenario => small({ question: numbers.join(" ") });
const numbersOf = ({ question }: Scenario): number[] => question.split(" ").filter(Boolean).map(Number);

test("of a list exactly the members that are needed stay", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 40 }), fc.nat(), (all, pick) => {
      const needed = all.filter((_, index) => ((pick >> (index % 8)) & 1) === 1);
      const search = removeMembers(named(all), all, (_, left) => named(left));
      const best = finish(search, (candidate) => needed.every((one) => numbersOf(candidate).includes(one)));
      expect(numbersOf(best)).toEqual(needed);
    }),
  );
});

test("a count goes down to the least that fails", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 5_000 }), (a, b) => {
      const [least, value] = a < b ? [a, b] : [b, a];
      const search = lower(named([value]), value, 1, (_, one) => named([one]));
      expect(numbersOf(finish(search, (candidate) => numbersOf(candidate)[0]! >= least))).toEqual([least]);
    }),
  );
});

test("plainer numbers come to an end", () => {
  expect(plainerThan(1_473)).toEqual([0, 1, 700, 1_000, 2_000, 1_400, 1_500]);
  expect(plainerThan(0)).toEqual([]);
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.infiniteStream(fc.nat(6)), (value, picks) => {
      let current = value;
      for (let steps = 0; ; steps += 1) {
        expect(steps).toBeLessThan(200);
        const choices = plainerThan(current);
        if (choices.length === 0) break;
        current = choices[picks.next().value! % choices.length]!;
      }
      expect(current).toBe(0);
    }),
  );
});
