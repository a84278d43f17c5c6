import type { History, HistoryEvent } from "./history.ts";
import type { Run } from "./result.ts";
import { simulate, type SimulateOptions } from "./run.ts";
import type { Scenario } from "./scenario/types.ts";

/** The first event in which two histories differ; null: that history ended before. */
export interface Divergence {
  readonly row: number;
  readonly a: HistoryEvent | null;
  readonly b: HistoryEvent | null;
}

/** Null when both tell the same, event by event. */
export function compareHistories(a: History, b: History): Divergence | null {
  const length = Math.max(a.length, b.length);
  for (let row = 0; row < length; row += 1) {
    const inA = row < a.length ? a.event(row) : null;
    const inB = row < b.length ? b.event(row) : null;
    if (inA === null || inB === null || !sameEvent(inA, inB)) return { row, a: inA, b: inB };
  }
  return null;
}

/** Runs a scenario twice: a run is a function of its scenario, so `divergence` must be null. */
export function runTwice(
  scenario: Scenario,
  options: SimulateOptions = {},
): { readonly first: Run; readonly second: Run; readonly divergence: Divergence | null } {
  const first = simulate(scenario, options);
  const second = simulate(scenario, options);
  return { first, second, divergence: compareHistories(first.history, second.history) };
}

function sameEvent(a: HistoryEvent, b: HistoryEvent): boolean {
  return (Object.keys(a) as (keyof HistoryEvent)[]).every((column) => a[column] === b[column]);
}
