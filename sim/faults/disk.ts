import type { SimFiles } from "../disk/files.ts";
import type { TroubleKind } from "../disk/trouble.ts";
import type { DiskFault } from "../scenario/fault-action.ts";
import { AT_ONCE, windowOf, type Family, type Trap } from "./effect.ts";

export interface DiskTargets {
  readonly process: (name: string) => { readonly files: SimFiles };
}

/**
 * The disk of a machine goes wrong, whether its process runs or not. All but rot lie in wait: they act when an operation
 * fails, or takes longer.
 */
export function diskFaults({ process }: DiskTargets): Family<DiskFault> {
  const lay = (name: string, forMs: number | undefined, trouble: (files: SimFiles) => TroubleKind): Trap => ({
    set: (acted) => {
      const { files } = process(name);
      return { undo: files.trouble({ ...trouble(files), met: acted }), duration: windowOf(forMs) };
    },
  });
  return {
    "disk-full": ({ process: name, freeBytes = 0, forMs }) =>
      lay(name, forMs, ({ used }) => ({ kind: "full", capacity: used + freeBytes })),
    "disk-error": ({ process: name, on, forMs }) => lay(name, forMs, () => ({ kind: "error", on })),
    "no-descriptors": ({ process: name, forMs }) => lay(name, forMs, () => ({ kind: "no-descriptors" })),
    "disk-slow": ({ process: name, factor, forMs }) => lay(name, forMs, () => ({ kind: "slow", factor })),
    "bit-rot": ({ process: name, bits }) => {
      const { files } = process(name);
      if (!files.hasRecords) return null;
      return () => {
        files.rot(bits);
        return AT_ONCE;
      };
    },
  };
}
