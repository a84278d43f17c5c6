import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CATALOGUE, findScenario } from "../../scenarios/catalogue/index.ts";
import type { Run } from "../../sim/result.ts";
import { simulate } from "../../sim/run.ts";
import { validateScenario } from "../../sim/scenario/validate.ts";

const OTHER_SEEDS = [1001, 1002, 1003];

/** What their seed decides: the others must come out as expected with any seed. */
const SEED_MATTERS = new Set(["fewer-slots-than-nsqds", "handler-slower-than-timeout"]);

function unmet(run: Run): string[] {
  return run.expectations
    .filter((one) => !one.met)
    .map((one) => `${one.path}: expected ${one.expected}, found ${one.found}`);
}

describe("the catalogue", () => {
  test("has one file per scenario, named as the scenario", () => {
    const folder = new URL("../../scenarios/catalogue/", import.meta.url);
    const files = readdirSync(folder).filter((file) => file !== "index.ts" && file !== "standard.ts");
    expect(files.toSorted()).toEqual(CATALOGUE.map((scenario) => `${scenario.name}.ts`).sort());
  });

  test("is in the order of its numbers, each once", () => {
    const numbers = CATALOGUE.map((scenario) => scenario.catalogue);
    expect(new Set(numbers).size).toBe(CATALOGUE.length);
    expect(numbers.toSorted((a, b) => a!.localeCompare(b!))).toEqual(numbers);
  });

  test("is found by name and by number", () => {
    for (const scenario of CATALOGUE) {
      expect(findScenario(scenario.name)).toBe(scenario);
      expect(findScenario(scenario.catalogue!.toLowerCase())).toBe(scenario);
    }
    expect(findScenario("nothing")).toBeNull();
  });

  test.each(CATALOGUE)("$catalogue $name is data, and says what it expects", (scenario) => {
    expect(validateScenario(JSON.parse(JSON.stringify(scenario)))).toEqual(scenario);
    expect(scenario.question).toMatch(/\?$/);
    expect(scenario.answer).toBeDefined();
    expect(Object.keys(scenario.expect?.verdicts ?? {})).not.toEqual([]);
    expect(scenario.expect).toHaveProperty("faultsFired");
  });

  test.each(CATALOGUE)("$catalogue $name comes out as expected", (scenario) => {
    const run = simulate(scenario);
    expect(unmet(run)).toEqual([]);
    expect(run.outcome).toBe("pass");
  });

  test.each(CATALOGUE.filter(({ name }) => name !== "happy-path" && !SEED_MATTERS.has(name)))(
    "$catalogue $name comes out as expected with other seeds",
    (scenario) => {
      for (const seed of OTHER_SEEDS) expect(unmet(simulate({ ...scenario, seed })), `seed ${seed}`).toEqual([]);
    },
  );
});
