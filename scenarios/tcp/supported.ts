import type { FaultSpec, Scenario } from "../../sim/scenario/types.ts";
import { clientsOf } from "./clients.ts";

/** A scenario asks for what the real world cannot do. The message lists all of it. */
export class UnsupportedInWorld extends Error {
  override readonly name = "UnsupportedInWorld";
}

/** Faults of what a real world does not let us touch: clocks, kernels, resolvers, disks. */
const SIMULATED: ReadonlySet<string> = new Set<FaultSpec["do"]["kind"]>([
  "slow",
  "clock-step",
  "clock-drift",
  "half-open",
  "refuse-connect",
  "hang-connect",
  "bandwidth",
  "cut-after",
  "unresolvable",
  "disk-full",
  "disk-error",
  "no-descriptors",
  "disk-slow",
  "bit-rot",
]);

/**
 * `broker-*` events that the proxies recognise on the wire: which way, which units. Each unit is one event: an MPUB is
 * accepted by a single OK, however many messages it holds.
 */
export const WIRE_EVENTS: Readonly<Record<string, { readonly way: "toNsqd" | "toClient"; readonly units: string }>> = {
  "broker-accept": { way: "toClient", units: "OK" },
  "broker-send": { way: "toClient", units: "message" },
  "broker-finish": { way: "toNsqd", units: "FIN" },
  "broker-requeue": { way: "toNsqd", units: "REQ" },
};

/**
 * Refuses what only the simulator can do, all of it at once, before anything is started.
 *
 * @throws UnsupportedInWorld
 */
export function refuseUnsupported(scenario: Scenario, external: boolean): void {
  const problems: string[] = [];
  scenario.nsqd.forEach((nsqd, index) => {
    const path = `nsqd.${index}`;
    if (nsqd.clockOffsetMs) problems.push(`${path}.clockOffsetMs: a real nsqd has the clock of its machine`);
    if (!external) return;
    if (Object.keys(nsqd.options ?? {}).length > 0)
      problems.push(
        `${path}.options: the nsqd that runs has options of its own (--set ${path}.options={} drops these)`,
      );
  });
  if ((scenario.nsqlookupd ?? []).length > 0) problems.push("nsqlookupd: in real time, consumers are told their nsqds");
  if ((scenario.stores ?? []).length > 0) problems.push("stores: they live in the simulated world only");
  if (scenario.exhaust !== undefined) problems.push("exhaust: in real time nobody chooses what happens next");
  if (external && scenario.nsqd.length > 1)
    problems.push(`nsqd: ${scenario.nsqd.length} of them, but the world is one nsqd`);
  (scenario.faults ?? []).forEach((fault, index) => {
    const reason = unsupportedFault(fault, scenario, external);
    if (reason !== null) problems.push(`faults.${index}: ${reason}`);
  });
  scenario.consumers.forEach((consumer, index) => {
    if (consumer.handler !== undefined && "use" in consumer.handler)
      problems.push(`consumers.${index}.handler: functions run in the simulated world only`);
  });
  if (problems.length === 0) return;
  throw new UnsupportedInWorld(
    [`${scenario.name} cannot run in real time:`, ...problems.map((one) => `  ${one}`)].join("\n"),
  );
}

function unsupportedFault({ trigger, do: action }: FaultSpec, scenario: Scenario, external: boolean): string | null {
  if ("after" in trigger && trigger.after.kind.startsWith("broker-") && WIRE_EVENTS[trigger.after.kind] === undefined)
    return `${trigger.after.kind} cannot be seen from outside nsqd; of broker events only ${Object.keys(WIRE_EVENTS).join(", ")}`;
  if (SIMULATED.has(action.kind)) return `${action.kind} is for the simulator only`;
  if ("restartWith" in action || "tornTail" in action) return "restartWith and tornTail are for the simulator only";
  if ("link" in action && !isConnected(scenario, action.link))
    return `${action.kind} between ${action.link.join(" and ")}: no client of the scenario connects these two`;
  if (external && "process" in action && scenario.nsqd.some((nsqd) => nsqd.name === action.process))
    return `${action.kind} of ${action.process}: the nsqd that runs is not ours to ${action.kind}`;
  return null;
}

function isConnected(scenario: Scenario, [one, other]: readonly [string, string]): boolean {
  return clientsOf(scenario).some(
    ({ name, nsqds }) => (name === one && nsqds.includes(other)) || (name === other && nsqds.includes(one)),
  );
}
