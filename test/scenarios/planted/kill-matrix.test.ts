import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { PLANTED_BUGS } from "../../../scenarios/planted/bugs/index.ts";
import { describeMatrix, isComplete, renderMatrix } from "../../../scenarios/commands/describe-kill-matrix.ts";
import type { KillMatrix, Trial } from "../../../scenarios/planted/matrix.ts";
import { nsqlab } from "../commands/captured-output.ts";

const folder = mkdtempSync(join(tmpdir(), "nsqlab-kill-matrix-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [bug] = PLANTED_BUGS;

function trial(seeds: number, ...failures: string[]): Trial {
  return { from: 1, seeds, cpuMs: seeds * 100, failures };
}

function matrix(trials: readonly Trial[], failing: readonly number[] = []): KillMatrix {
  return {
    format: "nsqlab-kill-matrix-1",
    date: "2026-01-01",
    size: "small",
    runs: 50,
    trials: trials.length,
    control: { seeds: 150, failing, cpuMs: 3_000 },
    bugs: [{ name: bug!.name, trials }],
  };
}

describe("nsqlab kill-matrix", () => {
  test("plants a mistake, and says who noticed", async () => {
    const file = join(folder, "matrix.md");
    const limits = ["--runs", "5", "--trials", "1", "--jobs", "1"];
    const { code, printed } = await nsqlab("kill-matrix", "in-flight-goes-below-zero", ...limits, "--out", file);
    expect(printed).toMatch(/^in-flight-goes-below-zero +1\/1 .*P16/);
    expect(code).toBe(0);
    expect(readFileSync(file, "utf8")).toMatch(/^\| in-flight-goes-below-zero \| core\/nsqd\/channel.ts \| P16/m);
  });

  test.each([
    ["rdy-is-of-by-one", "did you mean rdy-is-off-by-one?"],
    ["--runs=0", "--runs 0: expected at least 1"],
    ["--size=big", "--size big: expected one of small, swarm"],
  ])("refuses %s", async (argument, message) => {
    const { code, remarks } = await nsqlab("kill-matrix", argument);
    expect(remarks).toContain(message);
    expect(code).toBe(2);
  });
});

describe("a matrix", () => {
  test("tells medians, in which what was not noticed counts as longest", () => {
    const one = matrix([trial(50), trial(8, "P2", "P17"), trial(30, "P17", "error AssertionError: x")]);
    expect(renderMatrix(one, [bug!])).toContain("| P17, P2, assertion | 2/3 | 30 | 3.0 |");
    expect(describeMatrix(one, [bug!])).toContain("1 of 1 mistakes noticed within 50 seeds, 0 of them in every trial.");
    expect(isComplete(one)).toBe(true);
    const rare = matrix([trial(50), trial(50), trial(30, "P17")]);
    expect(renderMatrix(rare, [bug!])).toContain("| P17 | 1/3 |  |  |");
  });

  test("says what nobody noticed", () => {
    const none = matrix([trial(50)]);
    expect(isComplete(none)).toBe(false);
    expect(describeMatrix(none, [bug!])).toContain(`Not noticed: ${bug!.name}.`);
  });

  test("is void when something fails without a mistake", () => {
    const unsound = matrix([trial(8, "P2")], [7]);
    expect(isComplete(unsound)).toBe(false);
    expect(renderMatrix(unsound, [bug!])).toContain("VOID: without a mistake 1 of 150 seeds failed (7).");
  });
});
