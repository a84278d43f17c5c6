import { MARK_NAMES, type Mark } from "../marks/marks.ts";
import type { Size } from "../generate/limits.ts";
import type { SeedResult } from "./seed.ts";

/** Seeds `from`, `from + step`, …, `count` of them. */
export interface SeedRange {
  readonly from: number;
  readonly step: number;
  readonly count: number;
}

/** What came out of the seeds of a campaign. Plain data; does not depend on the order in which they were run. */
export interface Tally {
  readonly size: Size;
  readonly covered: readonly SeedRange[];
  readonly seeds: number;
  readonly unknown: number;
  readonly delivered: number;
  readonly faultsFired: number;
  readonly virtualUs: number;
  /** In which runs each mark was reached. Marks that none reached are 0. */
  readonly marks: Readonly<Record<Mark, number>>;
  /** Failing seeds, the smallest first. */
  readonly failing: readonly { readonly seed: number; readonly failures: readonly string[] }[];
  /** Of every history: two campaigns over the same seeds with the same version have the same. */
  readonly fingerprint: string;
}

/** Counts what comes in; memory grows with the failing seeds only. */
export class Tallying {
  private seeds = 0;
  private unknown = 0;
  private delivered = 0;
  private faultsFired = 0;
  private virtualUs = 0;
  private readonly marks = new Map<Mark, number>();
  readonly failing: { readonly seed: number; readonly failures: readonly string[] }[] = [];
  private high = 0;
  private low = 0;

  private newestAt = 0;

  /** Seeds so far. */
  get count(): number {
    return this.seeds;
  }

  /** Marks reached so far. */
  get reached(): number {
    return this.marks.size;
  }

  /** Seeds since a mark was reached for the first time. */
  get sinceNew(): number {
    return this.seeds - this.newestAt;
  }

  add(result: SeedResult): void {
    const { seed, failures, outcome, hash } = result;
    this.seeds += 1;
    if (outcome === "unknown") this.unknown += 1;
    if (outcome === "fail") this.failing.push({ seed, failures });
    this.delivered += result.delivered;
    this.faultsFired += result.faultsFired;
    this.virtualUs += result.virtualUs;
    for (const mark of result.marks) {
      const times = this.marks.get(mark) ?? 0;
      if (times === 0) this.newestAt = this.seeds;
      this.marks.set(mark, times + 1);
    }
    // Sums: the order does not matter. The seed is mixed in, or two runs that change places would not be seen.
    this.high = (this.high + Math.imul(lane(hash, 0) ^ seed, 0x85ebca6b)) >>> 0;
    this.low = (this.low + Math.imul(lane(hash, 8) ^ seed, 0xc2b2ae35)) >>> 0;
  }

  tally(size: Size, covered: readonly SeedRange[]): Tally {
    const { seeds, unknown, delivered, faultsFired, virtualUs } = this;
    const marks = Object.fromEntries(MARK_NAMES.map((mark) => [mark, this.marks.get(mark) ?? 0]));
    const failing = [...this.failing].sort((a, b) => a.seed - b.seed);
    const fingerprint = hex(this.high) + hex(this.low);
    const counts = { seeds, unknown, delivered, faultsFired, virtualUs };
    return { size, covered, ...counts, marks: marks as Record<Mark, number>, failing, fingerprint };
  }
}

/**
 * The tally of all their seeds, as if one campaign had run them. Null when two of them may have a seed in common, which
 * would count twice, or are of different sizes.
 */
export function mergeTallies(tallies: readonly Tally[]): Tally | null {
  const covered = tallies.flatMap((one) => one.covered);
  const [size, ...otherSizes] = [...new Set(tallies.map((one) => one.size))];
  if (size === undefined || otherSizes.length > 0) return null;
  if (covered.some((a, index) => covered.slice(index + 1).some((b) => mayShare(a, b)))) return null;
  const sum = (value: (tally: Tally) => number): number => tallies.reduce((total, one) => total + value(one), 0);
  const half = (at: number): string => hex(sum(({ fingerprint }) => lane(fingerprint, at)) >>> 0);
  return {
    size,
    covered,
    seeds: sum((one) => one.seeds),
    unknown: sum((one) => one.unknown),
    delivered: sum((one) => one.delivered),
    faultsFired: sum((one) => one.faultsFired),
    virtualUs: sum((one) => one.virtualUs),
    marks: Object.fromEntries(MARK_NAMES.map((mark) => [mark, sum(({ marks }) => marks[mark] ?? 0)])) as Tally["marks"],
    failing: tallies.flatMap(({ failing }) => failing).sort((a, b) => a.seed - b.seed),
    fingerprint: half(0) + half(8),
  };
}

/** Marks that no run reached. */
export function neverReached({ marks }: Tally): Mark[] {
  return MARK_NAMES.filter((mark) => marks[mark] === 0);
}

function mayShare(a: SeedRange, b: SeedRange): boolean {
  const apart = lastOf(a) < b.from || lastOf(b) < a.from;
  return !apart && a.count > 0 && b.count > 0 && (a.from - b.from) % divisor(a.step, b.step) === 0;
}

function lastOf({ from, step, count }: SeedRange): number {
  return from + step * (count - 1);
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

function lane(hash: string, at: number): number {
  return hash === "" ? 0 : Number.parseInt(hash.slice(at, at + 8), 16);
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
