import { marksOf } from "../marks/marks-of.ts";
import type { Mark } from "../marks/marks.ts";
import { seedScenario } from "../generate/index.ts";
import type { Size } from "../generate/limits.ts";
import type { Run } from "../result.ts";
import { RunError } from "../run.ts";
import type { Outcome, Scenario } from "../scenario/types.ts";
import { failureOfError, failuresOf } from "../shrink/failure.ts";

/** What a campaign keeps of the run of one seed. Plain data: it crosses threads. */
export interface SeedResult {
  readonly seed: number;
  readonly outcome: Outcome;
  /** What failed, by `Failure.id`. */
  readonly failures: readonly string[];
  readonly hash: string;
  readonly delivered: number;
  readonly faultsFired: number;
  readonly virtualUs: number;
  readonly marks: readonly Mark[];
}

/** Runs the scenario of a seed, of that size. */
export function judgeSeed(seed: number, size: Size, simulate: (scenario: Scenario) => Run): SeedResult {
  try {
    const run = simulate(seedScenario(seed, size));
    const { outcome, hash, faultsFired, virtualUs, ledger } = run;
    const failures = failuresOf(run).map(({ id }) => id);
    return { seed, outcome, failures, hash, delivered: ledger.delivered, faultsFired, virtualUs, marks: marksOf(run) };
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    const nothing = { hash: "", delivered: 0, faultsFired: 0, virtualUs: 0, marks: [] };
    return { seed, outcome: "fail", failures: [failureOfError(error).id], ...nothing };
  }
}
