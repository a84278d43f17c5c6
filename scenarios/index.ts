/**
 * The package `nsqlab`: run fault scenarios on an NSQ-compatible broker in virtual time, judge what happened, draw it.
 *
 * ```ts
 * import { findScenario, simulate } from "nsqlab";
 *
 * const run = simulate(findScenario("lost-fin")!);
 * console.log(run.outcome, run.ledger.duplicates.length); // pass 7
 * ```
 */
import type { Run } from "../sim/result.ts";
import { simulateAsync as simulateWithDrain, type SimulateOptions } from "../sim/run.ts";
import type { Scenario } from "../sim/scenario/types.ts";
import type { UserHandler } from "../sim/handlers.ts";
import { drainMicrotasks } from "./drain.ts";

export { CATALOGUE, findScenario } from "./catalogue/index.ts";
export { compareHistories, type Divergence, runTwice } from "../sim/compare.ts";
export { generateScenario } from "../sim/generate/index.ts";
export type { HandlerContext, HandlerMessage, UserHandler } from "../sim/handlers.ts";
export { EVENT_KINDS, type EventKind, History, type HistoryEvent } from "../sim/history.ts";
export { tellLife } from "../sim/oracles/explain.ts";
export { judge, ORACLES } from "../sim/oracles/index.ts";
export { buildLedger } from "../sim/oracles/ledger.ts";
export type {
  Evidence,
  ExpectationResult,
  Ledger,
  LedgerEntry,
  Oracle,
  Run,
  Verdict,
  Violation,
} from "../sim/result.ts";
export { RunError, simulate, type SimulateOptions } from "../sim/run.ts";
export type * from "../sim/scenario/types.ts";
export { ScenarioError, validateScenario } from "../sim/scenario/validate.ts";
export { type PictureOptions, renderPicture } from "../reports/picture.ts";
export { renderReport } from "../reports/report.ts";
export { renderTable } from "../reports/terminal.ts";
export * from "./testing/index.ts";

export interface SimulateAsyncOptions extends SimulateOptions {
  /** Handlers that consumers of the scenario name by `{ "use": name }`. */
  readonly handlers: Readonly<Record<string, UserHandler>>;
}

/**
 * Runs a scenario whose consumers may be functions, also async ones, that sleep in virtual time: `ctx.sleep(ms)`. What a
 * handler throws is recorded and requeues its message; it never ends the run.
 *
 * @throws ScenarioError when the scenario is not valid, or names a handler that was not given
 * @throws RunError when nsqlab itself fails
 */
export function simulateAsync(scenario: Scenario, options: SimulateAsyncOptions): Promise<Run> {
  return simulateWithDrain(scenario, { ...options, drain: drainMicrotasks });
}
