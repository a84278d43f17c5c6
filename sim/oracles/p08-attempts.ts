import type { Evidence, Verdict } from "../result.ts";
import { isEarly } from "./duplicates.ts";
import { Findings } from "./findings.ts";
import type { Lives } from "./lives.ts";
import { livesOf } from "./read.ts";
import { isAcrossRestart } from "./tables.ts";
import { diskTroubles } from "./troubles.ts";
import { at, count, told } from "./words.ts";

/**
 * P8, attempts: the first delivery on a channel says 1, and each further one says one more (modulo 2^16).
 *
 * Sees: deliver rows. nsqd counts when it sends: a number may be missing when its delivery never reached a client, but
 * then the next one had to wait for that deadline too; and a number may come late when it was overtaken, but only on
 * another connection.
 * Licences: across a restart of nsqd numbers may repeat (a crash) or be missing; rot may change them on disk.
 * Blind: a wrong number whose wait happens to fit.
 */
export function judgeP8(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  const { deliveries, history } = lives;
  findings.looked = deliveries.count;
  for (let delivery = 0; delivery < deliveries.count; delivery += 1) {
    const hidden = deliveries.hidden[delivery]!;
    if (hidden === 0 || isAcrossRestart(deliveries.cause[delivery]!)) continue;
    const row = deliveries.row[delivery]!;
    const prev = deliveries.prev[delivery]!;
    if (hidden > 0 && !isEarly(lives, delivery)) continue;
    if (mayBeRotten(lives, delivery)) continue;
    const rows = prev < 0 ? [row] : [deliveries.row[prev]!, row];
    findings.violation(history.msg[row]!, rows, () => {
      const before = prev < 0 ? "the first delivery" : `the one before said ${history.value[deliveries.row[prev]!]!}`;
      return `${told(lives, delivery)}: ${before}`;
    });
  }
  const saw = `the numbers of ${count(findings.looked, "delivery")}`;
  return findings.verdict("P8", saw, "nothing was delivered");
}

/** Bits of its nsqd's files have turned over: the number may be one that was read from there. */
function mayBeRotten(lives: Lives, delivery: number): boolean {
  const { nsqd } = lives.connections[lives.deliveries.connection[delivery]!]!;
  const now = at(lives, lives.deliveries.row[delivery]!);
  return diskTroubles(lives, nsqd).some(({ kind, from }) => kind === "bit-rot" && from <= now);
}
