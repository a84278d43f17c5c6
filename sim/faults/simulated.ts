import type { Network } from "../network/network.ts";
import type { SimProcess } from "../process.ts";
import type { FaultAction } from "../scenario/types.ts";
import { clockFaults } from "./clock.ts";
import { discoveryFaults } from "./discovery.ts";
import { diskFaults } from "./disk.ts";
import type { Family, FaultAgenda } from "./effect.ts";
import { linkFaults } from "./link.ts";
import { processFaults } from "./process.ts";
import { simulatedLinkFaults } from "./simulated-link.ts";
import { slowFaults } from "./slow.ts";

/** What faults act on in a simulated world. */
export interface SimulatedTargets {
  readonly agenda: FaultAgenda;
  readonly network: Network;
  readonly process: (name: string) => SimProcess;
}

/** Every fault there is. */
export function simulatedFaults(targets: SimulatedTargets): Family<FaultAction> {
  return {
    ...processFaults(targets),
    ...slowFaults(targets),
    ...linkFaults(targets),
    ...simulatedLinkFaults(targets),
    ...diskFaults(targets),
    ...clockFaults(targets),
    ...discoveryFaults(targets),
  };
}
