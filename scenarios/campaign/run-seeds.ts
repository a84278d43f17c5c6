import { judgeSeed, type SeedResult } from "../../sim/campaign/seed.ts";
import type { Size } from "../../sim/generate/limits.ts";
import { startThread } from "./start-thread.ts";
import { simulate } from "../simulate.ts";

/** Seeds that a worker takes at a time: long enough that the thread's messages cost nothing. */
const CHUNK = 10;

/** What a thread is told to do. */
export interface SeedTask {
  readonly size: Size;
  readonly seeds: readonly number[];
}

export interface SeedRun {
  readonly size: Size;
  /** The seeds, in order; taken as workers become free. */
  readonly seeds: Iterator<number, unknown>;
  /** Threads. 1: none, the seeds run here. */
  readonly jobs: number;
  /** No further seeds are begun when it says so. */
  readonly enough: () => boolean;
  readonly onResult: (result: SeedResult) => void;
}

/** Runs seeds, on several threads if wished. Every seed that was taken is run to its end: results come in any order. */
export async function runSeeds(run: SeedRun): Promise<void> {
  if (run.jobs === 1) runHere(run);
  else await runOnThreads(run);
}

function runHere({ size, seeds, enough, onResult }: SeedRun): void {
  while (!enough()) {
    const next = seeds.next();
    if (next.done === true) return;
    onResult(judgeSeed(next.value, size, simulate));
  }
}

/** When one thread fails the others finish what they have, so that nothing runs on. */
async function runOnThreads(run: SeedRun): Promise<void> {
  let broken = false;
  const enough = (): boolean => broken || run.enough();
  const threads = Array.from({ length: run.jobs }, async () => {
    try {
      await runOnThread({ ...run, enough });
    } catch (error) {
      broken = true;
      throw error;
    }
  });
  await Promise.all(threads);
}

function runOnThread({ size, seeds, enough, onResult }: SeedRun): Promise<void> {
  const worker = startThread("../campaign/worker");
  return new Promise<void>((resolve, reject) => {
    const feed = (): void => {
      const chunk = enough() ? [] : take(seeds, CHUNK);
      if (chunk.length > 0) {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
        worker.postMessage({ size, seeds: chunk } satisfies SeedTask);
        return;
      }
      worker.removeAllListeners("exit");
      void worker.terminate().then(() => resolve());
    };
    worker.on("message", (results: readonly SeedResult[]) => {
      results.forEach(onResult);
      feed();
    });
    worker.on("error", reject);
    worker.on("exit", (code) => reject(new Error(`a thread of the campaign exited with code ${code}`)));
    feed();
  });
}

function take(seeds: Iterator<number, unknown>, count: number): number[] {
  const taken: number[] = [];
  while (taken.length < count) {
    const next = seeds.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}
