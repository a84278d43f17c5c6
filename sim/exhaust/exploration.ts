import { assert } from "../../core/assert.ts";
import { UserHandlers } from "../handlers.ts";
import type { Run } from "../result.ts";
import { conclude, simulate } from "../run.ts";
import { DEFAULT_HOLDS } from "../scenario/exhaust.ts";
import type { Scenario } from "../scenario/types.ts";
import { failuresOf } from "../shrink/failure.ts";
import { Simulation } from "../simulation.ts";
import type { Chooser } from "./move.ts";
import { OpenAgenda } from "./open-agenda.ts";
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
  return new Search({ run: (chooser) => runOnce(scenario, chooser) }, limits);
}

/** The run of a counterexample, by itself: its scenario has the schedule. */
export function runCounterexample(scenario: Scenario, { schedule }: Counterexample): Run {
  return simulate({ ...scenario, exhaust: { ...scenario.exhaust, schedule } });
}

function runOnce(scenario: Scenario, chooser: Chooser): Ending {
  const simulation = new Simulation(scenario, new UserHandlers({}), { record: true, log: null, reseed: null, chooser });
  simulation.begin();
  while (!simulation.over) simulation.step();
  const { agenda } = simulation;
  assert(agenda instanceof OpenAgenda, "a scenario with exhaust has an open agenda");
  return { key: agenda.key.value, failures: failuresOf(conclude(simulation)) };
}
