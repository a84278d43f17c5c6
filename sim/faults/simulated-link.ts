import type { Lane } from "../network/lane.ts";
import type { Link } from "../network/link.ts";
import { ByteTripwire, UnitTripwire, type Tripwire } from "../network/tripwire.ts";
import { CommandScanner, FrameScanner } from "../network/wire.ts";
import type { LinkFault, LinkSpec } from "../scenario/fault-action.ts";
import type { FaultSpec } from "../scenario/types.ts";
import { AT_ONCE, windowOf, type Family } from "./effect.ts";
import { lanesOf, type AnyLinkFault } from "./link.ts";

export interface SimulatedLinkTargets {
  readonly network: { link(first: string, second: string): Link };
}

type SimulatedLinkFault = Exclude<LinkFault, AnyLinkFault>;
type CutAfter = Extract<LinkFault, { kind: "cut-after" }>;

/** Faults of links that only a simulated network can have. */
export function simulatedLinkFaults({ network }: SimulatedLinkTargets): Family<SimulatedLinkFault> {
  const linkOf = ([first, second]: LinkSpec): Link => network.link(first, second);
  return {
    "half-open": ({ link: spec }) => {
      const link = linkOf(spec);
      if (link.connections.size === 0) return null;
      return () => {
        link.forget(spec[0]);
        return AT_ONCE;
      };
    },
    "refuse-connect": ({ link, forMs }) => ({
      set: (acted) => ({ undo: linkOf(link).gate.refuse(acted), duration: windowOf(forMs) }),
    }),
    "hang-connect": ({ link, forMs }) => ({
      set: (acted) => ({ undo: linkOf(link).gate.hold(acted), duration: windowOf(forMs) }),
    }),
    bandwidth: ({ link: spec, direction, bytesPerSecond, forMs }) => {
      const link = linkOf(spec);
      return () => ({
        undo: link.throttle(lanesOf(link, spec, direction), bytesPerSecond),
        duration: windowOf(forMs),
      });
    },
    "cut-after": (action) => ({
      set: (acted, end) => {
        const { tripwires } = cutLane(network, action);
        const tripwire = tripwireOf(action, () => {
          acted();
          end();
        });
        tripwires.push(tripwire);
        return { undo: () => tripwires.splice(tripwires.indexOf(tripwire), 1), duration: null };
      },
    }),
  };
}

/** Which unit is the n-th can only be told by who has seen the connection from its first byte on. */
export function watchUnits(
  faults: readonly FaultSpec[],
  { network }: SimulatedLinkTargets,
  isNsqd: (process: string) => boolean,
): void {
  for (const { do: action } of faults) {
    if (action.kind !== "cut-after" || !("command" in action)) continue;
    const [first, second] = action.link;
    const sender = action.direction === "forward" ? first : second;
    cutLane(network, action).scan = isNsqd(sender) ? () => new FrameScanner() : () => new CommandScanner();
  }
}

function cutLane(network: SimulatedLinkTargets["network"], { link: [first, second], direction }: CutAfter): Lane {
  return network.link(first, second).from(direction === "forward" ? first : second);
}

function tripwireOf(action: CutAfter, cuts: () => void): Tripwire {
  if ("bytes" in action) return new ByteTripwire(action.bytes, cuts);
  return new UnitTripwire(action.command, action.nth ?? 1, action.passes === true, cuts);
}
