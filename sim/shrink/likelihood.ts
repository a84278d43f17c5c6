import type { Micros } from "../../core/time.ts";
import { KIND } from "../history.ts";
import type { Run } from "../result.ts";
import { simulate } from "../run.ts";
import { failsBy, type Failure } from "./failure.ts";
import { failedAt } from "./story.ts";

/** How often a scenario fails when every random choice from an instant on is another one. */
export interface LikelihoodPoint {
  readonly atUs: Micros;
  readonly reruns: number;
  readonly failed: number;
}

/**
 * The likelihood of a failure over the time of a run: where it rises to certainty, the failure became inevitable. One
 * point per call of `next`, from the failure back to the start; where chance decides nothing, each is certain.
 */
export function* likelihoodCurve(
  run: Run,
  failure: Failure,
  { points, reruns }: { readonly points: number; readonly reruns: number },
): Generator<LikelihoodPoint, void> {
  const { scenario } = run;
  for (const atUs of instants(run, failedAt(run, failure), points).reverse()) {
    let failed = 0;
    for (let rerun = 1; rerun <= reruns; rerun += 1) {
      // The first seeds after the scenario's own: the same for every point, so that points differ by time alone.
      const other = simulate(scenario, { reseed: { atUs, seed: scenario.seed + rerun } });
      if (failsBy(other, failure.id)) failed += 1;
    }
    yield { atUs, reruns, failed };
  }
}

/** So many instants from 0 to `endUs`, closer together where more happens. */
function instants({ history }: Run, endUs: Micros, points: number): Micros[] {
  const times = [0];
  for (let row = 0; row < history.length && history.at[row]! < endUs; row += 1) {
    if (history.kind[row] !== KIND.gauge && history.at[row]! > times.at(-1)!) times.push(history.at[row]!);
  }
  times.push(endUs);
  const last = times.length - 1;
  const chosen = Array.from({ length: points }, (_, index) => Math.round((last * index) / Math.max(1, points - 1)));
  return [...new Set(chosen)].map((index) => times[index]!);
}
