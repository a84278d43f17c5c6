import { MILLISECOND, SECOND, type Micros } from "../../core/time.ts";
import { KIND } from "../history.ts";
import type { DiskFault } from "../scenario/fault-action.ts";
import type { Lives } from "./lives.ts";
import type { Survey } from "./surveys.ts";
import { at } from "./words.ts";

/** A span in which the disk of an nsqd did not do as it was told. */
export interface DiskTrouble {
  readonly kind: DiskFault["kind"];
  /** Row of the fault log that begins it. */
  readonly row: number;
  readonly from: Micros;
  /** Infinity: it lasts. What has rotted stays so. */
  to: Micros;
}

const KINDS: ReadonlySet<string> = new Set<DiskFault["kind"]>([
  "disk-full",
  "disk-error",
  "no-descriptors",
  "disk-slow",
  "bit-rot",
]);

/** nsqd tries again after so long what its disk has refused. */
const RETRY: Micros = SECOND;

const KNOWN = new WeakMap<Lives, Map<number, DiskTrouble[]>>();

/** What befell the disk of an nsqd, by the number of its name: from the fault log. */
export function diskTroubles(lives: Lives, nsqd: number): readonly DiskTrouble[] {
  let known = KNOWN.get(lives);
  if (known === undefined) KNOWN.set(lives, (known = readTroubles(lives)));
  return known.get(nsqd) ?? [];
}

/**
 * What kept an nsqd from saving everything when an incarnation ended, if anything: its files may tell of an earlier time,
 * as after a kill.
 */
export function refusalAtEnd(lives: Lives, nsqd: number, survey: Survey): DiskTrouble | undefined {
  const ended = at(lives, survey.endRow);
  return diskTroubles(lives, nsqd).find(
    ({ kind, from, to }) => kind !== "disk-slow" && from <= survey.at && to >= ended,
  );
}

/** Until when an nsqd may not have come to what its disk refused it, of what it had met by an instant. */
export function refusedUntil(lives: Lives, nsqd: number, by: Micros): Micros {
  let until = -Infinity;
  for (const { kind, from, to } of diskTroubles(lives, nsqd)) {
    if (kind !== "disk-slow" && kind !== "bit-rot" && from <= by) until = Math.max(until, to + RETRY);
  }
  return until;
}

/** What a slow disk has been asked for waits in line: a sync and a replacement for each queue, and those behind them. */
const LINE: Micros = 2 * 3 * MILLISECOND;

function aftermath({ evidence, topics, places }: Lives, fault: number): Micros {
  const action = evidence.scenario.faults?.[fault]?.do;
  return action?.kind === "disk-slow" ? action.factor * LINE * (1 + topics.length + places.length) : 0;
}

function readTroubles(lives: Lives): Map<number, DiskTrouble[]> {
  const { history, evidence, rows } = lives;
  const troubles = new Map<number, DiskTrouble[]>();
  const open = new Map<number, DiskTrouble>();
  for (let row = 0; row < rows; row += 1) {
    if (history.kind[row] !== KIND.fault) continue;
    const fault = history.value[row]!;
    const kind = evidence.scenario.faults?.[fault]?.do.kind;
    if (kind === undefined || !isTrouble(kind)) continue;
    if (history.detail[row] === 0) {
      const begun = open.get(fault);
      if (begun !== undefined && kind !== "bit-rot") begun.to = history.at[row]! + aftermath(lives, fault);
      continue;
    }
    const trouble = { kind, row, from: history.at[row]!, to: Infinity };
    open.set(fault, trouble);
    const its = troubles.get(history.process[row]!);
    if (its === undefined) troubles.set(history.process[row]!, [trouble]);
    else its.push(trouble);
  }
  return troubles;
}

function isTrouble(kind: string): kind is DiskFault["kind"] {
  return KINDS.has(kind);
}
