/** What several runs of one measure say. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** (max - min) / median, in per cent. */
  readonly spreadPercent: number;
  readonly runs: readonly number[];
}

export function summarize(runs: readonly number[]): Summary {
  if (runs.length === 0) throw new RangeError("no runs to summarize");
  const sorted = [...runs].sort((a, b) => a - b);
  const median = quantile(sorted, 0.5);
  const min = sorted[0]!;
  const max = sorted.at(-1)!;
  return { median, min, max, spreadPercent: median === 0 ? 0 : ((max - min) / median) * 100, runs };
}

/** The quantile `q` of sorted values, interpolated between neighbours. */
export function quantile(sorted: readonly number[], q: number): number {
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}
