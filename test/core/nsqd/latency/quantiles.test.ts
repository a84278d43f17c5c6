import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TargetedQuantiles } from "../../../../core/nsqd/latency/quantiles.ts";
import { randomStream } from "../../../../core/random.ts";

const TARGETS = [1, 0.99, 0.95, 0.5];

/** How far, as a share of all, the answer is from the place where the quantile lies. */
function rankError(sorted: Float64Array, quantile: number, answer: number): number {
  const first = sorted.findIndex((value) => value >= answer);
  const last = sorted.findLastIndex((value) => value <= answer);
  const rank = quantile * sorted.length;
  return Math.max(0, first - rank, rank - (last + 1)) / sorted.length;
}

function sketchOf(values: Iterable<number>): TargetedQuantiles {
  const sketch = new TargetedQuantiles(TARGETS);
  for (const value of values) sketch.insert(value);
  return sketch;
}

describe("targeted quantiles", () => {
  test("nothing", () => {
    const sketch = new TargetedQuantiles([0.5]);
    expect(sketch.count).toBe(0);
    expect(sketch.query(0.5)).toBe(0);
  });

  test("few values are answered exactly", () => {
    const sketch = sketchOf([30, 10, 20, 40]);
    expect(sketch.count).toBe(4);
    expect(TARGETS.map((quantile) => sketch.query(quantile))).toEqual([40, 40, 40, 20]);
  });

  const random = randomStream(3, "latencies");
  test.each<[string, (index: number) => number]>([
    ["ascending", (index) => index],
    ["descending", (index) => -index],
    ["all equal", () => 7],
    ["random", () => random.integer(0, 1_000_000)],
    ["long tail", () => 1 / (1.001 - random.integer(0, 1000) / 1000)],
    ["two heaps", (index) => (index % 2) * 1e9 + random.integer(0, 100)],
  ])("%s: within 1 %% of the rank, in little memory, the greatest exactly", (_, next) => {
    const values = Float64Array.from({ length: 40_000 }, (_value, index) => next(index));
    const sketch = sketchOf(values);
    values.sort();
    expect(sketch.count).toBe(values.length);
    for (const quantile of TARGETS) expect(rankError(values, quantile, sketch.query(quantile))).toBeLessThan(0.011);
    expect(sketch.query(1)).toBe(values.at(-1));
    expect((sketch as unknown as { length: number }).length).toBeLessThan(2000);
  });

  test("a sum of sketches is as good as their errors together", () => {
    const parts = [0, 1, 2].map((part) =>
      Float64Array.from({ length: 10_000 }, () => random.integer(0, 1000) + 700 * part),
    );
    const sum = new TargetedQuantiles(TARGETS);
    for (const part of parts) sum.merge(sketchOf(part));
    const all = Float64Array.from(parts.flatMap((part) => [...part])).sort();
    expect(sum.count).toBe(all.length);
    for (const quantile of TARGETS) expect(rankError(all, quantile, sum.query(quantile))).toBeLessThan(0.03);
  });

  test("any values: the answers are among them, in order, and the greatest is exact", () => {
    // A latency is never -0, and `toBe` would tell it from 0.
    const value = fc.double({ noNaN: true }).map((any) => any + 0);
    const property = fc.property(fc.array(value, { minLength: 1, maxLength: 1200 }), (values) => {
      const sketch = sketchOf(values);
      const answers = TARGETS.map((quantile) => sketch.query(quantile));
      expect(sketch.count).toBe(values.length);
      for (const answer of answers) expect(values).toContain(answer);
      expect([...answers].sort((a, b) => b - a)).toEqual(answers);
      expect(answers[0]).toBe(Math.max(...values));
    });
    fc.assert(property, { numRuns: 60 });
  });

  test("cleared, it starts anew", () => {
    const sketch = sketchOf([5, 6, 7]);
    sketch.clear();
    sketch.insert(1);
    expect([sketch.count, sketch.query(1)]).toEqual([1, 1]);
  });
});
