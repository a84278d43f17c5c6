import { describe, expect, test } from "vitest";
import { quantile, summarize } from "../../../scenarios/bench/statistics.ts";

describe("summaries", () => {
  test("median, extremes and spread of runs in any order", () => {
    expect(summarize([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30, spreadPercent: 100, runs: [30, 10, 20] });
    expect(summarize([1, 2]).median).toBe(1.5);
  });

  test("quantiles fall between neighbours", () => {
    const sorted = Array.from({ length: 101 }, (_, index) => index);
    expect(quantile(sorted, 0.5)).toBe(50);
    expect(quantile(sorted, 0.99)).toBe(99);
    expect(quantile([10, 20], 0.25)).toBe(12.5);
    expect(quantile([7], 0.99)).toBe(7);
  });

  test("no runs, no summary", () => {
    expect(() => summarize([])).toThrow(RangeError);
  });
});
