import { describe, expect, test } from "vitest";
import { randomStream } from "../../../core/random.ts";
import { Behaviour } from "../../../sim/apps/behaviour.ts";
import { Duration } from "../../../sim/duration.ts";
import type { BehaviourSpec, DurationSpec } from "../../../sim/scenario/types.ts";

const chance = randomStream(1, "chance");

function draws(spec: DurationSpec): number[] {
  const duration = new Duration(spec);
  const random = randomStream(7, "durations");
  return Array.from({ length: 20_000 }, () => duration.draw(random));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function matches(when: NonNullable<BehaviourSpec["when"]>, message: number, attempts = 1): boolean {
  return new Behaviour({ when }).matches(message, attempts, chance);
}

describe("a behaviour", () => {
  test("matches when all of its conditions hold", () => {
    expect(new Behaviour({}).matches(1, 1, chance)).toBe(true);
    expect([1, 2, 3, 4].map((attempts) => matches({ attempts: 2 }, 1, attempts))).toEqual([false, true, false, false]);
    expect([1, 2, 3, 4].map((attempts) => matches({ attempts: { min: 2, max: 3 } }, 1, attempts))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([1, 2, 3, 4, 5, 6].filter((message) => matches({ everyNth: 3 }, message))).toEqual([3, 6]);
    expect([1, 2, 3].filter((message) => matches({ messages: [3, 1] }, message))).toEqual([1, 3]);
    expect(matches({ everyNth: 2, attempts: 1 }, 2, 2)).toBe(false);
  });

  test("matches by chance about as often as it says", () => {
    let hits = 0;
    for (let message = 0; message < 10_000; message += 1) if (matches({ percent: 30 }, message)) hits += 1;
    expect(hits).toBeGreaterThan(2_800);
    expect(hits).toBeLessThan(3_200);
    expect(matches({ percent: 0 }, 1)).toBe(false);
    expect(matches({ percent: 100 }, 1)).toBe(true);
  });
});

describe("a duration", () => {
  test("is fixed, in microseconds", () => {
    expect(new Set(draws(1.5))).toEqual(new Set([1_500]));
  });

  test("is uniform, both ends included", () => {
    const values = draws({ uniform: [0.001, 0.003] });
    expect([...new Set(values)].sort((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(mean(draws({ uniform: [1, 5] }))).toBeCloseTo(3_000, -2);
  });

  test("is exponential, with its mean, cut at its maximum", () => {
    const values = draws({ exponential: { meanMs: 10, maxMs: 1_000 } });
    expect(Math.abs(mean(values) - 10_000)).toBeLessThan(300);
    const beyond = values.filter((value) => value > 20_000).length / values.length;
    expect(Math.abs(beyond - Math.exp(-2))).toBeLessThan(0.01);
    expect(Math.max(...draws({ exponential: { meanMs: 10, maxMs: 15 } }))).toBe(15_000);
    expect(values.every(Number.isInteger)).toBe(true);
  });
});
