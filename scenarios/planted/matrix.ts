import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Size } from "../../sim/generate/limits.ts";
import type { PlantedBug } from "./bug.ts";
import { openNursery } from "./nursery.ts";
import { Specimen, SPECIMEN_ENTRY } from "./specimen.ts";

export interface MatrixPlan {
  readonly bugs: readonly PlantedBug[];
  /** Seeds of one trial, at most. */
  readonly runs: number;
  /** Each begins at other seeds. */
  readonly trials: number;
  readonly size: Size;
  /** Processes at a time. */
  readonly jobs: number;
  /** Told of each bug that is through. */
  readonly onProgress: (done: number, bug: BugTrials) => void;
}

/** One attempt to notice a bug: seeds in a row, until one fails. */
export interface Trial {
  readonly from: number;
  /** Seeds that were run, with the one that failed. */
  readonly seeds: number;
  readonly cpuMs: number;
  /** By what, the gravest first: `Failure.id`s. Empty: nobody noticed. */
  readonly failures: readonly string[];
}

export interface BugTrials {
  readonly name: string;
  readonly trials: readonly Trial[];
}

/** Who noticed what. Plain data. */
export interface KillMatrix {
  readonly format: "nsqlab-kill-matrix-1";
  /** Day on which it was made. */
  readonly date: string;
  readonly size: Size;
  readonly runs: number;
  readonly trials: number;
  /** The same seeds without a bug. One that fails makes the matrix void. */
  readonly control: { readonly seeds: number; readonly failing: readonly number[]; readonly cpuMs: number };
  readonly bugs: readonly BugTrials[];
}

/** @param root of the sources */
export async function makeMatrix(root: string, plan: MatrixPlan): Promise<KillMatrix> {
  const { bugs, runs, trials, size } = plan;
  const folder = mkdtempSync(join(tmpdir(), "nsqlab-planted-"));
  const nursery = await openNursery(root, SPECIMEN_ENTRY);
  try {
    const scripts = new Map<PlantedBug | null, string>();
    // One after the other: a nursery holds one bug at a time.
    for (const [index, bug] of [null, ...bugs].entries()) {
      const path = join(folder, `${index}.cjs`);
      // oxlint-disable-next-line no-await-in-loop -- see above
      writeFileSync(path, await nursery.script(bug));
      scripts.set(bug, path);
    }
    const found = await runBugs(scripts, plan);
    const control = await runControl(scripts.get(null)!, plan, found);
    const date = new Date().toISOString().slice(0, 10);
    return { format: "nsqlab-kill-matrix-1", date, size, runs, trials, control, bugs: found };
  } finally {
    await nursery.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The seeds that were run with a bug, without one. */
async function runControl(
  script: string,
  { jobs, size }: MatrixPlan,
  found: readonly BugTrials[],
): Promise<KillMatrix["control"]> {
  const counts = new Map<number, number>();
  for (const { from, seeds } of found.flatMap(({ trials }) => trials))
    counts.set(from, Math.max(seeds, counts.get(from) ?? 0));
  const failing: number[] = [];
  let seeds = 0;
  let cpuMs = 0;
  await inParallel([...counts], jobs, async ([from, count]) => {
    const specimen = new Specimen(script);
    try {
      for (let seed = from; seed < from + count; seed += 1) {
        // oxlint-disable-next-line no-await-in-loop -- a process takes one seed at a time
        const answer = await specimen.judge({ seed, size });
        if (answer.failures.length > 0) failing.push(seed);
        cpuMs += answer.cpuMs;
        seeds += 1;
      }
    } finally {
      specimen.stop();
    }
  });
  return { seeds, failing: failing.sort((a, b) => a - b), cpuMs };
}

async function runBugs(
  scripts: ReadonlyMap<PlantedBug | null, string>,
  plan: MatrixPlan,
): Promise<readonly BugTrials[]> {
  const found = new Map<string, BugTrials>();
  await inParallel(plan.bugs, plan.jobs, async (bug) => {
    const specimen = new Specimen(scripts.get(bug)!);
    const trials: Trial[] = [];
    try {
      for (const from of trialStarts(plan)) {
        // oxlint-disable-next-line no-await-in-loop -- a process takes one seed at a time
        trials.push(await runTrial(specimen, from, plan));
      }
    } finally {
      specimen.stop();
    }
    const result = { name: bug.name, trials };
    found.set(bug.name, result);
    plan.onProgress(found.size, result);
  });
  return plan.bugs.map(({ name }) => found.get(name)!);
}

async function runTrial(specimen: Specimen, from: number, { runs, size }: MatrixPlan): Promise<Trial> {
  let cpuMs = 0;
  for (let seeds = 1; seeds <= runs; seeds += 1) {
    // oxlint-disable-next-line no-await-in-loop -- a process takes one seed at a time
    const answer = await specimen.judge({ seed: from + seeds - 1, size });
    cpuMs += answer.cpuMs;
    if (answer.failures.length > 0) return { from, seeds, cpuMs, failures: answer.failures };
  }
  return { from, seeds: runs, cpuMs, failures: [] };
}

function trialStarts({ trials, runs }: MatrixPlan): number[] {
  return Array.from({ length: trials }, (_, trial) => 1 + trial * runs);
}

/** Does the work for all, for `jobs` of them at a time. */
async function inParallel<T>(all: readonly T[], jobs: number, work: (one: T) => Promise<void>): Promise<void> {
  const left = all[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true; next = left.next()) {
      // oxlint-disable-next-line no-await-in-loop -- that is what a worker is
      await work(next.value);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, all.length) }, worker));
}
