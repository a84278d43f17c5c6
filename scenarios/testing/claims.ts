import type { LedgerEntry, Run } from "../../sim/result.ts";
import type { DuplicateLicence, LateLicence, LossLicence, PropertyId } from "../../sim/scenario/types.ts";
import { type Claim, type Finding, type Refutation, makeClaim } from "./claim.ts";

export interface PropertyClaimOptions {
  /** Accept a run in which nothing happened that could break the property. Default false: nothing seen, nothing proven. */
  readonly orUnknown?: boolean;
}

/** The property was judged and holds. */
export function holds(property: PropertyId, options: PropertyClaimOptions = {}): Claim {
  return makeClaim(`property ${property}`, (run) => refuteProperty(run, property, options));
}

/**
 * Every accepted message was finished on every channel that it belongs to (P2), or the broker still holds it.
 * `allow` names losses that the test accepts, such as `given-up`.
 */
export function atLeastOnce(options: PropertyClaimOptions & { readonly allow?: readonly LossLicence[] } = {}): Claim {
  const allowed = new Set<LossLicence | null>(["still-held", ...(options.allow ?? [])]);
  return makeClaim("at least once: every accepted message is finished on every channel", (run) => {
    const lost = run.ledger.losses.filter((entry) => !allowed.has(entry.licence));
    return refuteEntries(lost) ?? refuteProperty(run, "P2", options);
  });
}

/** No message was delivered a second time to a channel, whatever the excuse; `allow` names the excuses that count. */
export function neverTwice(options: { readonly allow?: readonly DuplicateLicence[] } = {}): Claim {
  const allowed = new Set<DuplicateLicence | null>(options.allow ?? []);
  return makeClaim("never twice: no message is delivered to a channel again", (run) =>
    refuteEntries(run.ledger.duplicates.filter((entry) => !allowed.has(entry.licence))),
  );
}

/** No delivery came before its timeout, requeue delay or deferral was over (P6). */
export function neverEarly(options: PropertyClaimOptions = {}): Claim {
  return makeClaim("never early: no delivery comes before its time", (run) => refuteProperty(run, "P6", options));
}

/** No delivery came later than the broker's profile allows (P7); `allow` names the excuses that count, default all. */
export function neverLate(options: PropertyClaimOptions & { readonly allow?: readonly LateLicence[] } = {}): Claim {
  const { allow } = options;
  return makeClaim("never late: no delivery comes after its bound", (run) => {
    const late = run.ledger.late.filter((entry) => entry.licence === null || allow?.includes(entry.licence) === false);
    return refuteEntries(late) ?? refuteProperty(run, "P7", options);
  });
}

/** Every duplicate, loss and late delivery has a licence. */
export function noUnexplained(): Claim {
  return makeClaim("nothing unexplained: every duplicate, loss and late delivery has its licence", (run) => {
    const { duplicates, losses, late } = run.ledger;
    return refuteEntries([...duplicates, ...losses, ...late].filter((entry) => entry.licence === null));
  });
}

/** No property fails; one that had nothing to see is not held against the run. */
export function noPropertyFails(): Claim {
  return makeClaim("no property fails", (run) => {
    const findings: Finding[] = [];
    let count = 0;
    for (const verdict of run.verdicts) {
      if (verdict.outcome !== "fail") continue;
      count += verdict.violationCount;
      for (const one of verdict.violations) findings.push({ text: `${verdict.property}: ${one.text}`, msg: one.msg });
    }
    return count === 0 ? null : { findings, count };
  });
}

/** The run showed exactly what its scenario expects. */
export function asExpected(): Claim {
  return makeClaim("the run shows what the scenario expects", (run) => {
    const unmet = run.expectations.filter((one) => !one.met);
    const findings = unmet.map((one) => ({
      text: `${one.path}: expected ${one.expected}, found ${one.found}`,
      msg: -1,
    }));
    return findings.length === 0 ? null : { findings, count: findings.length };
  });
}

function refuteProperty(run: Run, property: PropertyId, options: PropertyClaimOptions): Refutation | null {
  const verdict = run.verdicts.find((one) => one.property === property);
  if (verdict === undefined) return one(`${property} was not judged: the scenario's oracles leave it out`);
  if (verdict.outcome === "pass") return null;
  if (verdict.outcome === "unknown")
    return options.orUnknown === true ? null : one(`${property} is not proven: ${verdict.summary}`);
  return {
    findings: verdict.violations.map(({ text, msg }) => ({ text: `${property}: ${text}`, msg })),
    count: verdict.violationCount,
  };
}

function refuteEntries(entries: readonly LedgerEntry<string>[]): Refutation | null {
  if (entries.length === 0) return null;
  return {
    findings: entries.map(({ msg, place, licence, text }) => ({
      text: `message ${msg} on ${place}: ${text} (${licence ?? "unexplained"})`,
      msg,
    })),
    count: entries.length,
  };
}

function one(text: string): Refutation {
  return { findings: [{ text, msg: -1 }], count: 1 };
}
