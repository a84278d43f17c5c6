import { join } from "node:path";
import { assert } from "../../core/assert.ts";
import { renderReport } from "../../reports/report.ts";
import { neverReached, type SeedRange, type Tally } from "../../sim/campaign/tally.ts";
import { seedScenario } from "../../sim/generate/index.ts";
import type { Size } from "../../sim/generate/limits.ts";
import { MARK_NAMES, MARKS } from "../../sim/marks/marks.ts";
import type { Run } from "../../sim/result.ts";
import { RunError } from "../../sim/run.ts";
import type { Scenario } from "../../sim/scenario/types.ts";
import { makeErrorCapsule } from "../../sim/shrink/capsule.ts";
import { failuresOf } from "../../sim/shrink/failure.ts";
import { tellStory } from "../../sim/shrink/story.ts";
import { attempt } from "../simulate.ts";
import { versions } from "./capsules.ts";
import { duration } from "./describe-run.ts";
import { runDocument } from "./document.ts";
import { makeOutputDirectory, type Output, writeOutputFile } from "./output.ts";

/** Failing seeds that are told; the others are listed. */
const MAX_TOLD = 3;
const MAX_LISTED = 20;
/** Failing runs in the document; the others are seeds in its tally. */
const MAX_DOCUMENTED = 20;

/** The first failing seeds, a screen each: what fails, the story, and how to go on. Writes their reports. */
export function tellFailures({ failing, size }: Tally, directory: string, output: Output): void {
  if (failing.length > 0) makeOutputDirectory(directory);
  for (const { seed } of failing.slice(0, MAX_TOLD)) {
    const scenario = seedScenario(seed, size);
    const run = attempt(scenario);
    const told = run instanceof RunError ? tellError(scenario, run, directory) : tellFailure(run, directory);
    const word = wordOf(seed, size);
    const lines = [
      `${word}: FAIL`,
      ...told.lines.map((line) => `  ${line}`),
      "",
      `  replay: nsqlab run ${word}`,
      `  shrink: nsqlab shrink ${word} --out ${word.replace(":", "-")}.json`,
      `  ${told.what}: ${told.path}`,
      "",
    ];
    output.print(lines.join("\n"));
  }
}

interface Told {
  readonly lines: readonly string[];
  readonly what: "report" | "capsule";
  readonly path: string;
}

function tellFailure(run: Run, directory: string): Told {
  const path = join(directory, `${run.scenario.name}.html`);
  writeOutputFile(path, renderReport(run));
  const [first, ...others] = failuresOf(run);
  assert(first !== undefined, "a seed that failed fails again");
  const more = others.length === 0 ? [] : [`and ${others.map(({ id }) => id).join(", ")}`];
  return { lines: [`${first.id}: ${first.text}`, ...more, "", ...tellStory(run, first)], what: "report", path };
}

/** There is no run to draw: what is kept is the scenario, and where nsqlab failed. */
function tellError(scenario: Scenario, error: RunError, directory: string): Told {
  const path = join(directory, `${scenario.name}.json`);
  const facts = { reason: `nsqlab itself failed in ${scenario.name}`, versions: versions(), smallest: false };
  const capsule = makeErrorCapsule(scenario, error, facts);
  writeOutputFile(path, `${JSON.stringify(capsule, null, 2)}\n`);
  return { lines: ["nsqlab itself failed", "", ...capsule.story], what: "capsule", path };
}

/** How a command line names the scenario of a seed. */
function wordOf(seed: number, size: Size): string {
  return `${size === "small" ? "seed" : size}:${seed}`;
}

/** What a campaign cost. */
interface Cost {
  readonly wallMs: number;
  /** Of all threads. */
  readonly processorMs: number;
}

/** The counts of a campaign, and what never came about. `cost` null: it was run elsewhere. */
export function describeTally(tally: Tally, cost: Cost | null): string {
  const { seeds, unknown, failing, delivered, faultsFired } = tally;
  const never = neverReached(tally);
  return [
    `seeds ${tally.covered.map(describeRange).join(", ")}: ` +
      `${seeds - failing.length - unknown} pass, ${failing.length} fail, ${unknown} unknown`,
    `${delivered} deliveries, ${faultsFired} faults fired, ${duration(tally.virtualUs / 1_000)} of virtual time`,
    ...(cost === null ? [] : [describeCost(seeds, cost)]),
    `${MARK_NAMES.length - never.length} of ${MARK_NAMES.length} situations came about; fingerprint ${tally.fingerprint}`,
    ...never.map((mark) => `never: ${mark} (${MARKS[mark]})`),
    ...failing
      .slice(MAX_TOLD, MAX_LISTED)
      .map(({ seed, failures }) => `failed: ${wordOf(seed, tally.size)} (${failures.join(", ")})`),
    ...(failing.length > MAX_LISTED ? [`and ${failing.length - MAX_LISTED} more`] : []),
  ].join("\n");
}

function describeCost(seeds: number, { wallMs, processorMs }: Cost): string {
  const perCoreHour = Math.round(seeds / (processorMs / 3_600_000));
  const rate = Math.round(seeds / (wallMs / 1_000));
  return `${duration(wallMs)}, ${rate} runs/s; ${perCoreHour} seeds per core and hour`;
}

function describeRange({ from, step, count }: SeedRange): string {
  if (count === 0) return "none";
  const last = from + step * (count - 1);
  return step === 1 ? `${from} to ${last}` : `${from}, ${from + step}, … ${last}`;
}

/** The document of `--json` and `--out`: `nsqlab replay` takes its runs, `nsqlab campaign --merge` its tally. */
export function campaignDocument(campaign: Tally, wallMs: number): string {
  const { covered, seeds, unknown, failing, size } = campaign;
  const outcome = failing.length > 0 ? "fail" : unknown === seeds ? "unknown" : "pass";
  const runs = failing.slice(0, MAX_DOCUMENTED).flatMap(({ seed }) => {
    const began = performance.now();
    const run = attempt(seedScenario(seed, size));
    return run instanceof RunError ? [] : [runDocument({ run, wallMs: performance.now() - began })];
  });
  const facts = { format: "nsqlab-runs-1", outcome, fromSeed: covered[0]?.from ?? 0, seeds, unknown };
  return JSON.stringify({ ...facts, wallMs: Math.round(wallMs), campaign, runs }, null, 2);
}
