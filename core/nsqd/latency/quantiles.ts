import { assert } from "../../assert.ts";

/** Error allowed, as a share of the rank (nsqd-semantics §13). */
const EPSILON = 0.01;
/** Values collected before they are merged into the summary: merging costs about the same for one as for many. */
const BUFFER = 500;

/**
 * A sketch of many values that answers a few quantiles, chosen beforehand, to within {@link EPSILON} of their rank: the
 * targeted quantiles of Cormode, Korn, Muthukrishnan and Srivastava, "Effective Computation of Biased Quantiles over
 * Data Streams" (2005), section 4.
 *
 * The summary is a list of samples in ascending order. A sample stands for `width` values up to its own, and its rank is
 * known but for `delta`. Invariant: width + delta ≤ max(1, allowance(rank)), which is small near the targets only.
 */
export class TargetedQuantiles {
  private readonly targets: readonly number[];
  private values = new Float64Array(64);
  private widths = new Float64Array(64);
  private deltas = new Float64Array(64);
  private length = 0;
  /** Values in the summary; those in the buffer come on top. */
  private summed = 0;
  private readonly buffer = new Float64Array(BUFFER);
  private buffered = 0;

  /** @param targets more than 0, at most 1 */
  constructor(targets: readonly number[]) {
    assert(targets.length > 0, "a sketch has targets");
    this.targets = targets;
  }

  get count(): number {
    return this.summed + this.buffered;
  }

  insert(value: number): void {
    this.buffer[this.buffered] = value;
    this.buffered += 1;
    if (this.buffered === BUFFER) this.flush();
  }

  /** Adds all that another sketch with the same targets holds. The errors of both add up. */
  merge(other: TargetedQuantiles): void {
    this.flush();
    other.flush();
    this.mergeSorted(other.values, other.widths, other.deltas, other.length);
  }

  /** The value at a quantile; 0 when there is none. */
  query(quantile: number): number {
    this.flush();
    const rank = Math.ceil(quantile * this.summed);
    const limit = rank + this.allowance(rank) / 2;
    let before = 0;
    for (let index = 1; index < this.length; index += 1) {
      before += this.widths[index - 1]!;
      if (before + this.widths[index]! + this.deltas[index]! > limit) return this.values[index - 1]!;
    }
    return this.length === 0 ? 0 : this.values[this.length - 1]!;
  }

  clear(): void {
    this.length = 0;
    this.summed = 0;
    this.buffered = 0;
  }

  /** How uncertain the rank of a sample may be. */
  private allowance(rank: number): number {
    let least = Infinity;
    for (const target of this.targets) {
      const allowed =
        rank < target * this.summed
          ? (2 * EPSILON * (this.summed - rank)) / (1 - target)
          : (2 * EPSILON * rank) / target;
      if (allowed < least) least = allowed;
    }
    return least;
  }

  private flush(): void {
    if (this.buffered === 0) return;
    const sorted = this.buffer.subarray(0, this.buffered).sort();
    this.mergeSorted(sorted, ONES, ZEROS, this.buffered);
    this.buffered = 0;
  }

  private mergeSorted(values: Float64Array, widths: Float64Array, deltas: Float64Array, length: number): void {
    const total = this.length + length;
    const merged = {
      values: new Float64Array(total),
      widths: new Float64Array(total),
      deltas: new Float64Array(total),
    };
    let rank = 0;
    let own = 0;
    let added = 0;
    for (let index = 0; index < total; index += 1) {
      const takesOwn = own < this.length && (added === length || this.values[own]! <= values[added]!);
      if (takesOwn) {
        merged.values[index] = this.values[own]!;
        merged.widths[index] = this.widths[own]!;
        merged.deltas[index] = this.deltas[own]!;
        own += 1;
      } else {
        // Of a value between two samples the rank is as uncertain as the invariant allows; at either end it is known.
        const isBetween = own > 0 && own < this.length;
        const uncertain = isBetween ? Math.floor(this.allowance(rank)) - 1 : 0;
        merged.values[index] = values[added]!;
        merged.widths[index] = widths[added]!;
        merged.deltas[index] = Math.max(deltas[added]!, uncertain);
        this.summed += widths[added]!;
        added += 1;
      }
      rank += merged.widths[index]!;
    }
    Object.assign(this, merged);
    this.length = total;
    this.compress();
  }

  /** Joins neighbours as far as the invariant allows, from the greatest down, so that the greatest value stays. */
  private compress(): void {
    if (this.length < 2) return;
    const { values, widths, deltas } = this;
    let write = this.length - 1;
    let rank = this.summed - 1 - widths[write]!;
    for (let read = this.length - 2; read >= 0; read -= 1) {
      const width = widths[read]!;
      if (width + widths[write]! + deltas[write]! <= this.allowance(rank)) {
        widths[write]! += width;
      } else {
        write -= 1;
        values[write] = values[read]!;
        widths[write] = width;
        deltas[write] = deltas[read]!;
      }
      rank -= width;
    }
    values.copyWithin(0, write, this.length);
    widths.copyWithin(0, write, this.length);
    deltas.copyWithin(0, write, this.length);
    this.length -= write;
  }
}

const ONES = new Float64Array(BUFFER).fill(1);
const ZEROS = new Float64Array(BUFFER);
