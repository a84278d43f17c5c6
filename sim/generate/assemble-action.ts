import { unreachable } from "../../core/assert.ts";
import type { FaultAction } from "../scenario/types.ts";
import { at } from "./at.ts";
import type { FaultKind } from "./fault-kinds.ts";
import type { FaultPlan } from "./plan.ts";

/** Who is there to be hurt. */
export interface People {
  readonly nsqd: readonly string[];
  readonly lookupds: readonly string[];
  readonly producers: readonly string[];
  readonly consumers: readonly string[];
  /** Who talks to whom: clients to nsqds, and all of them to nsqlookupds. */
  readonly links: readonly (readonly [client: string, server: string])[];
}

/** What the fault of a plan does; null: there is nobody to whom it could be done. */
export function assembleAction(kind: FaultKind, plan: FaultPlan, people: People): FaultAction | null {
  const { forMs, direction, latency, byMs } = plan;
  const anyone = at([...people.nsqd, ...people.consumers, ...people.producers, ...people.lookupds], plan.process);
  const link = at(people.links, plan.process);
  switch (kind) {
    case "kill":
    case "stop":
      return assembleEnd(kind, plan, people);
    case "pause":
    case "block":
      return { kind, process: anyone, forMs };
    case "partition":
    case "stall":
    case "cut":
      return { kind, link, direction, forMs };
    case "reset":
    case "half-open":
      return { kind, link };
    case "latency":
      return { kind, link, latency, forMs };
    case "clock-step":
      return { kind, process: anyone, byMs };
    case "unresolvable":
      return { kind, process: link[0], of: link[1], forMs };
    case "lookup-stale":
    case "lookup-empty":
    case "lookup-fail":
    case "lookup-slow":
      return assembleDiscovery(kind, plan, people.lookupds);
    case "disk-slow":
      return { kind, process: at(people.nsqd, plan.process), factor: plan.factor, forMs };
    default:
      return unreachable(kind);
  }
}

/** A producer that dies takes the rest of its workload with it: only daemons and consumers come to an end. */
function assembleEnd(kind: "kill" | "stop", plan: FaultPlan, people: People): FaultAction {
  const { restartAfterMs, powerLoss } = plan;
  const process = at([...people.nsqd, ...people.consumers, ...people.lookupds], plan.process);
  if (kind === "stop") return { kind, process, restartAfterMs };
  return { kind, process, restartAfterMs, ...(powerLoss ? { powerLoss: true } : {}) };
}

type LookupFault = Extract<FaultKind, `lookup-${string}`>;

function assembleDiscovery(kind: LookupFault, plan: FaultPlan, lookupds: readonly string[]): FaultAction | null {
  if (lookupds.length === 0) return null;
  const { forMs } = plan;
  const process = at(lookupds, plan.process);
  return kind === "lookup-slow" ? { kind, process, delayMs: plan.forMs, forMs } : { kind, process, forMs };
}
