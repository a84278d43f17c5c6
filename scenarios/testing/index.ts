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
export { nsqlabMatchers } from "./matchers.ts";
