import { msToMicros } from "../../core/time.ts";
import type { Scenario } from "../scenario/types.ts";
import type { Openness } from "./open-agenda.ts";

/** Producers share the numbering of messages: what one does is not independent of another. */
const PRODUCERS = "producers";

/** What a scenario with `exhaust` leaves open. */
export function opennessOf(scenario: Scenario): Openness {
  const { exhaust, producers, consumers } = scenario;
  const links = exhaust?.links ?? consumers.flatMap(({ name, nsqd }) => nsqd.map((one) => [name, one] as const));
  const open = new Set(links.flatMap(([one, other]) => [`${one} ${other}`, `${other} ${one}`]));
  const producing = new Set(producers.map(({ name }) => name));
  const starts = producers.flatMap(({ workload }) => workload.map(({ startMs = 0 }) => startMs));
  const from = exhaust?.fromMs ?? Math.min(...starts, scenario.durationMs);
  return {
    from: msToMicros(from),
    until: msToMicros(scenario.durationMs),
    tick: exhaust?.tickMs === undefined ? null : msToMicros(exhaust.tickMs),
    isOpen: (one, other) => open.has(`${one} ${other}`),
    actorOf: (process) => (producing.has(process) ? PRODUCERS : process),
  };
}
