import type { Evidence, Verdict } from "../result.ts";
import { fanOutOf } from "./fan-out.ts";
import { Findings } from "./findings.ts";
import { lossesOf } from "./losses.ts";
import { livesOf } from "./read.ts";
import { count } from "./words.ts";

/**
 * P2, no loss: every publish that was answered OK is finished on every channel that existed when it was fanned out, or
 * still held by the broker at the end.
 *
 * Sees: publish-ok, finish, give-up, subscribe, operate and process rows; gauges at the end.
 * Licences: all of the ledger's losses (emptied, sampled, ephemeral, given up, still held, and those of an end of nsqd:
 * see P3). A loss under a licence is NSQ's contract and passes; whether so many were meant is what the scenario's
 * expectations say.
 * Blind: which messages a broker holds (gauges only count them); a FIN that broke with its connection at the very end.
 */
export function judgeP2(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  findings.looked = fanOutOf(lives).owed;
  const losses = lossesOf(lives);
  for (const { licence, msg, rows, text } of losses) if (licence === null) findings.violation(msg, rows, () => text);
  const excused = losses.length === 0 ? "" : `, ${losses.length - findings.count} unfinished under a licence`;
  const saw = `${count(findings.looked, "pair")} of an accepted message and a channel that owed it${excused}`;
  return findings.verdict("P2", saw, "no accepted message had a channel");
}
