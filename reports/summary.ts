import type { Micros } from "../core/time.ts";
import { KIND } from "../sim/history.ts";
import type { LedgerEntry, Run } from "../sim/result.ts";
import type { Outcome, PropertyId } from "../sim/scenario/types.ts";

/** A run in numbers: a row of the tour's table and of the index page. Small; keeps nothing of the history. */
export interface RunSummary {
  readonly name: string;
  readonly catalogue: string;
  readonly question: string;
  readonly seed: number;
  readonly world: "sim" | "tcp";
  readonly outcome: Outcome;
  readonly hash: string;
  readonly events: number;
  readonly faultsFired: number;
  readonly published: number;
  readonly accepted: number;
  readonly unknown: number;
  readonly delivered: number;
  readonly finished: number;
  /** Number by licence, in the order of first occurrence; `unexplained` where nothing excuses it. */
  readonly duplicates: readonly Tally[];
  readonly losses: readonly Tally[];
  readonly late: readonly Tally[];
  readonly verdicts: readonly { readonly property: PropertyId; readonly outcome: Outcome }[];
  readonly expectations: number;
  readonly expectationsUnmet: number;
  readonly virtualUs: Micros;
  /** Wall time of the run, if it was measured. */
  readonly wallMs: number | null;
  /** Deliveries over the run, first ones and repeated ones, in equal parts of its time. */
  readonly first: readonly number[];
  readonly again: readonly number[];
}

export interface Tally {
  readonly licence: string;
  readonly count: number;
}

const SPARK_BINS = 48;

/** What tables say about a run. */
export function summarise(run: Run, wallMs: number | null = null): RunSummary {
  const { scenario, ledger } = run;
  return {
    name: scenario.name,
    catalogue: scenario.catalogue ?? "",
    question: scenario.question,
    seed: scenario.seed,
    world: run.world,
    outcome: run.outcome,
    hash: run.hash,
    events: run.history.length,
    faultsFired: run.faultsFired,
    published: ledger.published,
    accepted: ledger.accepted,
    unknown: ledger.unknown,
    delivered: ledger.delivered,
    finished: ledger.finished,
    duplicates: tally(ledger.duplicates),
    losses: tally(ledger.losses),
    late: tally(ledger.late),
    verdicts: run.verdicts.map(({ property, outcome }) => ({ property, outcome })),
    expectations: run.expectations.length,
    expectationsUnmet: run.expectations.filter((one) => !one.met).length,
    virtualUs: run.virtualUs,
    wallMs,
    ...sparks(run),
  };
}

/** Entries by licence, in the order in which the licences first occur. */
export function tally(entries: readonly LedgerEntry<string>[]): Tally[] {
  const counts = new Map<string, number>();
  for (const { licence } of entries) {
    const name = licence ?? "unexplained";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([licence, count]) => ({ licence, count }));
}

function sparks({ history, virtualUs }: Run): { first: number[]; again: number[] } {
  const first = Array.from({ length: SPARK_BINS }, () => 0);
  const again = Array.from({ length: SPARK_BINS }, () => 0);
  const perBin = Math.max(1, virtualUs) / SPARK_BINS;
  for (let row = 0; row < history.length; row += 1) {
    if (history.kind[row] !== KIND.deliver) continue;
    const bin = Math.min(SPARK_BINS - 1, Math.max(0, Math.floor(history.at[row]! / perBin)));
    (history.value[row]! > 1 ? again : first)[bin]! += 1;
  }
  return { first, again };
}
