import { msToMicros } from "../../core/time.ts";
import { KIND } from "../history.ts";
import type { Evidence, Verdict } from "../result.ts";
import { fanOutOf } from "./fan-out.ts";
import { Findings } from "./findings.ts";
import { lossesOf } from "./losses.ts";
import type { Lives } from "./lives.ts";
import { livesOf } from "./read.ts";
import { recoveryTerms, tellRecovery } from "./recovery.ts";
import { starvedConnections } from "./starved.ts";
import { whyWaiting, type Waiting } from "./waiting.ts";
import { at, count, seconds, span } from "./words.ts";

/** Nobody was going to act on these: no stall. */
const PATIENT: readonly Waiting["reason"][] = ["no-consumer", "paused", "not-due", "in-handler"];

/**
 * P17, liveness: when faults have stopped, every surviving message is finished within the recovery time; no RDY stuck
 * at 0, no stuck backoff, no connection that is not made again.
 *
 * Sees: everything before and after phase `heal`. A stall names who waits for what: see {@link Waiting}. The verdict says
 * how much of the time was needed, and what the settings make of a loss of everything: {@link recoveryTerms}.
 * Licences: what is lost under a licence does not survive. No stall is a message whose channel has no running consumer
 * or was paused by an operator, that is not due yet, or that a handler has and its deadline is still to come. A connection
 * may be at RDY 0 in backoff, and while the consumer has more connections than room.
 * Blind: a history without phase `heal`; how long a stall lasted that ended in time.
 */
export function judgeP17(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  const fanOut = fanOutOf(lives);
  if (lives.healRow < 0) return findings.verdict("P17", "", "the history never says that faults stopped");
  findings.looked = fanOut.owed;
  let patient = 0;
  for (const [index, { licence, msg, rows }] of lossesOf(lives).entries()) {
    if (licence !== "still-held" && licence !== null) continue;
    const waiting = whyWaiting(lives, msg, fanOut.missingPlace[index]!, fanOut.missingLife[index]!);
    if (PATIENT.includes(waiting.reason)) {
      patient += 1;
      continue;
    }
    const name = fanOut.missingPlace[index]!.name;
    const healed = seconds(at(lives, lives.healRow));
    findings.violation(msg, [...rows, lives.healRow], () => {
      return `message ${msg} on ${name} is not finished at the end, faults stopped at ${healed}: ${waiting.text}`;
    });
  }
  for (const { connection, text } of starvedConnections(lives))
    findings.violation(-1, [connection.openRow, lives.healRow], () => text);
  const left = patient === 0 ? "" : `, ${patient} wait for somebody who was not going to act`;
  const saw = `${count(findings.looked, "pair")} of message and channel${left}; ${pace(lives, findings.count > 0)}`;
  return findings.verdict("P17", saw, "nothing was accepted");
}

/** How long the recovery took of what the scenario allows, and what its settings make of a loss of everything. */
function pace(lives: Lives, isStalled: boolean): string {
  const { history, healRow, evidence } = lives;
  const allowed = `the ${span(msToMicros(evidence.scenario.recoveryMs))} allowed`;
  const settings = `by the settings ${tellRecovery(recoveryTerms(lives))}`;
  if (isStalled) return `not recovered in ${allowed}, ${settings}`;
  let last = lives.rows - 1;
  while (last > healRow && history.kind[last] !== KIND.finish && history.kind[last] !== KIND["give-up"]) last -= 1;
  if (last <= healRow) return "nothing was left to do when faults stopped";
  return `recovered in ${span(at(lives, last) - at(lives, healRow))} of ${allowed}, ${settings}`;
}
