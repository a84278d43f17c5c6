import { KIND } from "../history.ts";
import type { Evidence, Verdict } from "../result.ts";
import { Findings } from "./findings.ts";
import type { Lives } from "./lives.ts";
import { livesOf } from "./read.ts";
import { count, seconds, told } from "./words.ts";

/**
 * P1, no invention: every delivery carries something that was published before it, to that topic of that nsqd, and was
 * not refused; and a message has one id, the same on all its channels.
 *
 * Sees: publish, publish-error and deliver rows; message numbers travel in the bodies.
 * Licences: none. A publish whose outcome is unknown may be delivered.
 * Blind: the bytes behind the number.
 */
export function judgeP1(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  const { deliveries, messages, history } = lives;
  findings.looked = deliveries.count + lives.strays.length;
  for (const row of lives.strays) {
    const { msg, process, place, atUs } = history.event(row);
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
    if (isRefused(lives, msg)) {
      const outcome = messages.outcomeRow[msg]!;
      findings.violation(msg, [outcome, row], () => `${told(lives, delivery)}: nsqd had refused its publish`);
    }
  }
  const saw = `${count(findings.looked, "delivery")}, each with its publish`;
  return findings.verdict("P1", saw, "nothing was delivered");
}

function isRefused(lives: Lives, msg: number): boolean {
  const outcome = lives.messages.outcomeRow[msg]!;
  return outcome >= 0 && lives.history.kind[outcome] === KIND["publish-error"];
}
