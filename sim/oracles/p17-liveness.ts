import type { Evidence, Verdict } from "../result.ts";
import { fanOutOf } from "./fan-out.ts";
import { Findings } from "./findings.ts";
import { lossesOf } from "./losses.ts";
import { livesOf } from "./read.ts";
import { whyWaiting, type Waiting } from "./waiting.ts";
import { at, count, seconds } from "./words.ts";

/** Nobody was going to act on these: no stall. */
const PATIENT: readonly Waiting["reason"][] = ["no-consumer", "paused", "not-due", "in-handler"];

/**
 * P17, liveness: when faults have stopped, every surviving message is finished within the recovery time; no RDY stuck
 * at 0, no stuck backoff, no connection that is not made again.
 *
 * Sees: everything before and after phase `heal`. A stall names who waits for what.
 * Licences: what is lost under a licence does not survive. No stall is a message whose channel has no running consumer
 * or was paused by an operator, that is not due yet, or that a handler has and its deadline is still to come.
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
  const left = patient === 0 ? "" : `, ${patient} wait for somebody who was not going to act`;
  return findings.verdict(
    "P17",
    `${count(findings.looked, "pair")} of message and channel${left}`,
    "nothing was accepted",
  );
}
