import { KIND } from "../../sim/history.ts";
import type { Model } from "./model.ts";

export interface Latencies {
  /** Of every first delivery of a message on a channel, µs, ascending. */
  readonly sorted: Float64Array;
  /** From `first × ratio^i` to `first × ratio^(i+1)` µs: how many. */
  readonly bins: readonly number[];
  readonly first: number;
  readonly ratio: number;
}

/** Bins per factor of ten: the first that gives enough of them. */
const PER_DECADE = [4, 8, 16, 32, 64, 128];
const ENOUGH_BINS = 14;
const FEWEST_BINS = 9;

/**
 * Publish to first delivery, both as the clients saw them; a deferred publish counts from the instant it was due.
 */
export function latenciesOf(model: Model): Latencies {
  const { rows } = model;
  const due = new Map<number, number>();
  const values: number[] = [];
  for (let row = 0; row < rows.count; row += 1) {
    if (rows.kind[row] === KIND.publish) due.set(rows.msg[row]!, rows.at[row]! + rows.value[row]!);
    if (rows.kind[row] !== KIND.deliver || rows.value[row] !== 1) continue;
    const from = due.get(rows.msg[row]!);
    if (from !== undefined) values.push(Math.max(1, rows.at[row]! - from));
  }
  const sorted = Float64Array.from(values).sort();
  const lowest = Math.log10(sorted[0] ?? 1);
  const highest = Math.log10(sorted.at(-1) ?? 1);
  const per = PER_DECADE.find((one) => (highest - lowest) * one >= ENOUGH_BINS) ?? 8;
  // A few equal latencies are a narrow peak, not a wall: leave room around it.
  const room = Math.max(0, Math.ceil((FEWEST_BINS - (highest - lowest) * per) / 2));
  const low = Math.floor(lowest * per) - room;
  const bins = Array.from({ length: Math.floor(highest * per) + room - low + 1 }, () => 0);
  for (const value of sorted) bins[Math.floor(Math.log10(value) * per) - low]! += 1;
  return { sorted, bins: sorted.length === 0 ? [] : bins, first: 10 ** (low / per), ratio: 10 ** (1 / per) };
}

/** The value that so much of the sorted numbers do not exceed (nearest rank). */
export function quantile(sorted: Float64Array, part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
}

const MOST_ATTEMPTS = 12;

/** Deliveries by attempt number: `[1st, 2nd, …]`, the last of {@link MOST_ATTEMPTS} takes the rest. */
export function attemptsOf(model: Model): number[] {
  const { rows } = model;
  const counts: number[] = [];
  for (let row = 0; row < rows.count; row += 1) {
    if (rows.kind[row] !== KIND.deliver) continue;
    const index = Math.min(MOST_ATTEMPTS, Math.max(1, rows.value[row]!)) - 1;
    while (counts.length <= index) counts.push(0);
    counts[index]! += 1;
  }
  return counts;
}
