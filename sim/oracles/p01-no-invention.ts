import type { Evidence, Verdict } from "../result.ts";
import { isDamaged } from "./damage.ts";
import { Findings } from "./findings.ts";
import { livesOf } from "./read.ts";
import { isRefused } from "./refusals.ts";
import { count, seconds, told } from "./words.ts";

/**
 * P1, no invention: every delivery carries something that was published before it, to that topic of that nsqd, and was
 * not refused; and a message has one id, the same on all its channels.
 *
 * Sees: publish, publish-error and deliver rows; message numbers travel in the bodies.
 * Licences: a body that cannot be read, once the files of that nsqd were damaged. A publish whose outcome is unknown may be
 * delivered, and so may one of an MPUB that a disk refused.
 * Blind: the bytes behind the numbers of a body.
 */
export function judgeP1(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  const { deliveries, messages, history } = lives;
  findings.looked = deliveries.count + lives.strays.length;
  for (const row of lives.strays) {
    const { msg, process, place, atUs } = history.event(row);
    if (msg < 0 && isDamaged(lives, history.peer[row]!, atUs)) continue;
    findings.violation(
      msg,
      [row],
      () => `${process} got message ${msg} on ${place} at ${seconds(atUs)}: never published there`,
    );
  }
  for (let delivery = 0; delivery < deliveries.count; delivery += 1) {
    const row = deliveries.row[delivery]!;
    const msg = history.msg[row]!;
    const idRow = messages.idRow[msg]!;
    if (history.idLow[row] !== history.idLow[idRow] || history.idHigh[row] !== history.idHigh[idRow]) {
      const ids = [history.event(idRow).id, history.event(row).id];
      findings.violation(msg, [idRow, row], () => `${told(lives, delivery)} has id ${ids[1]}, before it was ${ids[0]}`);
    }
    const outcome = messages.outcomeRow[msg]!;
    if (isRefused(lives, outcome)) {
      findings.violation(msg, [outcome, row], () => `${told(lives, delivery)}: nsqd had refused its publish`);
    }
  }
  const saw = `${count(findings.looked, "delivery")}, each with its publish`;
  return findings.verdict("P1", saw, "nothing was delivered");
}
