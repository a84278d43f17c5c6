import type { FaultSpec, OperationSpec, Scenario } from "../scenario/types.ts";
import { attempt, removeMembers, type Search } from "./search.ts";

/** Leaves out consumers, producers, stores, nsqlookupds, nsqds, and connections, with all that speaks of them. */
export function* fewerProcesses(from: Scenario): Search {
  let best = yield* removeMembers(from, namesOf(from.consumers), (to, names) => withProcesses(to, "consumers", names));
  best = yield* removeMembers(best, namesOf(best.producers), (to, names) => withProcesses(to, "producers", names));
  best = yield* removeMembers(best, namesOf(best.stores ?? []), withStores);
  best = yield* fewerLookupds(best);
  best = yield* fewerNsqds(best);
  return yield* fewerConnections(best);
}

export function withFaults(scenario: Scenario, faults: readonly FaultSpec[]): Scenario {
  const { faults: _, ...rest } = scenario;
  return faults.length === 0 ? rest : { ...rest, faults };
}

export function withOperations(scenario: Scenario, operations: NonNullable<Scenario["operations"]>): Scenario {
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

/** Not valid where a handler uses one that is gone: then it stays. */
function withStores(scenario: Scenario, names: readonly string[]): Scenario {
  const { stores = [], ...rest } = scenario;
  const left = stores.filter(({ name }) => names.includes(name));
  const gone = namesOf(stores).filter((name) => !names.includes(name));
  return withoutFaultsOf({ ...rest, ...(left.length > 0 && { stores: left }) }, gone);
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
  if ("link" in action) return action.link.includes(name);
  return action.process === name || ("of" in action && action.of === name);
}

function* fewerLookupds(from: Scenario): Search {
  const names = namesOf(from.nsqlookupd ?? []);
  const best = yield* attempt(from, names.length === 0 ? null : withoutDiscovery(from));
  return yield* removeMembers(best, namesOf(best.nsqlookupd ?? []), withLookupds);
}

function withoutOperationsOf(scenario: Scenario, gone: readonly string[]): Scenario {
  const left = (scenario.operations ?? []).filter((one) => !gone.some((name) => asksFor(one, name)));
  return withOperations(scenario, left);
}

function asksFor(operation: OperationSpec, name: string): boolean {
  if ("nsqd" in operation && operation.nsqd === name) return true;
  if ("lookupd" in operation && operation.lookupd === name) return true;
  return "set" in operation && "lookupd" in operation.set && operation.set.lookupd.includes(name);
}

/** Everybody is told every nsqd, instead of asking where they are. */
function withoutDiscovery(scenario: Scenario): Scenario {
  const consumers = scenario.consumers.map((one) =>
    one.nsqd.length > 0 ? one : { ...one, nsqd: namesOf(scenario.nsqd) },
  );
  return withLookupds({ ...scenario, consumers }, []);
}

function withLookupds(scenario: Scenario, names: readonly string[]): Scenario {
  const { nsqlookupd = [], ...rest } = scenario;
  const known = <T extends { readonly lookupd?: readonly string[] }>({ lookupd, ...one }: T) => {
    const left = (lookupd ?? []).filter((name) => names.includes(name));
    return left.length === 0 ? one : { ...one, lookupd: left };
  };
  const left = nsqlookupd.filter(({ name }) => names.includes(name));
  const gone = namesOf(nsqlookupd).filter((name) => !names.includes(name));
  const nsqd = scenario.nsqd.map(known);
  const consumers = scenario.consumers.map(known);
  const fewer = { ...rest, nsqd, consumers, ...(left.length > 0 && { nsqlookupd: left }) };
  return withoutFaultsOf(withoutOperationsOf(fewer, gone), gone);
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
      // Whoever is told no nsqd asks an nsqlookupd.
      return { ...client, nsqd: rest.length === 0 && client.nsqd.length > 0 ? [nsqd[0]!.name] : rest };
    });
  const { producers, consumers } = scenario;
  const spared = elsewhere(consumers).map((one) => {
    const { deadLetter } = one;
    return deadLetter?.nsqd === name ? { ...one, deadLetter: { ...deadLetter, nsqd: nsqd[0]!.name } } : one;
  });
  const moved = { ...scenario, nsqd, producers: elsewhere(producers), consumers: spared };
  return withoutFaultsOf(withoutOperationsOf(moved, [name]), [name]);
}

/** Each client with the first of its nsqds only. */
function* fewerConnections(from: Scenario): Search {
  let best = from;
  for (const part of ["producers", "consumers"] as const) {
    for (let index = 0; index < best[part].length; index += 1) {
      const client = best[part][index]!;
      if (client.nsqd.length <= 1) continue;
      const list = best[part].with(index, { ...client, nsqd: client.nsqd.slice(0, 1) } as never);
      best = yield* attempt(best, { ...best, [part]: list });
    }
  }
  return best;
}
