import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PatchError, plant, type PlantedBug } from "../../../scenarios/planted/bug.ts";
import { PLANTED_BUGS } from "../../../scenarios/planted/bugs/index.ts";
import { type Nursery, openNursery, sourceRoot } from "../../../scenarios/planted/nursery.ts";
import { loadSubject, SUBJECT_ENTRY } from "../../../scenarios/planted/subject.ts";
import { WORLDS } from "../../../scenarios/planted/worlds/index.ts";
import { simulate } from "../../../scenarios/simulate.ts";
import { RunError } from "../../../sim/run.ts";
import type { Scenario } from "../../../sim/scenario/types.ts";
import { failuresOf } from "../../../sim/shrink/failure.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

describe("a planted bug", () => {
  const bug: PlantedBug = {
    name: "less-or-equal",
    file: "core/x.ts",
    why: "",
    edits: [{ find: "a < b", replace: "a <= $& b" }],
    scenario: "shop",
    caught: [],
  };

  test("changes the one passage that it names, literally", () => {
    expect(plant(bug, "if (a < b) c();")).toBe("if (a <= $& b) c();");
  });

  test("is refused by a source without that passage, or with two", () => {
    expect(() => plant(bug, "if (a > b) c();")).toThrow(PatchError);
    expect(() => plant(bug, "a < b || a < b")).toThrow("less-or-equal: found 2 times, not once, in core/x.ts");
  });
});

describe("the planted bugs", () => {
  let nursery: Nursery;
  beforeAll(async () => {
    nursery = await openNursery(sourceRoot()!, SUBJECT_ENTRY);
  });
  afterAll(() => nursery.close());

  test("have names of their own", () => {
    const names = PLANTED_BUGS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([]);
    expect(names.length).toBeGreaterThanOrEqual(45);
  });

  test.each(WORLDS)("$name passes without one", (world) => {
    expect(failuresOf(simulate(world))).toEqual([]);
  });

  test("are shown by every world that there is", () => {
    expect(new Set(PLANTED_BUGS.map(({ scenario }) => scenario))).toEqual(new Set(WORLDS.map(({ name }) => name)));
  });

  test.each(PLANTED_BUGS)("$name is caught in $scenario: $caught", async (bug) => {
    const { simulate } = loadSubject(await nursery.script(bug));
    const world = WORLDS.find(({ name }) => name === bug.scenario)!;
    expect(failures(world, simulate)).toEqual(expect.arrayContaining([...bug.caught]));
  });
});

function failures(scenario: Scenario, simulated: typeof simulate): string[] {
  try {
    return failuresOf(simulated(scenario)).map(({ id }) => id);
  } catch (error) {
    // The class is that of the bundle.
    if ((error as Error).name === RunError.name) return ["error"];
    throw error;
  }
}

describe("the committed matrix", () => {
  const text = readFileSync(join(ROOT, "test/kill-matrix.md"), "utf8");
  const rows = [...text.matchAll(/^\| ([a-z0-9-]+) \| (core\/[^ ]+) \|/gm)].map(([, name]) => name);

  test("has a row for each bug, in their order", () => {
    expect(rows).toEqual(PLANTED_BUGS.map(({ name }) => name));
  });

  test("is not void", () => {
    expect(text).toMatch(/Without a mistake: \d+ seeds, none failed\./);
  });
});
