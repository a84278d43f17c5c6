import { unreachable } from "../../core/assert.ts";
import type { FaultAction, FaultSpec, Scenario, TriggerSpec } from "../scenario/types.ts";
import type { FaultKind, FaultPlan, ScenarioPlan } from "./plan.ts";

/** Who is there to be hurt. */
interface People {
  readonly nsqd: readonly string[];
  readonly producers: readonly string[];
  readonly consumers: readonly string[];
  /** Client and nsqd of every connection. */
  readonly links: readonly (readonly [client: string, nsqd: string])[];
}

/** Events that a fault can follow, by the kind of process at which they happen. */
const CONSUMER_EVENTS = ["deliver", "handle", "finish", "requeue", "touch", "rdy", "subscribe", "connect"] as const;
const PRODUCER_EVENTS = ["publish", "publish-ok"] as const;

/** What the faults of a scenario need to know of the rest of it. */
type Stage = Pick<Scenario, "durationMs" | "nsqd" | "producers" | "consumers">;

/** The faults of a plan, for the processes and links of a scenario. */
export function assembleFaults(plan: Pick<ScenarioPlan, "faultKinds" | "faults">, stage: Stage): FaultSpec[] {
  if (plan.faultKinds.length === 0) return [];
  const people = peopleOf(stage);
  return plan.faults.map((one) => ({
    trigger: assembleTrigger(one, stage.durationMs, people),
    do: assembleAction(at(plan.faultKinds, one.kind), one, people),
  }));
}

function peopleOf(stage: Stage): People {
  const { nsqd, producers, consumers } = stage;
  return {
    nsqd: nsqd.map((one) => one.name),
    producers: producers.map((one) => one.name),
    consumers: consumers.map((one) => one.name),
    links: [...producers, ...consumers].flatMap((one) => one.nsqd.map((other) => [one.name, other] as const)),
  };
}

function assembleTrigger(plan: FaultPlan, durationMs: number, people: People): TriggerSpec {
  if (plan.after === null) return { atMs: Math.min(plan.atMs, durationMs - 1) };
  const process = at([...people.consumers, ...people.producers], plan.peer);
  const events = people.consumers.includes(process) ? CONSUMER_EVENTS : PRODUCER_EVENTS;
  return {
    after: { kind: at(events, plan.after.event), process, nth: plan.after.nth },
    delayMs: plan.after.delayMs,
  };
}

function assembleAction(kind: FaultKind, plan: FaultPlan, people: People): FaultAction {
  const { forMs, direction, latency, byMs, restartAfterMs } = plan;
  // A producer that dies takes the rest of its workload with it: only brokers and consumers are killed.
  const mortal = at([...people.nsqd, ...people.consumers], plan.process);
  const anyone = at([...people.nsqd, ...people.consumers, ...people.producers], plan.process);
  const link = at(people.links, plan.process);
  switch (kind) {
    case "kill":
      return { kind, process: mortal, restartAfterMs, ...(plan.powerLoss ? { powerLoss: true } : {}) };
    case "stop":
      // Not an nsqd: without a disk it cannot keep what it holds, and a clean stop is no licence to lose it.
      return { kind, process: at(people.consumers, plan.process), restartAfterMs };
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
    default:
      return unreachable(kind);
  }
}

/** The one of a list that a number means: never out of range. */
export function at<T>(values: readonly T[], index: number): T {
  return values[index % values.length]!;
}
