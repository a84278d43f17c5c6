import { join } from "node:path";
import { renderReport } from "../../reports/report.ts";
import { neverReached, type SeedRange, type Tally } from "../../sim/campaign/tally.ts";
import { MARK_NAMES, MARKS } from "../../sim/marks/marks.ts";
import { generateScenario } from "../../sim/generate/index.ts";
import type { Run } from "../../sim/result.ts";
import { RunError } from "../../sim/run.ts";
import { failuresOf } from "../../sim/shrink/failure.ts";
import { tellStory } from "../../sim/shrink/story.ts";
import { simulate } from "../simulate.ts";
import { duration } from "./describe-run.ts";
import { runDocument } from "./document.ts";
import { makeOutputDirectory, type Output, writeOutputFile } from "./output.ts";

/** Failing seeds that are told; the others are listed. */
const MAX_TOLD = 3;
const MAX_LISTED = 20;
/** Failing runs in the document; the others are seeds in its tally. */
const MAX_DOCUMENTED = 20;

/** The first failing seeds, a screen each: what fails, the story, and how to go on. Writes their reports. */
export function tellFailures({ failing }: Tally, directory: string, output: Output): void {
  for (const { seed } of failing.slice(0, MAX_TOLD)) {
    const run = runSeed(seed);
    if (run === null) {
      output.print(`seed ${seed}: FAIL: nsqlab itself failed; \`nsqlab run seed:${seed}\` shows where\n`);
      continue;
    }
    makeOutputDirectory(directory);
    const report = join(directory, `seed-${seed}.html`);
    writeOutputFile(report, renderReport(run));
    const [first, ...others] = failuresOf(run);
    if (first === undefined) continue;
    const lines = [
      `seed ${seed}: FAIL`,
      `  ${first.id}: ${first.text}`,
      ...(others.length === 0 ? [] : [`  and ${others.map(({ id }) => id).join(", ")}`]),
      "",
      ...tellStory(run, first).map((line) => `  ${line}`),
      "",
      `  replay: nsqlab run seed:${seed}`,
      `  shrink: nsqlab shrink seed:${seed} --out ${seed}.json`,
      `  report: ${report}`,
      "",
    ];
    output.print(lines.join("\n"));
  }
}

/** Null: nsqlab itself fails. */
function runSeed(seed: number): Run | null {
  try {
    return simulate(generateScenario(seed));
  } catch (error) {
    if (error instanceof RunError) return null;
    throw error;
  }
}

/** The counts of a campaign, and what never came about. `wallMs` null: it was run elsewhere. */
export function describeTally(tally: Tally, wallMs: number | null): string {
  const { seeds, unknown, failing, delivered, faultsFired } = tally;
  const never = neverReached(tally);
  const rate = wallMs === null ? "" : ` in ${duration(wallMs)} (${Math.round(seeds / (wallMs / 1_000))} runs/s)`;
  return [
    `seeds ${tally.covered.map(describeRange).join(", ")}: ` +
      `${seeds - failing.length - unknown} pass, ${failing.length} fail, ${unknown} unknown`,
    `${delivered} deliveries, ${faultsFired} faults fired, ${duration(tally.virtualUs / 1_000)} of virtual time${rate}`,
    `${MARK_NAMES.length - never.length} of ${MARK_NAMES.length} situations came about; fingerprint ${tally.fingerprint}`,
    ...never.map((mark) => `never: ${mark} (${MARKS[mark]})`),
    ...failing.slice(MAX_TOLD, MAX_LISTED).map(({ seed, failures }) => `failed: seed ${seed} (${failures.join(", ")})`),
    ...(failing.length > MAX_LISTED ? [`and ${failing.length - MAX_LISTED} more`] : []),
  ].join("\n");
}

function describeRange({ from, step, count }: SeedRange): string {
  if (count === 0) return "none";
  const last = from + step * (count - 1);
  return step === 1 ? `${from} to ${last}` : `${from}, ${from + step}, … ${last}`;
}

/** The document of `--json` and `--out`: `nsqlab replay` takes its runs, `nsqlab campaign --merge` its tally. */
export function campaignDocument(campaign: Tally, wallMs: number): string {
  const { covered, seeds, unknown, failing } = campaign;
  const outcome = failing.length > 0 ? "fail" : unknown === seeds ? "unknown" : "pass";
  const runs = failing.slice(0, MAX_DOCUMENTED).flatMap(({ seed }) => {
    const began = performance.now();
    const run = runSeed(seed);
    return run === null ? [] : [runDocument({ run, wallMs: performance.now() - began })];
  });
  const facts = { format: "nsqlab-runs-1", outcome, fromSeed: covered[0]?.from ?? 0, seeds, unknown };
  return JSON.stringify({ ...facts, wallMs: Math.round(wallMs), campaign, runs }, null, 2);
}
