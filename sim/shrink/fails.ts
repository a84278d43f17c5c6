import { RunError, simulate } from "../run.ts";
import type { Scenario } from "../scenario/types.ts";
import { ScenarioError } from "../scenario/validate.ts";
import { failsBy, failureOfError } from "./failure.ts";

/** Whether a scenario fails in that way: by what its run shows, or because nsqlab itself fails in it. */
export function scenarioFails(scenario: Scenario, id: string): boolean {
  try {
    return failsBy(simulate(scenario), id);
  } catch (error) {
    if (error instanceof RunError) return failureOfError(error).id === id;
    // What is not a scenario does not fail.
    if (error instanceof ScenarioError) return false;
    throw error;
  }
}
