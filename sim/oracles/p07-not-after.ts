import type { Evidence, Verdict } from "../result.ts";
import { Findings } from "./findings.ts";
import { noticedBy } from "./lateness.ts";
import { livesOf } from "./read.ts";
import type { Lives } from "./lives.ts";
import { deadlineHigh } from "./redelivery.ts";
import { ANSWER, LATE_WITHOUT_EXCUSE } from "./tables.ts";
import { at, count, span, told } from "./words.ts";

/**
 * P7, not after: a message comes when its instant has come (accepted, requeued, deadline, delay) and somebody has room:
 * within the profile's bound, one trip and nsqd's output buffer. `exact`: the bound is 0. `nsqd-1.3`: 100 ms, 5 s more
 * for a channel younger than the last refresh, a lottery beyond 20 channels.
 *
 * Sees: publish-ok, deliver, requeue, touch, rdy, subscribe, close, backoff, operate, process and fault rows.
 * A message that nobody got again was held too long when its owner's answer, certainly later than the deadline, was
 * not refused.
 *
 * Licences: no-ready-consumer, backoff, paused, no-connection, fault, queueing (the ledger lists them); and a clock that
 * drifts is as wrong as it ever is, at any instant of the run. Without excuse
 * is a message that waited while a consumer had room and nothing came for longer than a round trip.
 * Blind: a message that others overtake for ever while deliveries go on (NSQ promises no order; see P17); publishes
 * without OK; attempts that no client saw.
 */
export function judgeP7(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  const { deliveries } = lives;
  let excused = 0;
  for (let delivery = 0; delivery < deliveries.count; delivery += 1) {
    if (isHeldTooLong(lives, delivery)) {
      const answer = deliveries.answerRow[delivery]!;
      const row = deliveries.row[delivery]!;
      findings.violation(lives.history.msg[row]!, [row, answer], () => {
        const over = span(at(lives, answer) - deadlineHigh(lives, delivery));
        return `${told(lives, delivery)}: its answer was taken ${over} after its deadline`;
      });
    }
    const due = deliveries.allowedHigh[delivery]!;
    if (due === Infinity) {
      if (isBeforeOk(lives, delivery)) findings.looked += 1;
      continue;
    }
    findings.looked += 1;
    const late = deliveries.late[delivery]!;
    if (late === 0) continue;
    if (late !== LATE_WITHOUT_EXCUSE) {
      excused += 1;
      continue;
    }
    const row = deliveries.row[delivery]!;
    findings.violation(lives.history.msg[row]!, [row], () => {
      return `${told(lives, delivery)}: ${span(at(lives, row) - due)} after it was due, although a consumer had room`;
    });
  }
  const saw = `${count(findings.looked, "delivery")}, ${excused} late under a licence`;
  return findings.verdict("P7", saw, "nothing was delivered whose instant is known");
}

/** It came even before the producer heard that it was accepted. */
function isBeforeOk(lives: Lives, delivery: number): boolean {
  const row = lives.deliveries.row[delivery]!;
  const msg = lives.history.msg[row]!;
  return lives.accepted(msg) && lives.messages.outcomeRow[msg]! > row && lives.deliveries.prev[delivery]! < 0;
}

function isHeldTooLong(lives: Lives, delivery: number): boolean {
  const { deliveries, history, terms } = lives;
  const answer = deliveries.answerRow[delivery]!;
  if (answer < 0 || deliveries.refusalRow[delivery]! >= 0) return false;
  const connection = lives.connections[deliveries.connection[delivery]!]!;
  const since = history.at[deliveries.row[delivery]!]!;
  const answered = history.at[answer]! + terms.latencyMin - terms.slack;
  if (answered - since <= connection.msgTimeout || deliveries.answer[delivery] === ANSWER.none) return false;
  const deadline = deadlineHigh(lives, delivery);
  const noticed = connection.place === null ? Infinity : noticedBy(lives, connection.place, deadline);
  if (answered <= noticed || connection.disturbed(since, answered + connection.travelMax)) return false;
  // Ids are per message: what went to the same connection again may be answered by the older run.
  for (let other = lives.lives.last[deliveries.life[delivery]!]!; other >= 0; other = deliveries.earlier[other]!) {
    if (other !== delivery && deliveries.connection[other] === connection.index) return false;
  }
  return lives.wouldHear(connection, answer);
}
