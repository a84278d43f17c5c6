import type { ProcessFault } from "../scenario/fault-action.ts";
import { windowOf, type Family } from "./effect.ts";
import type { AnyProcessFault } from "./process.ts";

export interface SlowTargets {
  readonly process: (name: string) => SlowProcess;
}

export interface SlowProcess {
  readonly running: boolean;
  /** Its machine takes so many times as long for everything. Returns what ends that. */
  slow(factor: number): () => void;
}

/** Work takes time only where it is simulated. Acts on a process that runs. */
export function slowFaults({ process }: SlowTargets): Family<Exclude<ProcessFault, AnyProcessFault>> {
  return {
    slow: ({ process: name, factor, forMs }) => {
      const target = process(name);
      if (!target.running) return null;
      return () => ({ undo: target.slow(factor), duration: windowOf(forMs) });
    },
  };
}
