import { effectsOf } from "../../sim/oracles/effects.ts";
import { livesOf } from "../../sim/oracles/read.ts";
import type { Run } from "../../sim/result.ts";
import { type Claim, makeClaim, type Refutation } from "./claim.ts";

/**
 * What handlers did in the outside world (`context.effect`, or `effect` of a behaviour) happened exactly once for every
 * accepted message, retries of its producer included. With a name only the effects of that name count. Asks nothing of
 * the scenario's `claims`.
 */
export function effectOnce(name?: string): Claim {
  return makeClaim(`${called(name)} exactly once`, (run) => refute(run, name, ["again", "never"]));
}

/** No accepted message is without its effect, unless the broker still holds it or it was put aside as a dead letter. */
export function effectAtLeastOnce(name?: string): Claim {
  return makeClaim(`${called(name)} at least once`, (run) => refute(run, name, ["never"]));
}

/** No message has its effect twice, however often it was delivered or published. */
export function effectAtMostOnce(name?: string): Claim {
  return makeClaim(`${called(name)} at most once`, (run) => refute(run, name, ["again"]));
}

function called(name: string | undefined): string {
  return name === undefined ? "every effect" : `the effect "${name}"`;
}

function refute(run: Run, name: string | undefined, kinds: readonly ("again" | "never")[]): Refutation | null {
  const { scenario, history, world } = run;
  const found = effectsOf(livesOf({ scenario, history, world, slackUs: 0 }), name ?? null);
  if (found.effects === 0)
    return {
      findings: [{ text: "no effect took place: a handler tells of one by context.effect", msg: -1 }],
      count: 1,
    };
  const findings = kinds.flatMap((kind) => found[kind]).map(({ text, msg }) => ({ text, msg }));
  return findings.length === 0 ? null : { findings, count: findings.length };
}
