import { randomStream, type Random } from "../core/random.ts";
import type { Micros } from "../core/time.ts";

/** From an instant on, every stream draws from another seed: what happened before stays as it was. */
export interface Reseed {
  readonly atUs: Micros;
  readonly seed: number;
}

/** Makes the random stream of a name. */
export type Streams = (name: string) => Random;

/** The streams of a run with this seed. */
export function streamsOf(seed: number, clock: { readonly now: Micros }, reseed: Reseed | null): Streams {
  if (reseed === null) return (name) => randomStream(seed, name);
  return (name) => {
    const before = randomStream(seed, name);
    const after = randomStream(reseed.seed, name);
    return new Switched(() => (clock.now < reseed.atUs ? before : after));
  };
}

class Switched implements Random {
  private readonly current: () => Random;

  constructor(current: () => Random) {
    this.current = current;
  }

  uint32(): number {
    return this.current().uint32();
  }

  integer(min: number, max: number): number {
    return this.current().integer(min, max);
  }

  chance(numerator: number, denominator: number): boolean {
    return this.current().chance(numerator, denominator);
  }

  unit(): number {
    return this.current().unit();
  }
}
