import {
  ERROR,
  essentialSchedule,
  exploreScenario,
  tellSchedule,
  withSchedule,
} from "../../sim/exhaust/exploration.ts";
import type { Counterexample, Search } from "../../sim/exhaust/search.ts";
import type { Scenario } from "../../sim/scenario/types.ts";
import { CAPSULE_FORMAT, makeCapsule, type Capsule } from "../../sim/shrink/capsule.ts";
import { SMALL_WORLDS } from "../exhaust/index.ts";
import { guarded } from "../guard.ts";
import { simulate } from "../simulate.ts";
import { parseArguments } from "./arguments.ts";
import { versions } from "./capsules.ts";
import { type Command, EXIT, InputError } from "./command.ts";
import { describeExplored, type Explored, outcomeOf } from "./describe-exhaust.ts";
import { duration } from "./describe-run.ts";
import { makeOutputDirectory, type Output, remarksOnly, writeOutputFile } from "./output.ts";
import { selectScenario } from "./select.ts";

const PROGRESS_EVERY_MS = 100;
/** Runs between two looks at the clock. */
const BATCH = 10;
const DIRECTORY = "nsqlab-report";

const help = `nsqlab exhaust [NAME|FILE…] [options]

Makes every run of a small world instead of one: everything that travels arrives in every possible order, now or after
any timer, and faults with the trigger { "anytime": true } strike at every moment. Every history is judged by every
property. The result is a proof within the bounds, or the smallest counterexample: least weather first, then fewest choices.

The worlds that come along: ${SMALL_WORLDS.map(({ name }) => name).join(", ")}.
One of your own is a scenario with "network": { "latency": 0 } and "exhaust", all of whose fields may be absent:
links (where arrivals are a choice; default: every link of a consumer), fromMs (when the choices begin; default: the first
publish), tickMs (time stops there too, not only at timers), holds (how often something may be kept back while time goes
on; default 2). \`nsqlab list crash-of-nsqd --json\` shows one.

  --max-states N    stop when so many states were seen
  --for 60s         stop after so long, for each world
  --all             go on when the smallest counterexample is known
  --set path=value  as for \`nsqlab run\`: --set exhaust.holds=3
  --out FILE        where the capsule of a counterexample goes (default ${DIRECTORY}/exhaust-NAME.json)
  --json            one JSON document on standard output

Exit code: 0 no history fails, 1 one does, 2 bad usage, 3 stopped before every run was made, and none failed.

  nsqlab exhaust
  nsqlab exhaust crash-of-nsqd --set exhaust.holds=1 --for 5m
  nsqlab exhaust mine.json && nsqlab replay ${DIRECTORY}/exhaust-mine.json`;

const OPTIONS = {
  "max-states": "integer",
  for: "duration",
  all: "flag",
  set: "list",
  out: "text",
  json: "flag",
} as const;

interface Bounds {
  readonly maxStates: number;
  readonly forMs: number;
  readonly all: boolean;
}

export const command: Command = {
  help,
  async run(args, output) {
    const { names, options } = parseArguments(args, OPTIONS);
    const text = options.json ? remarksOnly(output) : output;
    if (options["max-states"] === 0) throw new InputError("--max-states 0 shows nothing; expected at least 1");
    if (options.out !== null && names.length !== 1) throw new InputError("--out is for the capsule of one world");
    const bounds = {
      maxStates: options["max-states"] ?? Infinity,
      forMs: options.for ?? Infinity,
      all: options.all,
    };
    const words = names.length === 0 ? SMALL_WORLDS.map(({ name }) => name) : names;
    const scenarios = words.map((word) => selectOpen(word, options.set));
    const results: Explored[] = [];
    for (const scenario of scenarios) {
      const explored = explore(scenario, bounds, output);
      results.push(explored);
      text.print(`${results.length === 1 ? "" : "\n"}${describeExplored(explored)}`);
      if (explored.capsule === null) continue;
      const path = options.out ?? `${DIRECTORY}/exhaust-${scenario.name}.json`;
      if (options.out === null) makeOutputDirectory(DIRECTORY);
      writeOutputFile(path, `${JSON.stringify(explored.capsule, null, 2)}\n`);
      text.print(`\n  replay: nsqlab replay ${path}`);
    }
    if (options.json) output.print(exhaustDocument(results));
    return EXIT[worst(results)];
  },
};

