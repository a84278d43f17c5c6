import type { Search } from "../../sim/exhaust/search.ts";
import { DEFAULT_HOLDS } from "../../sim/scenario/exhaust.ts";
import { PROPERTY_IDS, type Scenario } from "../../sim/scenario/types.ts";
import type { Capsule } from "../../sim/shrink/capsule.ts";
import { describeStory } from "./describe-capsule.ts";
import { duration } from "./describe-run.ts";

/** What became of the exploration of one world. */
export interface Explored {
  readonly scenario: Scenario;
  readonly search: Search;
  /** The choices of the counterexample in words; none: there is no counterexample. */
  readonly choices: readonly string[];
  readonly capsule: Capsule | null;
  readonly wallMs: number;
}

export function outcomeOf({ search }: Explored): "pass" | "fail" | "unknown" {
  if (search.counterexample !== null) return "fail";
  return search.exhausted ? "pass" : "unknown";
}

/** The result in words: how much was seen, what can happen, and the smallest counterexample. */
export function describeExplored(explored: Explored): string {
  const { scenario, search, wallMs } = explored;
  const { graph } = search;
  const lines = [`${scenario.name}: ${outcomeOf(explored).toUpperCase()}`, `  ${scenario.question}`, ""];
  const seen = `${count(search.observations.size, "of them differs", "of them differ")} for those outside`;
  lines.push(`  ${extent(search)}: ${count(search.histories, "history", "histories")}, each judged; ${seen}`);
  const moves = `${count(graph.states, "state")}, ${count(graph.transitions, "move")} between them`;
  lines.push(`  ${moves}${search.exhausted ? "; every move leads to a state that was seen" : ""}`);
  if (search.exhausted) lines.push(`  the histories stand for ${large(graph.orders())} orders of events`);
  lines.push(`  ${bounds(scenario)}`);
  lines.push(`  by weather (what was kept back, and faults): ${byWeather(search)}`);
  lines.push(`  ${facts(search, "duplicate", "a message came twice", "no message came twice")}`);
  lines.push(`  ${facts(search, "loss", "a message was not finished", "every message was finished")}`);
  const blind = PROPERTY_IDS.filter((id) => (scenario.oracles ?? PROPERTY_IDS).includes(id) && !search.facts.has(id));
  if (blind.length > 0) lines.push(`  nothing to judge in any of them: ${blind.join(", ")}`);
  const effort = `${count(search.runs, "run")} (${search.abandoned} given up: others show the same)`;
  lines.push(`  ${effort} in ${duration(wallMs)}, fingerprint ${search.fingerprint.toString(16)}`);
  return [...lines, ...counterexample(explored)].join("\n");
}

function extent(search: Search): string {
  if (search.exhausted) return "every run";
  const { level } = search;
  if (search.counterexample !== null) return "up to the smallest counterexample";
  const cheaper = level === null || level === 0 ? "" : `, every one with less weather than ${level}`;
  return `NOT every run${cheaper}; ${count(search.waiting, "run")} and more left`;
}

function bounds({ exhaust, faults = [], durationMs, consumers }: Scenario): string {
  const links = exhaust?.links ?? consumers.flatMap(({ name, nsqd }) => nsqd.map((one) => [name, one]));
  const holds = exhaust?.holds ?? DEFAULT_HOLDS;
  const open = faults.filter(({ trigger }) => "anytime" in trigger && trigger.anytime);
  const struck = open.map(
    ({ do: action }) => `${action.kind} ${"link" in action ? action.link.join("-") : action.process}`,
  );
  const parts = [
    `open: arrivals on ${links.map((link) => link.join("-")).join(", ")} until ${duration(durationMs)}`,
    ...(exhaust?.tickMs === undefined ? [] : [`every ${duration(exhaust.tickMs)} and whenever a timer fires`]),
    `kept back at most ${holds} times`,
    ...(struck.length === 0 ? [] : [`at any moment ${struck.join(", ")}`]),
  ];
  return parts.join("; ");
}

function byWeather({ historiesByCost }: Search): string {
  return historiesByCost.map((histories, cost) => `${cost}: ${histories}`).join(", ");
}

function facts(search: Search, kind: string, some: string, none: string): string {
  const found = [...search.facts].filter(([fact]) => fact.startsWith(`${kind} `));
  if (found.length === 0) return none;
  const parts = found
    .sort(([, a], [, b]) => b - a)
    .map(([fact, times]) => `${fact.slice(kind.length + 1)} in ${times}`);
  return `${some}: ${parts.join(", ")}`;
}

function counterexample({ search, choices, capsule }: Explored): string[] {
  const found = search.counterexample;
  if (found === null || capsule === null) return [];
  const ways = [...search.failures].map(([id, times]) => `${id} in ${times}`);
  return [
    "",
    `  fails: ${ways.join(", ")}`,
    `  the smallest counterexample, weather ${found.cost}, ${count(found.schedule.length, "move")}: ${found.failure.text}`,
    "",
    describeStory(capsule),
    "",
    ...choices.map((choice) => `    ${choice}`),
    `    ${choices.length === 0 ? "everything" : "  then everything"} as it comes`,
  ];
}

function count(number: number, one: string, several = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : several}`;
}

function large(number: number): string {
  return number < 1e6 ? number.toLocaleString("en") : number.toExponential(2);
}
