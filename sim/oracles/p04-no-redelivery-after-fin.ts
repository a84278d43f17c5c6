import type { Evidence, Verdict } from "../result.ts";
import { Findings } from "./findings.ts";
import { livesOf } from "./read.ts";
import { CAUSE } from "./tables.ts";
import { at, client, count, seconds, told } from "./words.ts";

/**
 * P4, no redelivery after FIN: when a FIN has reached nsqd before the deadline, that message is never delivered on that
 * channel again.
 *
 * Sees: finish, deliver, close, process and fault rows. A FIN has certainly arrived when nothing held the path for the
 * longest trip and the connection lived on for another.
 * Licences: none in memory; crash-replay: an nsqd that was killed may replay what it finished, if its files still held
 * it.
 * Blind: a FIN that a fault may have swallowed, or that left so late that the deadline may have been first.
 */
export function judgeP4(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  const { deliveries } = lives;
  for (let life = 0; life < lives.lives.count; life += 1) if (lives.finishRow(life) >= 0) findings.looked += 1;
  for (let delivery = 0; delivery < deliveries.count; delivery += 1) {
    if (deliveries.cause[delivery] !== CAUSE.finished) continue;
    const prev = deliveries.prev[delivery]!;
    const finish = deliveries.causeRow[delivery]!;
    const row = deliveries.row[delivery]!;
    findings.looked += 1;
    findings.violation(lives.history.msg[row]!, [deliveries.row[prev]!, finish, row], () => {
      return `${told(lives, delivery)}: ${client(lives, prev)} had finished it at ${seconds(at(lives, finish))}`;
    });
  }
  return findings.verdict(
    "P4",
    `${count(findings.looked, "finished message")}, none delivered again`,
    "nothing was finished",
  );
}
