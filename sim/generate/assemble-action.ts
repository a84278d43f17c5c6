import { unreachable } from "../../core/assert.ts";
import type { DiskFault, LinkFault } from "../scenario/fault-action.ts";
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
  readonly stores: readonly string[];
  /** Who talks to whom: clients to nsqds, and all of them to nsqlookupds. */
  readonly links: readonly (readonly [client: string, server: string])[];
}

/** What the fault of a plan does; null: there is nobody to whom it could be done. */
export function assembleAction(kind: FaultKind, plan: FaultPlan, people: People): FaultAction | null {
  const { forMs, byMs, factor, ppm } = plan;
  const { nsqd, consumers, producers, lookupds, stores } = people;
  const process = at([...nsqd, ...consumers, ...producers, ...lookupds, ...stores], plan.process);
  switch (kind) {
    case "kill":
    case "stop":
      return assembleEnd(kind, plan, people);
    case "pause":
    case "block":
      return { kind, process, forMs };
    case "slow":
      return { kind, process, factor, forMs };
    case "clock-step":
      return { kind, process, byMs };
    case "clock-drift":
      return { kind, process, ppm, forMs };
    case "disk-slow":
    case "no-descriptors":
    case "disk-full":
    case "disk-error":
    case "bit-rot":
      return assembleDisk(kind, plan, at(people.nsqd, plan.process));
    case "lookup-stale":
    case "lookup-empty":
    case "lookup-fail":
    case "lookup-slow":
      return assembleDiscovery(kind, plan, people.lookupds);
    case "unresolvable": {
      const [client, server] = at(people.links, plan.process);
      return { kind, process: client, of: server, forMs };
    }
    case "latency":
    case "bandwidth":
    case "stall":
    case "reset":
    case "refuse-connect":
    case "hang-connect":
    case "partition":
    case "cut":
    case "cut-after":
    case "half-open":
      return assembleLink(kind, plan, people);
    default:
      return unreachable(kind);
  }
}

/**
 * A producer that dies takes the rest of its workload with it: only others come to an end, nsqds twice as often as they.
 */
function assembleEnd(kind: "kill" | "stop", plan: FaultPlan, people: People): FaultAction {
  const { powerLoss, tornTail, graceMs } = plan;
  const { nsqd, consumers, lookupds, stores } = people;
  const process = at([...nsqd, ...nsqd, ...consumers, ...lookupds, ...stores], plan.process);
  const restart = {
    restartAfterMs: plan.restartAfterMs,
    ...(plan.restartWith === null || !nsqd.includes(process) ? {} : { restartWith: plan.restartWith }),
  };
  if (kind === "stop") return { kind, process, ...restart, ...(graceMs === null ? {} : { graceMs }) };
  return { kind, process, ...restart, ...(powerLoss ? { powerLoss, tornTail } : {}) };
}

type DiskKind = DiskFault["kind"];

function assembleDisk(kind: DiskKind, plan: FaultPlan, process: string): FaultAction {
  const { forMs, factor, freeBytes, on, bits } = plan;
  switch (kind) {
    case "disk-slow":
      return { kind, process, factor, forMs };
    case "disk-full":
      return { kind, process, freeBytes, forMs };
    case "disk-error":
      return { kind, process, on, forMs };
    case "no-descriptors":
      return { kind, process, forMs };
    case "bit-rot":
      return { kind, process, bits };
    default:
      return unreachable(kind);
  }
}

type LookupKind = Extract<FaultKind, `lookup-${string}`>;

function assembleDiscovery(kind: LookupKind, plan: FaultPlan, lookupds: readonly string[]): FaultAction | null {
  if (lookupds.length === 0) return null;
  const { forMs } = plan;
  const process = at(lookupds, plan.process);
  return kind === "lookup-slow" ? { kind, process, delayMs: forMs, forMs } : { kind, process, forMs };
}

type LinkKind = LinkFault["kind"];

function assembleLink(kind: LinkKind, plan: FaultPlan, people: People): FaultAction {
  const { forMs, direction, latency, bytesPerSecond } = plan;
  const toStores = people.stores.flatMap((store) => people.consumers.map((one) => [one, store] as const));
  const link = at([...people.links, ...toStores], plan.process);
  switch (kind) {
    case "partition":
    case "stall":
    case "cut":
      return { kind, link, direction, forMs };
    case "reset":
    case "half-open":
      return { kind, link };
    case "refuse-connect":
    case "hang-connect":
      return { kind, link, forMs };
    case "latency":
      return { kind, link, latency, forMs };
    case "bandwidth":
      return { kind, link, direction, bytesPerSecond, forMs };
    case "cut-after":
      return assembleCut(plan, link, people);
    default:
      return unreachable(kind);
  }
}

const COMMANDS = {
  consumer: ["FIN", "REQ", "TOUCH", "RDY", "SUB", "IDENTIFY"],
  producer: ["PUB", "MPUB", "DPUB", "IDENTIFY"],
  nsqd: ["message", "OK", "error", "_heartbeat_"],
} as const;

/** At a command or a frame, between a client and an nsqd; else at a byte. */
function assembleCut(plan: FaultPlan, link: readonly [string, string], people: People): FaultAction {
  const [client, server] = link;
  const kind = "cut-after";
  const direction = plan.direction === "backward" ? "backward" : "forward";
  if (!people.nsqd.includes(server) || people.nsqd.includes(client) || plan.bytes !== null)
    return { kind, link, direction, bytes: plan.bytes ?? plan.freeBytes + 1 };
  const sender = direction === "backward" ? "nsqd" : people.producers.includes(client) ? "producer" : "consumer";
  return { kind, link, direction, command: at(COMMANDS[sender], plan.command), nth: plan.nth, passes: plan.passes };
}
