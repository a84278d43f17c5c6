import { simulate } from "../../../sim/run.ts";
import type { Run } from "../../../sim/result.ts";
import type { FaultSpec, Scenario } from "../../../sim/scenario/types.ts";
import { small } from "../small.ts";

/** The small scenario with these faults. */
export function runWith(faults: readonly FaultSpec[], changes: Partial<Scenario> = {}): Run {
  return simulate(small({ ...changes, faults }));
}

/** Rows of the kinds, as `instant in ms kind process text`. */
export function told(run: Run, ...kinds: string[]): string[] {
  return [...run.history.events()]
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ atUs, process, text, detail, kind }) => {
      const words = [atUs / 1_000, kind === "fault" ? ["end", "begin"][detail] : "", process, text];
      return words.filter((word) => word !== "").join(" ");
    });
}

/** Rows of a kind between two instants, in ms. */
export function count(run: Run, kind: string, from = 0, to = Infinity): number {
  const events = [...run.history.events()];
  return events.filter((event) => event.kind === kind && event.atUs >= from * 1_000 && event.atUs < to * 1_000).length;
}

/** What is wrong with a run: properties that failed, and what no licence excuses. */
export function wrong(run: Run): string[] {
  const { duplicates, losses, late } = run.ledger;
  return [
    ...run.verdicts
      .filter(({ outcome }) => outcome === "fail")
      .map(({ property, violations }) => `${property}: ${violations[0]!.text}`),
    ...[...duplicates, ...losses, ...late].filter(({ licence }) => licence === null).map(({ text }) => text),
  ];
}
