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
export { CATALOGUE, findScenario } from "./catalogue/index.ts";
export { exhaust, type ExhaustOptions, type ExhaustResult } from "./exhaust/exhaust.ts";
export { SMALL_WORLDS } from "./exhaust/index.ts";
export { DeterminismError } from "./guard.ts";
export { runTwice, simulate, simulateAsync, type SimulateAsyncOptions } from "./simulate.ts";
export { compareHistories, type Divergence } from "../sim/compare.ts";
export { generateScenario, seedScenario } from "../sim/generate/index.ts";
export { type GeneratorLimits, type Size, SIZES } from "../sim/generate/limits.ts";
export type { HandlerContext, HandlerMessage, UserHandler } from "../sim/handlers.ts";
export { EVENT_KINDS, type EventKind, History, type HistoryEvent } from "../sim/history.ts";
export { inferScenario } from "../sim/infer.ts";
export { HistoryFormatError, type HistoryProblem, readHistory } from "../sim/recorded.ts";
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
export { type Mark, MARKS } from "../sim/marks/marks.ts";
export { marksOf } from "../sim/marks/marks-of.ts";
export { RunError, type SimulateOptions } from "../sim/run.ts";
export type * from "../sim/scenario/types.ts";
export { ScenarioError, validateScenario } from "../sim/scenario/validate.ts";
export { type Capsule, isCapsule, makeCapsule, makeErrorCapsule } from "../sim/shrink/capsule.ts";
export { type Failure, failureOfError, failuresOf } from "../sim/shrink/failure.ts";
export { Shrinker } from "../sim/shrink/shrinker.ts";
export { tellStory } from "../sim/shrink/story.ts";
export { type PictureOptions, renderPicture } from "../reports/picture.ts";
export { renderReport } from "../reports/report.ts";
export { renderTable } from "../reports/terminal.ts";
export * from "./testing/index.ts";
