import { msToMicros, type Micros } from "../../core/time.ts";
import type { ClockFault } from "../scenario/fault-action.ts";
import { AT_ONCE, windowOf, type Family } from "./effect.ts";

export interface ClockTargets {
  readonly process: (name: string) => {
    readonly machine: { wallOffset: Micros };
    drift(ppm: number): () => void;
  };
}

/** The clocks of a machine go wrong, whether its process runs or not. */
export function clockFaults({ process }: ClockTargets): Family<ClockFault> {
  return {
    "clock-step":
      ({ process: name, byMs }) =>
      () => {
        process(name).machine.wallOffset += msToMicros(byMs);
        return AT_ONCE;
      },
    "clock-drift":
      ({ process: name, ppm, forMs }) =>
      () => ({ undo: process(name).drift(ppm), duration: windowOf(forMs) }),
  };
}
