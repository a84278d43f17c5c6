import { tellRefutation } from "./tell.ts";
import type { Run } from "../../sim/result.ts";

/** Why a claim does not hold. */
export interface Refutation {
  /** Each a paragraph: what is wrong, then the lines that show it. */
  readonly findings: readonly Finding[];
  /** All of them; `findings` may be only the first. */
  readonly count: number;
}

export interface Finding {
  readonly text: string;
  /** Message whose life shows it, or -1. */
  readonly msg: number;
}

/**
 * Something that is said of a run. Called with a run it returns true, or throws a {@link ClaimError} that tells why not:
 * so it is a predicate for any test library, and the failure reads the same everywhere.
 */
export interface Claim {
  (run: Run): true;
  /** In words: "at least once". */
  readonly claim: string;
  /** Null when it holds. */
  refute(run: Run): Refutation | null;
}

/** A claim that does not hold; the message tells the lives of the messages concerned. */
export class ClaimError extends Error {
  override readonly name = "ClaimError";
}

export function makeClaim(claim: string, refute: (run: Run) => Refutation | null): Claim {
  const check = (run: Run): true => {
    const refutation = refute(run);
    if (refutation !== null) throw new ClaimError(tellRefutation(claim, run, refutation));
    return true;
  };
  return Object.assign(check, { claim, refute });
}

export function isClaim(value: unknown): value is Claim {
  return typeof value === "function" && "claim" in value && "refute" in value;
}
