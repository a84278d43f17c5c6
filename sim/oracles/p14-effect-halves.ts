import type { Evidence, Verdict } from "../result.ts";
import { effectClaims, effectsOf } from "./effects.ts";
import { Findings } from "./findings.ts";
import { livesOf } from "./read.ts";
import { count } from "./words.ts";

/**
 * P14, effect at least once, effect at most once: the two halves of P13, each told apart, so that a violation names its
 * direction. A scenario claims one of them, or both as "once".
 *
 * Sees, licences, blind: as P13.
 */
export function judgeP14(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  const saw: string[] = [];
  for (const [name, level] of effectClaims(lives)) {
    const { effects, due, spared, again, never } = effectsOf(lives, name);
    const which = name === null ? "" : ` "${name}"`;
    if (level !== "at-least-once") {
      findings.looked += effects;
      saw.push(`at most once${which}: ${count(effects, "effect")}`);
      for (const { msg, rows, text } of again) findings.violation(msg, rows, () => `not at most once: ${text}`);
    }
    if (level !== "at-most-once") {
      findings.looked += due;
      const left = spared === 0 ? "" : `, ${spared} still to come or put aside`;
      saw.push(`at least once${which}: ${count(due, "accepted business id")}${left}`);
      for (const { msg, rows, text } of never) findings.violation(msg, rows, () => `not at least once: ${text}`);
    }
  }
  const nothing = saw.length === 0 ? "nobody claims it" : "nothing was accepted and nothing had an effect";
  return findings.verdict("P14", saw.join("; "), nothing);
}
