import type { Evidence, Verdict } from "../result.ts";
import { Findings } from "./findings.ts";
import type { Lives } from "./lives.ts";
import { livesOf } from "./read.ts";
import { deadlineLow } from "./redelivery.ts";
import { CAUSE, isAcrossRestart } from "./tables.ts";
import { at, client, count, seconds, told } from "./words.ts";

/**
 * P5, single owner: within one life of an nsqd a message is in flight to at most one connection per channel, and only
 * that connection can answer it.
 *
 * Sees: deliver, finish, requeue, answer-error rows. The first owner still owns when a second gets the message before
 * the first one's answer can have arrived and before its deadline. A FIN or REQ that leaves after another connection
 * got the message must be refused.
 * Licences: none.
 * Blind: an overlap shorter than two trips; what happens across a restart of nsqd.
 */
export function judgeP5(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  const { deliveries } = lives;
  findings.looked = deliveries.count;
  for (let delivery = 0; delivery < deliveries.count; delivery += 1) {
    const prev = deliveries.prev[delivery]!;
    if (prev < 0) continue;
    const cause = deliveries.cause[delivery]!;
    if (isAcrossRestart(cause) || cause === CAUSE.overtaken) continue;
    const row = deliveries.row[delivery]!;
    if (ownsStill(lives, prev, delivery)) {
      findings.violation(lives.history.msg[row]!, [deliveries.row[prev]!, row], () => {
        const until = seconds(deadlineLow(lives, prev) + lives.terms.latencyMin);
        return `${told(lives, delivery)}, while ${client(lives, prev)} owned it (and would until ${until})`;
      });
    }
    const answer = deliveries.answerRow[prev]!;
    if (answer > row && acceptedFromOther(lives, prev, delivery)) {
      findings.violation(lives.history.msg[row]!, [deliveries.row[prev]!, row, answer], () => {
        return `${told(lives, delivery)}; ${client(lives, prev)} answered it at ${seconds(at(lives, answer))} and was not refused`;
      });
    }
  }
  const saw = `${count(findings.looked, "delivery")}, no two owners at once`;
  return findings.verdict("P5", saw, "nothing was delivered");
}

function ownsStill(lives: Lives, prev: number, delivery: number): boolean {
  const { deliveries, terms } = lives;
  const now = at(lives, deliveries.row[delivery]!);
  // A REQ needs one trip to nsqd, and the next delivery one trip back.
  if (deliveries.cause[delivery] === CAUSE.requeued) {
    return now < at(lives, deliveries.causeRow[delivery]!) + 2 * terms.latencyMin;
  }
  return now < deadlineLow(lives, prev) + terms.latencyMin;
}

/** The answer of an owner that had been replaced, on a connection that lived long enough to hear of the refusal. */
function acceptedFromOther(lives: Lives, prev: number, delivery: number): boolean {
  const { deliveries } = lives;
  const connection = lives.connections[deliveries.connection[prev]!]!;
  if (deliveries.refusalRow[prev]! >= 0) return false;
  // Ids are per message: what went to the same connection again may be answered by the older run.
  for (let other = lives.lives.last[deliveries.life[delivery]!]!; other > prev; other = deliveries.earlier[other]!) {
    if (deliveries.connection[other] === connection.index) return false;
  }
  return lives.wouldHear(connection, deliveries.answerRow[prev]!);
}
