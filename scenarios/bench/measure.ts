import type { Benchmark, Measure, Prepared } from "./benchmark.ts";
import { ECHO, type Program, ownNsqd } from "./program.ts";
import { type Summary, summarize } from "./statistics.ts";

/** One measure of one benchmark, over all runs. */
export interface Result {
  readonly benchmark: string;
  readonly measure: string;
  readonly about: string;
  readonly unit: string;
  readonly better: "more" | "less";
  readonly goal: number;
  readonly met: boolean;
  readonly ours: Summary;
  readonly peer: Summary | null;
  /** Ours divided by the peer's, medians. */
  readonly ratio: number | null;
}

/**
 * Runs a benchmark `runs` times. With a peer the two alternate, run by run, so that a noisy minute hits both.
 */
export async function measure(benchmark: Benchmark, runs: number, peer: Program | null): Promise<Result[]> {
  const hasPeer = peer !== null && (peer.label === ECHO ? benchmark.canEcho === true : benchmark.overTcp);
  const programs = hasPeer ? [ownNsqd(), peer] : [ownNsqd()];
  const prepared: Prepared[] = [];
  const values: (readonly number[])[][] = programs.map(() => []);
  try {
    for (const program of programs) prepared.push(await benchmark.prepare(program));
    for (let run = 0; run < runs; run += 1)
      for (const [index, one] of prepared.entries()) values[index]!.push(await one.run());
  } finally {
    for (const one of prepared) await one.done();
  }
  return benchmark.measures.map((what, column) => {
    const [ours, theirs] = values.map((rows) => summarize(rows.map((row) => row[column]!)));
    return result(benchmark, what, ours!, theirs ?? null);
  });
}

function result(benchmark: Benchmark, what: Measure, ours: Summary, peer: Summary | null): Result {
  return {
    benchmark: benchmark.name,
    measure: what.name,
    about: what.about,
    unit: what.unit,
    better: what.better,
    goal: what.goal,
    met: what.better === "more" ? ours.median >= what.goal : ours.median <= what.goal,
    ours,
    peer,
    ratio: peer === null ? null : ours.median / peer.median,
  };
}
