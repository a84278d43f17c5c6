import { essentialSchedule, exploreScenario, withSchedule } from "../../sim/exhaust/exploration.ts";
import type { Outcome, Scenario } from "../../sim/scenario/types.ts";
import { ScenarioError, validateScenario } from "../../sim/scenario/validate.ts";
import { guarded } from "../guard.ts";

export interface ExhaustOptions {
  /** Goes on when the smallest counterexample is known. Default false. */
  readonly all?: boolean;
  /** Stops when so many runs were made: about a thousand take a second. Default: no limit. */
  readonly maxRuns?: number;
}

export interface ExhaustResult {
  /** `pass`: every run was made, and none fails. `unknown`: stopped before. */
  readonly outcome: Outcome;
  readonly states: number;
  /** Runs that differ in more than the order of what is independent. */
  readonly histories: number;
  /** How many of them differ in what anybody outside the brokers could see. */
  readonly observations: number;
  /** In how many histories each way to fail was seen, by the names of `Capsule.failure`: `P2`, `unexplained losses`. */
  readonly failures: ReadonlyMap<string, number>;
  /** The scenario of the run that shows a failure with the least weather, and of these with the fewest moves. */
  readonly counterexample: Scenario | null;
}

/**
 * Makes every run of a small world: a scenario with `exhaust`. For test suites; `nsqlab exhaust` tells more.
 *
 * @throws ScenarioError when the scenario is not valid, or leaves nothing open
 */
export function exhaust(scenario: Scenario, { all = false, maxRuns = Infinity }: ExhaustOptions = {}): ExhaustResult {
  const valid = validateScenario(scenario);
  const expected = "an object that says what is left open";
  if (valid.exhaust === undefined) throw new ScenarioError([{ path: "exhaust", value: undefined, expected }]);
  return guarded(() => {
    const search = exploreScenario(valid, all);
    while (search.level !== null && search.runs < maxRuns) search.next();
    search.verify();
    const { counterexample, graph, histories, observations, failures } = search;
    const failing = counterexample === null ? null : withSchedule(valid, essentialSchedule(valid, counterexample));
    const outcome = failing !== null ? "fail" : search.exhausted ? "pass" : "unknown";
    return {
      outcome,
      states: graph.states,
      histories,
      observations: observations.size,
      failures,
      counterexample: failing,
    };
  });
}
