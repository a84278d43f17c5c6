import type { Evidence, Verdict } from "../result.ts";
import { effectClaims, effectsOf } from "./effects.ts";
import { Findings } from "./findings.ts";
import { livesOf } from "./read.ts";
import { count } from "./words.ts";

/**
 * P13, effect once: what a handler does in the outside world for a message happens exactly once per business id, however
 * often the message is delivered, and however often its producer published it. Judged where the scenario claims "once".
 *
 * Sees: effect rows; publish, its outcome and the detail that names the publish it retries; dead-letter and handled rows.
 * Licences: an effect is not missing while the broker still holds the message, or when the message was put aside as a
 * dead letter. What the broker lost under a licence of P2 is missing all the same: the claim is end to end.
 * Blind: effects that nobody tells; that an effect was undone.
 */
export function judgeP13(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  let effects = 0;
  let due = 0;
  let spared = 0;
  let isClaimed = false;
  for (const [name, level] of effectClaims(lives)) {
    if (level !== "once") continue;
    isClaimed = true;
    const found = effectsOf(lives, name);
    effects += found.effects;
    due += found.due;
    spared += found.spared;
    for (const { msg, rows, text } of [...found.again, ...found.never]) findings.violation(msg, rows, () => text);
  }
  findings.looked = effects + due;
  const left = spared === 0 ? "" : `, ${spared} still to come or put aside`;
  const saw = `${count(effects, "effect")} of ${count(due, "accepted business id")}${left}`;
  return findings.verdict(
    "P13",
    saw,
    isClaimed ? "nothing was accepted and nothing had an effect" : "nobody claims it",
  );
}