/** @throws InputError when it is not a scenario that leaves something open */
function selectOpen(word: string, set: readonly string[]): Scenario {
  const scenario = selectScenario(word, { seed: null, set });
  if (scenario.exhaust !== undefined) return scenario;
  throw new InputError(
    `${word}: exhaust: found nothing, expected an object that says what is left open; ` +
      `\`nsqlab list ${SMALL_WORLDS[0]!.name} --json\` shows one`,
  );
}

function explore(scenario: Scenario, bounds: Bounds, output: Output): Explored {
  const began = performance.now();
  const search = exploreScenario(scenario, bounds.all);
  const isDone = (): boolean => search.level === null || search.graph.states >= bounds.maxStates;
  let shownAt = began;
  for (;;) {
    const now = performance.now();
    if (isDone() || now - began >= bounds.forMs) break;
    guarded(() => {
      for (let runs = 0; runs < BATCH && !isDone(); runs += 1) search.next();
    });
    if (now - shownAt < PROGRESS_EVERY_MS) continue;
    shownAt = now;
    output.progress(progress(scenario, search, now - began));
  }
  output.progress("");
  search.verify();
  const wallMs = performance.now() - began;
  const { counterexample } = search;
  if (counterexample === null) return { scenario, search, choices: [], capsule: null, wallMs };
  const schedule = essentialSchedule(scenario, counterexample);
  const capsule = capsuleOf(withSchedule(scenario, schedule), counterexample);
  return { scenario, search, choices: tellSchedule(scenario, schedule), capsule, wallMs };
}

function capsuleOf(scenario: Scenario, { failure, cost, schedule }: Counterexample): Capsule {
  const reason = `the smallest counterexample of ${scenario.name}: weather ${cost}, ${schedule.length} moves`;
  const facts = { reason, versions: versions(), smallest: true };
  if (failure.id !== ERROR) return makeCapsule(simulate(scenario), failure, facts);
  // There is no run to make it of.
  const { id, text } = failure;
  return { format: CAPSULE_FORMAT, ...facts, failure: id, scenario, hash: "", story: [text], decisive: [] };
}

function progress(scenario: Scenario, search: Search, elapsedMs: number): string {
  const { states } = search.graph;
  const rate = Math.round(states / (elapsedMs / 1_000));
  const parts = [
    scenario.name,
    `weather ${search.level ?? 0}`,
    `${states} states`,
    `${rate} states/s`,
    `${search.histories} histories`,
    `${search.failing} fail`,
    `${search.waiting} runs known to come`,
    duration(elapsedMs),
  ];
  return parts.join(", ");
}

function worst(results: readonly Explored[]): "pass" | "fail" | "unknown" {
  const outcomes = results.map(outcomeOf);
  return outcomes.find((one) => one === "fail") ?? outcomes.find((one) => one === "unknown") ?? "pass";
}

function exhaustDocument(results: readonly Explored[]): string {
  const worlds = results.map((explored) => {
    const { scenario, search, capsule, wallMs } = explored;
    return {
      scenario,
      outcome: outcomeOf(explored),
      exhausted: search.exhausted,
      states: search.graph.states,
      moves: search.graph.transitions,
      histories: search.histories,
      observations: search.observations.size,
      historiesByWeather: search.historiesByCost,
      orders: search.exhausted ? search.graph.orders() : null,
      runs: search.runs,
      givenUp: search.abandoned,
      facts: Object.fromEntries(search.facts),
      failures: Object.fromEntries(search.failures),
      fingerprint: search.fingerprint.toString(16),
      wallMs: Math.round(wallMs),
      capsule,
    };
  });
  return JSON.stringify({ format: "nsqlab-exhaust-1", outcome: worst(results), worlds }, null, 2);
}
