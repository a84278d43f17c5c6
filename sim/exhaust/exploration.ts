import { assert } from "../../core/assert.ts";
import { UserHandlers } from "../handlers.ts";
import type { Run } from "../result.ts";
import { conclude } from "../run.ts";
import { DEFAULT_HOLDS } from "../scenario/exhaust.ts";
import type { Scenario } from "../scenario/types.ts";
import { failuresOf } from "../shrink/failure.ts";
import { Simulation } from "../simulation.ts";
import type { Chooser } from "./move.ts";
import { OpenAgenda } from "./open-agenda.ts";
import { TellingSchedule } from "./telling.ts";
import { isGivenUp } from "./walker.ts";
import { Search, type Counterexample, type Ending } from "./search.ts";

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
  return new Search({ run: (chooser) => judgeOnce(scenario, chooser) }, limits);
}

/** The scenario of one run: that of the counterexample. */
export function scenarioOf(scenario: Scenario, { schedule }: Counterexample): Scenario {
  return { ...scenario, exhaust: { ...scenario.exhaust, schedule } };
}

/** What happens in the choices of a schedule, one line each. */
export function tellChoices(scenario: Scenario, schedule: readonly string[]): readonly string[] {
  const telling = new TellingSchedule(
    schedule,
    scenario.nsqd.map(({ name }) => name),
  );
  judgeOnce(scenario, telling);
  return telling.lines;
}

function judgeOnce(scenario: Scenario, chooser: Chooser): Ending {
  const simulation = new Simulation(scenario, new UserHandlers({}), { record: true, log: null, reseed: null, chooser });
  const { agenda } = simulation;
  assert(agenda instanceof OpenAgenda, "a scenario with exhaust has an open agenda");
  try {
    simulation.begin();
    while (!simulation.over) simulation.step();
    const run = conclude(simulation);
    return { key: agenda.key.value, failures: failuresOf(run), facts: factsOf(run) };
  } catch (error) {
    if (isGivenUp(error)) throw error;
    // A program that throws is a finding like any other.
    const text =
      error instanceof Error ? `${simulation.running} throws ${error.name}: ${error.message}` : String(error);
    return { key: agenda.key.value, failures: [{ id: "error", path: "", text }], facts: [] };
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
