import type { Evidence, Verdict } from "../result.ts";
import { fanOutOf } from "./fan-out.ts";
import { Findings } from "./findings.ts";
import { lossesOf } from "./losses.ts";
import { livesOf } from "./read.ts";
import { at, count, seconds } from "./words.ts";

/**
 * P10, fan-out: each channel that exists when a message is fanned out gets it; a channel created later gets none of the
 * earlier ones, except that a topic's first channel inherits its backlog.
 *
 * Sees: publish-ok, subscribe, operate and deliver rows.
 * Licences: those of P2 for what was never delivered.
 * Blind: a channel created between a publish and its OK may have the message or not; so may any channel after the
 * topic was paused, once so many messages were published that a full channel may have held the pump back, or where nsqd
 * asks nsqlookupds for channels.
 */
export function judgeP10(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  const fanOut = fanOutOf(lives);
  findings.looked = fanOut.owed + fanOut.barred;
  const undelivered = new Set<string>();
  for (const [index, msg] of fanOut.missingMsg.entries()) {
    if (fanOut.missingLife[index]! < 0) undelivered.add(`${msg} ${fanOut.missingPlace[index]!.name}`);
  }
  for (const { msg, place, licence, rows, text } of lossesOf(lives)) {
    if (licence === null && undelivered.has(`${msg} ${place}`)) findings.violation(msg, rows, () => text);
  }
  for (const life of fanOut.trespasses) {
    const msg = lives.lives.msg[life]!;
    const place = lives.places[lives.lives.place[life]!]!;
    const row = lives.deliveries.row[lives.lives.top[life]!]!;
    const accepted = lives.messages.outcomeRow[msg]!;
    findings.violation(msg, [accepted, row], () => {
      const when = seconds(at(lives, place.possibleRow));
      return `message ${msg}, accepted at ${seconds(at(lives, accepted))}, came on ${place.name}, created not before ${when}`;
    });
  }
  const saw = `${count(fanOut.owed, "pair")} of message and channel that had to be, ${fanOut.barred} that must not`;
  return findings.verdict("P10", saw, "no accepted message had a channel");
}
