import type { CountSpec, Expectations } from "../../sim/scenario/types.ts";

/** Real time is noisy: a count may be off by this share of it, and by at least so many. */
const SHARE = 0.1;
const AT_LEAST = 2;

/**
 * Expectations for a run in real time. Verdicts and zeros stay as they are; every other count gets room for what the
 * machine's own delays move in or out of a fault: a process takes time to start, a window of 1 ms is never exactly that.
 */
export function tolerant(expect: Expectations): Expectations {
  const { verdicts, duplicates, losses, late, effects, faultsFired, ...counts } = expect;
  return {
    ...(verdicts !== undefined && { verdicts }),
    ...(faultsFired !== undefined && { faultsFired }),
    ...(duplicates !== undefined && { duplicates: tolerantCounts(duplicates) }),
    ...(losses !== undefined && { losses: tolerantCounts(losses) }),
    ...(late !== undefined && { late: tolerantCounts(late) }),
    ...(effects !== undefined && { effects: tolerantCounts(effects) }),
    ...tolerantCounts(counts),
  };
}

function tolerantCounts<T extends Readonly<Record<string, CountSpec>>>(counts: T): T {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, tolerantCount(count)])) as T;
}

function tolerantCount(count: CountSpec): CountSpec {
  const { min = 0, max = Infinity } = typeof count === "number" ? { min: count, max: count } : count;
  if (max === 0) return count;
  const lower = Math.max(Math.min(min, 1), Math.floor(min - Math.max(AT_LEAST, min * SHARE)));
  const upper = Math.ceil(max + Math.max(AT_LEAST, max * SHARE));
  return upper === Infinity ? { min: lower } : { min: lower, max: upper };
}
