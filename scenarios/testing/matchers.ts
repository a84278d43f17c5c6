import type { Run } from "../../sim/result.ts";
import { isClaim } from "./claim.ts";
import { tellRefutation } from "./tell.ts";

interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/**
 * For `expect.extend(nsqlabMatchers)` in vitest or jest. `expect(run).toSatisfy(atLeastOnce())` works in vitest without
 * them, since a claim that does not hold throws its story; with them `.not.toSatisfy` works too, and jest has the matcher.
 */
export const nsqlabMatchers = {
  toSatisfy(received: unknown, wanted: unknown): MatcherResult {
    if (!isClaim(wanted)) return satisfiesFunction(received, wanted);
    const run = received as Run;
    const refutation = wanted.refute(run);
    return {
      pass: refutation === null,
      message: () =>
        refutation === null
          ? `"${run.scenario.name}" (seed ${run.scenario.seed}) holds, and should not: ${wanted.claim}`
          : tellRefutation(wanted.claim, run, refutation),
    };
  },
};

/** What vitest's own matcher of this name does. */
function satisfiesFunction(received: unknown, wanted: unknown): MatcherResult {
  if (typeof wanted !== "function") throw new TypeError("toSatisfy: expected a claim or a function");
  return {
    pass: Boolean(wanted(received)),
    message: () => `expected the value to satisfy ${wanted.name === "" ? "the function" : wanted.name}`,
  };
}
