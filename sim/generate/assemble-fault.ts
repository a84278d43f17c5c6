import { unreachable } from "../../core/assert.ts";
import type { FaultAction, FaultSpec, Scenario, TriggerSpec } from "../scenario/types.ts";
import type { FaultKind } from "./limits.ts";
import type { FaultPlan, ScenarioPlan } from "./plan.ts";

/** Who is there to be hurt. */
interface People {
  readonly nsqd: readonly string[];
  readonly lookupds: readonly string[];
  readonly producers: readonly string[];
  readonly consumers: readonly string[];
  /** Who talks to whom: clients to nsqds, and all of them to nsqlookupds. */
  readonly links: readonly (readonly [client: string, server: string])[];
}

/** Events that a fault can follow, by the kind of process at which they happen. */
const CONSUMER_EVENTS = ["deliver", "handle", "finish", "requeue", "touch", "rdy", "subscribe", "connect"] as const;
const PRODUCER_EVENTS = ["publish", "publish-ok"] as const;

/** What the faults of a scenario need to know of the rest of it. */
type Stage = Pick<Scenario, "durationMs" | "nsqd" | "nsqlookupd" | "producers" | "consumers">;

/** The faults of a plan, for the processes and links of a scenario. */
export function assembleFaults(plan: Pick<ScenarioPlan, "faultKinds" | "faults">, stage: Stage): FaultSpec[] {
  if (plan.faultKinds.length === 0) return [];
  const people = peopleOf(stage);
  const faults: FaultSpec[] = [];
  let before: FaultPlan | null = null;
  for (const drawn of plan.faults) {
    const one: FaultPlan =
      before !== null && drawn.follows?.same === true ? { ...drawn, process: before.process } : drawn;
    const first = faults.at(-1);
    const trigger =
      first === undefined || one.follows === null
        ? assembleTrigger(one, stage.durationMs, people)
        : following(first, one.follows, stage.durationMs);
    faults.push({ trigger, do: assembleAction(at(plan.faultKinds, one.kind), one, people) });
    before = one;
  }
  return faults;
}

function peopleOf({ nsqd, nsqlookupd = [], producers, consumers }: Stage): People {
  return {
    nsqd: nsqd.map((one) => one.name),
    lookupds: nsqlookupd.map((one) => one.name),
    producers: producers.map((one) => one.name),
    consumers: consumers.map((one) => one.name),
    links: [...producers, ...consumers, ...nsqd].flatMap((one) =>
      [...("nsqd" in one ? one.nsqd : []), ...("lookupd" in one ? one.lookupd : [])].map(
        (other) => [one.name, other] as const,
      ),
    ),
  };
}

function assembleTrigger(plan: FaultPlan, durationMs: number, people: People): TriggerSpec {
  const { after, repeat } = plan;
  if (after === null) {
    const atMs = Math.min(plan.atMs, durationMs - 1);
    return repeat === null ? { atMs } : { atMs, repeat };
  }
  const process = at([...people.consumers, ...people.producers], plan.peer);
  const events = people.consumers.includes(process) ? CONSUMER_EVENTS : PRODUCER_EVENTS;
  return {
    after: { kind: at(events, after.event), process, nth: after.nth },
    delayMs: after.delayMs,
    ...(repeat === null ? {} : { repeat: { times: repeat.times } }),
  };
}

/** In the train of another fault: by the same trigger, later. */
function following(
  { trigger, do: action }: FaultSpec,
  { since, gapMs }: NonNullable<FaultPlan["follows"]>,
  durationMs: number,
): TriggerSpec {
  const later = gapMs + (since === "end" ? lastsMs(action) : 0);
  if ("atMs" in trigger) return { ...trigger, atMs: Math.min(trigger.atMs + later, durationMs - 1) };
  return { ...trigger, delayMs: (trigger.delayMs ?? 0) + later };
}

/** How long a fault acts; 0 where it has no end of its own. */
function lastsMs(action: FaultAction): number {
  const { forMs, restartAfterMs } = action as { readonly forMs?: number; readonly restartAfterMs?: number };
  return forMs ?? restartAfterMs ?? 0;
}

function assembleAction(kind: FaultKind, plan: FaultPlan, people: People): FaultAction {
  const { forMs, direction, latency, byMs, restartAfterMs } = plan;
  // A producer that dies takes the rest of its workload with it: only brokers and consumers are killed.
  const mortal = at([...people.nsqd, ...people.consumers, ...people.lookupds], plan.process);
  const anyone = at([...people.nsqd, ...people.consumers, ...people.producers, ...people.lookupds], plan.process);
  const link = at(people.links, plan.process);
  switch (kind) {
    case "kill":
      return { kind, process: mortal, restartAfterMs, ...(plan.powerLoss ? { powerLoss: true } : {}) };
    case "stop":
      return { kind, process: mortal, restartAfterMs };
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
