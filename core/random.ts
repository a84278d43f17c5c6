import xor128 from "seedrandom/lib/xor128.js";
import { assert } from "./assert.ts";

/** A named stream of random numbers. Streams are independent: one more draw from one does not shift another. */
export interface Random {
  /** Uniform integer in [0, 2^32). */
  uint32(): number;
  /** Uniform integer in [min, max], both included. */
  integer(min: number, max: number): number;
  /** True with probability numerator / denominator; both integers. */
  chance(numerator: number, denominator: number): boolean;
  /** Uniform number in [0, 1). */
  unit(): number;
}

class SeededRandom implements Random {
  private readonly next: { (): number; int32(): number };

  constructor(seed: string) {
    this.next = xor128(seed);
  }

  uint32(): number {
    return this.next.int32() >>> 0;
  }

  integer(min: number, max: number): number {
    assert(Number.isInteger(min) && Number.isInteger(max) && min <= max, "bounds are integers, the first not above");
    return min + Math.floor(this.unit() * (max - min + 1));
  }

  chance(numerator: number, denominator: number): boolean {
    return this.unit() * denominator < numerator;
  }

  unit(): number {
    return this.next();
  }
}

/**
 * The stream `name` of a seed. The same pair gives the same numbers on every machine.
 */
export function randomStream(seed: number | string, name: string): Random {
  return new SeededRandom(`${seed}:${name}`);
}
