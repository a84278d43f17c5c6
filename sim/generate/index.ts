import { randomStream } from "../../core/random.ts";
import type { Scenario } from "../scenario/types.ts";
import { assembleScenario } from "./assemble.ts";
import { draw } from "./draw.ts";
import { type GeneratorLimits, type Size, SIZES, SMALL } from "./limits.ts";
import { scenarioPlan } from "./plan.ts";

/**
 * The scenario of a seed: topology, workload, handlers, weather and hostile settings, all drawn before anything runs.
 * It demands nothing of its own: every property must hold, and every duplicate, loss and delay must have its licence.
 */
export function generateScenario(seed: number, limits: Partial<GeneratorLimits> = {}): Scenario {
  const all = { ...SMALL, ...limits };
  const plan = draw(scenarioPlan(all), randomStream(seed, "generate"));
  return assembleScenario(plan, seed, all.maxMessages);
}

/** The scenario of a seed that campaigns run: of one of the sizes, and named for it. */
export function seedScenario(seed: number, size: Size): Scenario {
  const scenario = generateScenario(seed, SIZES[size]);
  return size === "small" ? scenario : { ...scenario, name: `${size}-${seed}` };
}
