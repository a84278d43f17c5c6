export { faultsArbitrary, scenarioArbitrary } from "./arbitraries.ts";
export { type Claim, ClaimError, type Finding, type Refutation } from "./claim.ts";
export {
  type PropertyClaimOptions,
  asExpected,
  atLeastOnce,
  holds,
  neverEarly,
  neverLate,
  neverTwice,
  noPropertyFails,
  noUnexplained,
} from "./claims.ts";
export {
  type CrashPoints,
  type CrashPointsOptions,
  CrashPointsError,
  type CrashStory,
  type CrashWitness,
  type EffectFinding,
  findCrashPoints,
  type SteppedHandler,
  type Steps,
} from "./crash-points.ts";
export { describeCrashPoints } from "./describe-crash-points.ts";
export { effectAtLeastOnce, effectAtMostOnce, effectOnce } from "./effects.ts";
export { nsqlabMatchers } from "./matchers.ts";
