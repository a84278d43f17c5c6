import { assert } from "../../core/assert.ts";
import { UserHandlers } from "../handlers.ts";
import type { Run } from "../result.ts";
import { conclude } from "../run.ts";
import { DEFAULT_HOLDS } from "../scenario/exhaust.ts";
import type { Scenario } from "../scenario/types.ts";
import { failuresOf } from "../shrink/failure.ts";
import { Simulation } from "../simulation.ts";
import { AS_IT_COMES, type Chooser } from "./move.ts";
import { observationOf } from "./observation.ts";
import { OpenAgenda } from "./open-agenda.ts";
import { TellingSchedule } from "./telling.ts";
import { isGivenUp } from "./walker.ts";
import { Search, type Counterexample, type Ending } from "./search.ts";

/** {@link Failure.id} of a history in which a program throws. */
export const ERROR = "error";
/** Longer histories are given up: something goes round in circles while time stands still. */
const MAX_CHOICES = 1_000;

/**
 * Every run of a scenario with `exhaust`, each judged by every oracle.
 *
 * @param scenario valid
 * @param all whether to go on when the smallest counterexample is known
 */
export function exploreScenario(scenario: Scenario, all: boolean): Search {
  const { exhaust } = scenario;
  assert(exhaust !== undefined, "a scenario that leaves something open");
  const limits = { holds: exhaust.holds ?? DEFAULT_HOLDS, choices: MAX_CHOICES, all };
  const judged: Judged = new Map();
  return new Search({ run: (chooser) => judgeOnce(scenario, chooser, judged) }, limits);
}

/** What oracles have said, by observation: they look at nothing else. */
type Judged = Map<number, Pick<Ending, "failures" | "facts">>;

/** The scenario of one run: that of a schedule. */
export function withSchedule(scenario: Scenario, schedule: readonly string[]): Scenario {
  return { ...scenario, exhaust: { ...scenario.exhaust, schedule } };
}

/**
 * The schedule of a counterexample with only those choices that it needs: everything else goes as it comes. The run fails
 * in the same way, and is neither longer nor has it more weather.
 */
export function essentialSchedule(scenario: Scenario, counterexample: Counterexample): readonly string[] {
  const { failure, cost, schedule } = counterexample;
  let essential = schedule;
  for (let index = schedule.length - 1; index >= 0; index -= 1) {
    const candidate = essential.with(index, AS_IT_COMES);
    const telling = tellingOf(scenario, candidate);
    const { failures } = judgeOnce(scenario, telling);
    const isAlike = failures.some(({ id, text }) => id === failure.id && (id !== ERROR || text === failure.text));
    if (isAlike && telling.cost <= cost && telling.moves <= schedule.length) essential = candidate;
  }
  return essential.slice(0, essential.findLastIndex((name) => name !== AS_IT_COMES) + 1);
}

/** What happens as far as a schedule goes, one line each; what it decides is marked by `!`. */
export function tellSchedule(scenario: Scenario, schedule: readonly string[]): readonly string[] {
  const telling = tellingOf(scenario, schedule);
  judgeOnce(scenario, telling);
  return telling.lines;
}

function tellingOf({ nsqd }: Scenario, schedule: readonly string[]): TellingSchedule {
  return new TellingSchedule(
    schedule,
    nsqd.map(({ name }) => name),
  );
}

function judgeOnce(scenario: Scenario, chooser: Chooser, judged: Judged = new Map()): Ending {
  const simulation = new Simulation(scenario, new UserHandlers({}), { record: true, log: null, reseed: null, chooser });
  const { agenda } = simulation;
  assert(agenda instanceof OpenAgenda, "a scenario with exhaust has an open agenda");
  try {
    simulation.begin();
    while (!simulation.over) simulation.step();
    const observation = observationOf(simulation.history);
    let findings = judged.get(observation);
    if (findings === undefined) {
      const run = conclude(simulation);
      findings = { failures: failuresOf(run), facts: factsOf(run) };
      judged.set(observation, findings);
    }
    return { key: agenda.key.value, isWhole: true, observation, ...findings };
  } catch (error) {
    if (isGivenUp(error)) throw error;
    // A program that throws is a finding like any other.
    const text =
      error instanceof Error ? `${simulation.running} throws ${error.name}: ${error.message}` : String(error);
    const observation = observationOf(simulation.history);
    return { key: agenda.key.value, isWhole: false, observation, failures: [{ id: ERROR, path: "", text }], facts: [] };
  }
}

/** Which licences the history needed, and which properties had something to judge. */
function factsOf({ ledger, verdicts }: Run): string[] {
  const facts = new Set<string>();
  for (const { licence } of ledger.duplicates) facts.add(`duplicate ${licence ?? "unexplained"}`);
  for (const { licence } of ledger.losses) facts.add(`loss ${licence ?? "unexplained"}`);
  for (const { property, outcome } of verdicts) if (outcome !== "unknown") facts.add(property);
  return [...facts];
}
