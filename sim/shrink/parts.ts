import type { ProducerSpec, Scenario, WorkloadSpec } from "../scenario/types.ts";
import { fewerProcesses, withFaults, withOperations } from "./processes.ts";
import { lower, removeMembers, type Search } from "./search.ts";

/** What happens in a scenario, part by part: faults, operations, processes, workloads, messages, behaviours. */
export const PART_SEARCHES: readonly ((from: Scenario) => Search)[] = [
  (from) => removeMembers(from, from.faults ?? [], withFaults),
  (from) => removeMembers(from, from.operations ?? [], withOperations),
  fewerMessages,
  fewerProcesses,
  (from) => removeMembers(from, workloadsOf(from), withWorkloads),
  fewerMessages,
  fewerBehaviours,
];

interface PlacedWorkload {
  readonly producer: string;
  readonly workload: WorkloadSpec;
}

function workloadsOf({ producers }: Scenario): PlacedWorkload[] {
  return producers.flatMap(({ name, workload }) => workload.map((one) => ({ producer: name, workload: one })));
}

function withWorkloads(scenario: Scenario, left: readonly PlacedWorkload[]): Scenario {
  const producers = scenario.producers.map((spec): ProducerSpec => {
    const workload = left.filter(({ producer }) => producer === spec.name).map((one) => one.workload);
    return { ...spec, workload };
  });
  return { ...scenario, producers };
}

/** Fewer messages of each workload: first the last ones go, then the first ones. */
function* fewerMessages(from: Scenario): Search {
  let best = from;
  for (let producer = 0; producer < from.producers.length; producer += 1) {
    for (let index = 0; index < from.producers[producer]!.workload.length; index += 1) {
      const place = { producer, index };
      const { count } = workloadAt(best, place);
      best = yield* lower(best, count, 1, (to, value) =>
        withWorkload(to, place, { ...workloadAt(to, place), count: value }),
      );
      const left = workloadAt(best, place).count;
      best = yield* lower(best, left, 1, (to, value) => withWorkload(to, place, lastOf(workloadAt(to, place), value)));
    }
  }
  return best;
}

interface Place {
  readonly producer: number;
  readonly index: number;
}

function workloadAt(scenario: Scenario, { producer, index }: Place): WorkloadSpec {
  return scenario.producers[producer]!.workload[index]!;
}

function withWorkload(scenario: Scenario, { producer, index }: Place, workload: WorkloadSpec): Scenario {
  const spec = scenario.producers[producer]!;
  const changed = { ...spec, workload: spec.workload.with(index, workload) };
  return { ...scenario, producers: scenario.producers.with(producer, changed) };
}

/** The last `count` messages of a workload, each at its time. */
function lastOf(workload: WorkloadSpec, count: number): WorkloadSpec {
  const steps = Math.floor((workload.count - count) / (workload.batch ?? 1));
  return { ...workload, count, startMs: (workload.startMs ?? 0) + steps * workload.everyMs };
}

function* fewerBehaviours(from: Scenario): Search {
  let best = from;
  for (let index = 0; index < from.consumers.length; index += 1) {
    const { handler } = best.consumers[index]!;
    if (!Array.isArray(handler)) continue;
    best = yield* removeMembers(best, handler, (to, left) => {
      const { handler: _, ...spec } = to.consumers[index]!;
      const changed = left.length === 0 ? spec : { ...spec, handler: left };
      return { ...to, consumers: to.consumers.with(index, changed) };
    });
  }
  return best;
}
