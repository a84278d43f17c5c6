import { compareHistories, type Divergence } from "../../sim/compare.ts";
import { checkExpectations, outcomeOf } from "../../sim/oracles/expectations.ts";
import { ORACLES } from "../../sim/oracles/index.ts";
import type { Run } from "../../sim/result.ts";
import { simulate } from "../simulate.ts";

/** A run of which determinism (P21) was judged as well, by a second run of the same scenario. */
export interface JudgedTwice {
  readonly run: Run;
  /** The first event in which the two differ. */
  readonly divergence: Divergence | null;
}

/** Runs the scenario of a simulated run once more and judges P21, unless the scenario leaves it out. */
export function judgeTwice(run: Run): JudgedTwice {
  const { scenario, history, ledger } = run;
  const second = simulate(scenario, { judge: false });
  const divergence = second.hash === run.hash ? null : compareHistories(history, second.history);
  const verdict = ORACLES.P21({ scenario, history, world: "sim", slackUs: 0, secondHash: second.hash });
  const verdicts = run.verdicts.map((one) => (one.property === "P21" ? verdict : one));
  const expectations = checkExpectations(scenario, verdicts, ledger, history);
  return { run: { ...run, verdicts, expectations, outcome: outcomeOf(verdicts, expectations) }, divergence };
}
