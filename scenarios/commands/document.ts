import type { History } from "../../sim/history.ts";
import type { Run } from "../../sim/result.ts";
import type { TimedRun } from "./worlds.ts";

/**
 * A run as JSON: everything but the history, which a replay of the scenario gives again.
 * `nsqlab replay` takes the whole document back.
 */
export function runDocument({ run, wallMs }: TimedRun): object {
  return {
    scenario: run.scenario,
    world: run.world,
    outcome: run.outcome,
    hash: run.hash,
    verdicts: run.verdicts,
    ledger: run.ledger,
    expectations: run.expectations,
    faultsFired: run.faultsFired,
    events: run.history.length,
    agendaEvents: run.agendaEvents,
    virtualUs: run.virtualUs,
    wallMs: Math.round(wallMs * 1_000) / 1_000,
  };
}

/** The one document that `--json` prints. */
export function runsDocument(runs: readonly TimedRun[]): string {
  return JSON.stringify({ format: "nsqlab-runs-1", outcome: worst(runs), runs: runs.map(runDocument) }, null, 2);
}

/** `fail` if any failed, else `unknown` if any proved nothing, else `pass`. */
export function worst(runs: readonly { readonly run: Run }[]): Run["outcome"] {
  if (runs.some(({ run }) => run.outcome === "fail")) return "fail";
  return runs.some(({ run }) => run.outcome === "unknown") ? "unknown" : "pass";
}

/** A history as JSON Lines: one event per line, in order. */
export function historyLines(history: History): string {
  const lines: string[] = [];
  for (const event of history.events()) lines.push(JSON.stringify(event));
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}
