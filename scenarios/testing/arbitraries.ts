import fc from "fast-check";
import { unreachable } from "../../core/assert.ts";
import { assembleScenario } from "../../sim/generate/assemble.ts";
import { assembleFaults } from "../../sim/generate/assemble-fault.ts";
import type { Choice, Chosen } from "../../sim/generate/choices.ts";
import { type GeneratorLimits, SMALL } from "../../sim/generate/limits.ts";
import { scenarioPlan } from "../../sim/generate/plan.ts";
import type { Scenario } from "../../sim/scenario/types.ts";

/** Default of `maxMessages` here: small counterexamples are found in small scenarios. */
const MAX_MESSAGES = 60;

/**
 * Random scenarios for fast-check: the same space as `generateScenario`'s. Shrinking drops faults, operations and processes,
 * shortens workloads and times, and moves every choice to its plainest value; each step is again a valid scenario.
 */
export function scenarioArbitrary(limits: Partial<GeneratorLimits> = {}): fc.Arbitrary<Scenario> {
  const all = { ...SMALL, maxMessages: MAX_MESSAGES, ...limits };
  return fc
    .tuple(fc.integer({ min: 1, max: 0x7fff_ffff }), arbitraryOf(scenarioPlan(all)))
    .map(([seed, plan]) => assembleScenario(plan, seed, all.maxMessages));
}

/** The faults of random scenarios, alone: for the workload of a test's own. */
export function faultsArbitrary(
  scenario: Scenario,
  limits: Partial<GeneratorLimits> = {},
): fc.Arbitrary<NonNullable<Scenario["faults"]>> {
  const { faults, faultFamilies } = scenarioPlan({ ...SMALL, ...limits }).fields;
  return fc
    .tuple(arbitraryOf(faultFamilies), arbitraryOf(faults))
    .map(([families, plans]) => assembleFaults({ faultFamilies: families, faults: plans }, scenario));
}

/** Explores a space that a seed could draw from. */
function arbitraryOf<C extends Choice>(choice: C): fc.Arbitrary<Chosen<C>> {
  return arbitraryOfAny(choice) as fc.Arbitrary<Chosen<C>>;
}

function arbitraryOfAny(choice: Choice): fc.Arbitrary<unknown> {
  switch (choice.kind) {
    case "whole":
      return fc.integer({ min: choice.min, max: choice.max });
    case "one-of":
      return fc.constantFrom(...choice.values);
    case "maybe":
      return fc.option(arbitraryOfAny(choice.of), { freq: choice.percent });
    case "list":
      return fc.array(arbitraryOfAny(choice.of), { minLength: choice.min, maxLength: choice.max, size: "max" });
    case "subset":
      return fc.subarray([...choice.values]);
    case "record":
      return fc.record(
        Object.fromEntries(Object.entries(choice.fields).map(([name, field]) => [name, arbitraryOfAny(field)])),
      );
    default:
      return unreachable(choice);
  }
}
