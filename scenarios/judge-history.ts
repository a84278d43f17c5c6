import { MILLISECOND, type Micros } from "../core/time.ts";
import { checkExpectations, outcomeOf } from "../sim/oracles/expectations.ts";
import { judge } from "../sim/oracles/index.ts";
import { buildLedger } from "../sim/oracles/ledger.ts";
import type { Evidence, Run } from "../sim/result.ts";
import { tolerant } from "./tcp/tolerance.ts";

/** How much later than a perfect machine a real one may be: timers, scheduling, the work of the other processes. */
export const REAL_TIME_SLACK: Micros = 100 * MILLISECOND;

/** Judges a history that is there already. Real time is noisy: there the counts of the scenario's expectations have room. */
export function judgeHistory(evidence: Evidence, faultsFired: number): Run {
  const { scenario, history, world } = evidence;
  const ledger = buildLedger(evidence);
  const verdicts = judge(evidence);
  const { expect } = scenario;
  const relaxed = expect === undefined || world === "sim" ? scenario : { ...scenario, expect: tolerant(expect) };
  const expectations = checkExpectations(relaxed, verdicts, ledger, history);
  return {
    scenario,
    world,
    history,
    hash: history.hash(),
    verdicts,
    ledger,
    expectations,
    outcome: outcomeOf(verdicts, expectations),
    faultsFired,
    agendaEvents: 0,
    virtualUs: history.length === 0 ? 0 : history.at[history.length - 1]!,
  };
}
