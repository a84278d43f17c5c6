import type { Micros } from "../../core/time.ts";
import type { Scenario } from "../scenario/types.ts";

const MILLION = 1_000_000;

/** How much faster or slower than true time the clock of a process may have run at any instant of a run. */
export class Pace {
  private readonly slowest: number;
  private readonly fastest: number;

  constructor(slowest: number, fastest: number) {
    this.slowest = slowest;
    this.fastest = fastest;
  }

  /** The shortest true time in which so much passes on the clock. */
  soonest(duration: Micros): Micros {
    return this.fastest === 1 ? duration : Math.floor(duration / this.fastest);
  }

  /** The longest. */
  latest(duration: Micros): Micros {
    return this.slowest === 1 ? duration : Math.ceil(duration / this.slowest);
  }
}

const STEADY = new Pace(1, 1);

/** The pace of a process, by the faults that its machine's clock may suffer. */
export function paceOf({ faults = [] }: Scenario, process: string): Pace {
  let slowest = 1;
  let fastest = 1;
  for (const { do: action } of faults) {
    if (action.kind !== "clock-drift" || action.process !== process) continue;
    slowest = Math.min(slowest, 1 + action.ppm / MILLION);
    fastest = Math.max(fastest, 1 + action.ppm / MILLION);
  }
  return slowest === 1 && fastest === 1 ? STEADY : new Pace(slowest, fastest);
}
