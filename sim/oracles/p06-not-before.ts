import type { Evidence, Verdict } from "../result.ts";
import { isEarly } from "./duplicates.ts";
import { Findings } from "./findings.ts";
import { livesOf } from "./read.ts";
import { CAUSE } from "./tables.ts";
import { at, count, span, told } from "./words.ts";

/**
 * P6, not before: no message comes before its instant: a redelivery not before the deadline (each TOUCH that arrived
 * moves it, up to max-msg-timeout) or the delay of the REQ, a delayed publish not before its delay. Never early holds
 * in every profile (nsqd-semantics §3).
 *
 * Sees: publish, deliver, requeue, touch rows. The earliest instant of a sending is bounded by the way its bytes took
 * and by the instant it was itself allowed.
 * Licences: a restart of nsqd forgets all timers; nsqd-1.3 forgets the delay of a publish that may have gone through the
 * topic's disk queue; a clock that drifts is as wrong as it ever is, at any instant of the run.
 * Blind: earliness below the spread of the link's latency plus nsqd's output buffer.
 */
export function judgeP6(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  const { deliveries, history, messages } = lives;
  for (let delivery = 0; delivery < deliveries.count; delivery += 1) {
    const row = deliveries.row[delivery]!;
    const prev = deliveries.prev[delivery]!;
    const publish = messages.publishRow[history.msg[row]!]!;
    if (prev < 0 && history.value[publish] === 0) continue;
    const cause = deliveries.cause[delivery]!;
    if (cause === CAUSE.overtaken) continue;
    findings.looked += 1;
    if (!isEarly(lives, delivery)) continue;
    const since = prev < 0 ? publish : deliveries.row[prev]!;
    const rows = [since, deliveries.causeRow[delivery]!, row];
    findings.violation(history.msg[row]!, rows, () => {
      const early = deliveries.allowedLow[delivery]! + lives.terms.latencyMin - at(lives, row);
      return `${told(lives, delivery)}: at least ${span(early)} too early`;
    });
  }
  const saw = `${count(findings.looked, "delivery")} that had to wait for an instant`;
  return findings.verdict("P6", saw, "nothing was redelivered or delayed");
}
