import type { Random } from "../core/random.ts";
import { msToMicros, type Micros } from "../core/time.ts";
import type { DurationSpec } from "./scenario/types.ts";

/** A {@link DurationSpec}, ready to draw from. */
export class Duration {
  private readonly min: Micros;
  /** Width of the uniform range; 0 when fixed. */
  private readonly span: Micros;
  private readonly mean: Micros;
  private readonly max: Micros;

  constructor(spec: DurationSpec) {
    this.min = 0;
    this.span = 0;
    this.mean = 0;
    this.max = 0;
    if (typeof spec === "number") {
      this.min = msToMicros(spec);
    } else if ("uniform" in spec) {
      this.min = msToMicros(spec.uniform[0]);
      this.span = msToMicros(spec.uniform[1]) - this.min;
    } else {
      this.mean = spec.exponential.meanMs * 1000;
      this.max = msToMicros(spec.exponential.maxMs);
    }
  }

  draw(random: Random): Micros {
    if (this.span > 0) return this.min + Math.floor(random.unit() * (this.span + 1));
    if (this.mean > 0) return Math.min(this.max, Math.round(this.mean * exponential(random)));
    return this.min;
  }
}

/**
 * Exponential with mean 1, by von Neumann's comparison of uniforms: no logarithm, whose last bit may differ between
 * machines.
 */
function exponential(random: Random): number {
  for (let whole = 0; ; whole += 1) {
    const first = random.unit();
    let least = first;
    let run = 1;
    for (;;) {
      const next = random.unit();
      if (next >= least) break;
      least = next;
      run += 1;
    }
    if (run % 2 === 1) return whole + first;
  }
}
