import type { FaultAction, FaultSpec, Scenario, TriggerSpec } from "../scenario/types.ts";
import { assembleAction, type People } from "./assemble-action.ts";
import { at } from "./at.ts";
import type { FaultPlan, ScenarioPlan } from "./plan.ts";

/** Events that a fault can follow, by the kind of process at which they happen. */
const CONSUMER_EVENTS = ["deliver", "handle", "finish", "requeue", "touch", "rdy", "subscribe", "connect"] as const;
const PRODUCER_EVENTS = ["publish", "publish-ok"] as const;

/** What the faults of a scenario need to know of the rest of it. */
type Stage = Pick<Scenario, "durationMs" | "nsqd" | "nsqlookupd" | "producers" | "consumers" | "stores">;

/** The faults of a plan, for the processes and links of a scenario. */
export function assembleFaults(plan: Pick<ScenarioPlan, "faultFamilies" | "faults">, stage: Stage): FaultSpec[] {
  if (plan.faultFamilies.length === 0) return [];
  const people = peopleOf(stage);
  const faults: FaultSpec[] = [];
  let before: FaultPlan | null = null;
  for (const drawn of plan.faults) {
    const one: FaultPlan =
      before !== null && drawn.follows?.same === true ? { ...drawn, process: before.process } : drawn;
    const action = assembleAction(at(at(plan.faultFamilies, one.family), one.kind), one, people);
    if (action === null) continue;
    const first = faults.at(-1);
    const trigger =
      first === undefined || one.follows === null
        ? assembleTrigger(one, stage.durationMs, people)
        : following(first, one.follows, stage.durationMs);
    faults.push({ trigger, do: action });
    before = one;
  }
  return faults;
}

function peopleOf({ nsqd, nsqlookupd = [], producers, consumers, stores = [] }: Stage): People {
  return {
    nsqd: nsqd.map((one) => one.name),
    lookupds: nsqlookupd.map((one) => one.name),
    producers: producers.map((one) => one.name),
    consumers: consumers.map((one) => one.name),
    stores: stores.map((one) => one.name),
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
    const atMs = Math.floor((durationMs / plan.part) * (plan.at / 1_000));
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
