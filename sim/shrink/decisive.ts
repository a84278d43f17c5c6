import type { Scenario } from "../scenario/types.ts";
import { scenarioFails } from "./fails.ts";

/** Indexes of the faults of a scenario without which, one at a time, it no longer fails in that way. */
export function decisiveFaults(scenario: Scenario, failure: string): number[] {
  const faults = scenario.faults ?? [];
  return [...faults.keys()].filter((index) => {
    const without = { ...scenario, faults: faults.filter((_, other) => other !== index) };
    return !scenarioFails(without, failure);
  });
}
