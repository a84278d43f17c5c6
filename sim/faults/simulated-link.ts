import type { LinkFault } from "../scenario/fault-action.ts";
import { AT_ONCE, type Family } from "./effect.ts";
import type { AnyLinkFault } from "./link.ts";

export interface SimulatedLinkTargets {
  readonly network: { link(first: string, second: string): SimulatedFaultLink };
}

export interface SimulatedFaultLink {
  readonly connections: { readonly size: number };
  /** This process forgets its connections; the other side is not told. */
  forget(process: string): void;
}

/** Faults of links that only a simulated network can have. */
export function simulatedLinkFaults({ network }: SimulatedLinkTargets): Family<Exclude<LinkFault, AnyLinkFault>> {
  return {
    "half-open": ({ link: [first, second] }) => {
      const link = network.link(first, second);
      if (link.connections.size === 0) return null;
      return () => {
        link.forget(first);
        return AT_ONCE;
      };
    },
  };
}
