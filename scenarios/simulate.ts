import { runTwice as runTwiceUnguarded } from "../sim/compare.ts";
import type { UserHandler } from "../sim/handlers.ts";
import type { Run } from "../sim/result.ts";
import {
  RunError,
  simulate as simulateUnguarded,
  simulateAsync as simulateAsyncUnguarded,
  type SimulateOptions,
} from "../sim/run.ts";
import type { Scenario } from "../sim/scenario/types.ts";
import { drainMicrotasks } from "./drain.ts";
import { guarded, guardedAsync, unguarded } from "./guard.ts";

export interface SimulateAsyncOptions extends SimulateOptions {
  /** Handlers that consumers of the scenario name by `{ "use": name }`. */
  readonly handlers: Readonly<Record<string, UserHandler>>;
  /**
   * What becomes of a run whose handlers call the real clock, random numbers or timers. `refuse`: the call throws, and so
   * does the run. `allow`: the run may differ from time to time. Default `refuse`.
   */
  readonly realWorld?: "refuse" | "allow";
}

/**
 * Runs a scenario in the simulated world and judges it. The same scenario gives the same run on every machine.
 *
 * @throws ScenarioError when the scenario is not valid, or names a handler function (see {@link simulateAsync})
 * @throws RunError when nsqlab itself fails
 * @throws DeterminismError when nsqlab itself asks for real time or chance
 */
export function simulate(scenario: Scenario, options: SimulateOptions = {}): Run {
  return guarded(() => simulateUnguarded(scenario, logging(options)));
}

/**
 * {@link simulate}, or why nsqlab itself failed.
 *
 * @throws ScenarioError, DeterminismError
 */
export function attempt(scenario: Scenario): Run | RunError {
  try {
    return simulate(scenario);
  } catch (error) {
    if (error instanceof RunError) return error;
    throw error;
  }
}

/**
 * Runs a scenario whose consumers may be functions, also async ones, that sleep in virtual time: `ctx.sleep(ms)`. What a
 * handler throws is recorded and requeues its message; it never ends the run.
 *
 * @throws ScenarioError when the scenario is not valid, or names a handler that was not given
 * @throws RunError when nsqlab itself fails
 * @throws DeterminismError after the run, when a handler called `Date.now`, `new Date`, `performance.now`, `Math.random`,
 *   `crypto.getRandomValues`, `crypto.randomUUID`, `setTimeout`, `setInterval` or `setImmediate`, even if it caught that
 */
export function simulateAsync(scenario: Scenario, options: SimulateAsyncOptions): Promise<Run> {
  const { realWorld, ...rest } = options;
  const run = () =>
    simulateAsyncUnguarded(scenario, {
      ...logging(rest),
      handlers: rest.handlers,
      drain: () => unguarded(drainMicrotasks),
    });
  return realWorld === "allow" ? run() : guardedAsync(run);
}

/**
 * Runs a scenario twice: a run is a function of its scenario, so `divergence` must be null.
 *
 * @throws as {@link simulate}
 */
export function runTwice(scenario: Scenario, options: SimulateOptions = {}): ReturnType<typeof runTwiceUnguarded> {
  return guarded(() => runTwiceUnguarded(scenario, logging(options)));
}

/** Whoever looks at the log is not part of the run. */
function logging(options: SimulateOptions): SimulateOptions {
  const { log } = options;
  return log === undefined ? options : { ...options, log: (...line) => unguarded(() => log(...line)) };
}
