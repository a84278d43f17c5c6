import type { FaultSpec, ProducerSpec, Scenario, WorkloadSpec } from "../scenario/types.ts";
import { attempt, lower, removeMembers, type Search } from "./search.ts";

/** What happens in a scenario, part by part: faults, operations, processes, workloads, messages, behaviours. */
export const PART_SEARCHES: readonly ((from: Scenario) => Search)[] = [
  (from) => removeMembers(from, from.faults ?? [], withFaults),
  (from) => removeMembers(from, from.operations ?? [], withOperations),
  fewerMessages,
  (from) => removeMembers(from, namesOf(from.consumers), (to, names) => withProcesses(to, "consumers", names)),
  (from) => removeMembers(from, namesOf(from.producers), (to, names) => withProcesses(to, "producers", names)),
  fewerNsqds,
  fewerConnections,
  (from) => removeMembers(from, workloadsOf(from), withWorkloads),
  fewerMessages,
  fewerBehaviours,
];

function withFaults(scenario: Scenario, faults: readonly FaultSpec[]): Scenario {
  const { faults: _, ...rest } = scenario;
  return faults.length === 0 ? rest : { ...rest, faults };
}

function withOperations(scenario: Scenario, operations: NonNullable<Scenario["operations"]>): Scenario {
  const { operations: _, ...rest } = scenario;
  return operations.length === 0 ? rest : { ...rest, operations };
}

function namesOf(processes: readonly { readonly name: string }[]): string[] {
  return processes.map(({ name }) => name);
}

/** Keeps the clients of these names, and the faults that do not speak of the others. */
function withProcesses(scenario: Scenario, part: "producers" | "consumers", names: readonly string[]): Scenario {
  const gone = namesOf(scenario[part]).filter((name) => !names.includes(name));
  const left = scenario[part].filter(({ name }) => names.includes(name));
  return withoutFaultsOf({ ...scenario, [part]: left }, gone);
}

function withoutFaultsOf(scenario: Scenario, gone: readonly string[]): Scenario {
  const faults = scenario.faults ?? [];
  return withFaults(
    scenario,
    faults.filter((fault) => !gone.some((name) => speaksOf(fault, name))),
  );
}

function speaksOf({ trigger, do: action }: FaultSpec, name: string): boolean {
  if ("after" in trigger && trigger.after.process === name) return true;
  return "link" in action ? action.link.includes(name) : action.process === name;
}

function* fewerNsqds(from: Scenario): Search {
  let best = from;
  for (const { name } of [...from.nsqd].reverse()) best = yield* attempt(best, withoutNsqd(best, name));
  return best;
}

/** Null: somebody would be left without an nsqd. */
function withoutNsqd(scenario: Scenario, name: string): Scenario | null {
  const nsqd = scenario.nsqd.filter((one) => one.name !== name);
  if (nsqd.length === 0) return null;
  const elsewhere = <T extends { readonly nsqd: readonly string[] }>(clients: readonly T[]): T[] =>
    clients.map((client) => {
      const rest = client.nsqd.filter((one) => one !== name);
      return { ...client, nsqd: rest.length === 0 ? [nsqd[0]!.name] : rest };
    });
  const { producers, consumers, operations } = scenario;
  const moved = { ...scenario, nsqd, producers: elsewhere(producers), consumers: elsewhere(consumers) };
  const spared = (operations ?? []).filter((one) => one.nsqd !== name);
  return withoutFaultsOf(withOperations(moved, spared), [name]);
}

/** Each client with the first of its nsqds only. */
function* fewerConnections(from: Scenario): Search {
  let best = from;
  for (const part of ["producers", "consumers"] as const) {
    for (let index = 0; index < best[part].length; index += 1) {
      const client = best[part][index]!;
      if (client.nsqd.length === 1) continue;
      const list = best[part].with(index, { ...client, nsqd: client.nsqd.slice(0, 1) } as never);
      best = yield* attempt(best, { ...best, [part]: list });
    }
  }
  return best;
}

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
