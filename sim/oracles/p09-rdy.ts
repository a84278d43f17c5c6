import type { Evidence, Verdict } from "../result.ts";
import { Findings } from "./findings.ts";
import { livesOf } from "./read.ts";
import { at, count, seconds, told } from "./words.ts";

/**
 * P9, RDY: nsqd never has more messages in flight to a connection than the RDY in force when it sends (protocol §6),
 * and a consumer's RDY over all its connections never exceeds its max-in-flight.
 *
 * Sees: rdy, deliver, finish, requeue rows. What is in flight by the client is never more than what is by nsqd: answers
 * leave before they arrive. A lower RDY is in force when it has certainly arrived.
 * Licences: none.
 * Blind: messages whose deadline may have passed are not counted; an excess within a round trip of a lower RDY.
 */
export function judgeP9(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  const { deliveries, history } = lives;
  findings.looked = deliveries.count + lives.rdyRows.length;
  for (let delivery = 0; delivery < deliveries.count; delivery += 1) {
    const inFlight = deliveries.inFlight[delivery]!;
    const allowed = deliveries.rdyHigh[delivery]!;
    if (inFlight <= allowed) continue;
    const row = deliveries.row[delivery]!;
    findings.violation(
      history.msg[row]!,
      [row],
      () => `${told(lives, delivery)}: ${inFlight} in flight, RDY ${allowed}`,
    );
  }
  for (const [index, row] of lives.rdyRows.entries()) {
    const name = history.strings[history.process[row]!]!;
    const limit = lives.terms.consumers.get(name)?.maxInFlight ?? Infinity;
    const sum = lives.rdySums[index]!;
    if (sum <= limit) continue;
    const when = seconds(at(lives, row));
    findings.violation(-1, [row], () => `${name} allows ${sum} in all at ${when}, its max-in-flight is ${limit}`);
  }
  const saw = `${count(deliveries.count, "delivery")} against RDY, ${count(lives.rdyRows.length, "RDY count")} against max-in-flight`;
  return findings.verdict("P9", saw, "no RDY and no delivery");
}
