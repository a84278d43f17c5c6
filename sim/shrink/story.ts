import type { Micros } from "../../core/time.ts";
import { EVENT_KINDS, type EventKind, type History, type HistoryEvent, KIND } from "../history.ts";
import { tellEvent } from "../oracles/telling.ts";
import { seconds } from "../oracles/words.ts";
import type { Run } from "../result.ts";
import type { Failure } from "./failure.ts";

/** Heading and ending included. */
const MAX_LINES = 10;

/** What failed: the rows that show it, and the message it is about. */
interface Finding {
  /** -1: about no message. */
  readonly msg: number;
  /** Topic, or topic/channel; "" where that is not known. */
  readonly place: string;
  readonly rows: readonly number[];
  readonly text: string;
  /** It is about what did not happen. */
  readonly isMissing: boolean;
}

/** What is told when there is not room for all, the most telling first. Kinds that are not listed are left out. */
const TELLING: readonly EventKind[] = [
  "fault",
  "deliver",
  "finish",
  "give-up",
  "effect",
  "dead-letter",
  "requeue",
  "publish",
  "broker-drop",
  "broker-timeout",
  "close",
  "operate",
  "process",
  "publish-unknown",
  "publish-error",
  "publish-ok",
  "answer-error",
  "touch",
  "handled",
  "backoff",
  "subscribe",
  "connect-failed",
  "lookup",
];
const RANK = EVENT_KINDS.map((kind) => TELLING.indexOf(kind));

/**
 * How a run came to fail, in at most ten lines of plain words: the life of the message concerned, the faults that acted
 * meanwhile, and the finding.
 */
export function tellStory(run: Run, failure: Failure): string[] {
  const finding = findingOf(run, failure);
  if (finding === null) return [failure.text];
  const rows = choose(run, finding, MAX_LINES - 2);
  const times = rows.map((row) => seconds(run.history.at[row]!));
  const width = Math.max(...times.map((time) => time.length), 0);
  const where = finding.place === "" ? "" : ` on ${finding.place}`;
  const heading = finding.msg < 0 ? [] : [`message ${finding.msg}${where}:`];
  const lines = rows.map((row, index) => `${times[index]!.padStart(width)}  ${tell(run.history.event(row))}`);
  return [...heading, ...lines, finding.text];
}

/** When what failed could be seen: choices after that change nothing. The end of the run where something is missing. */
export function failedAt(run: Run, failure: Failure): Micros {
  const finding = findingOf(run, failure);
  if (finding === null || finding.isMissing || finding.rows.length === 0) return run.virtualUs;
  return run.history.at[Math.max(...finding.rows)]!;
}

function tell(event: HistoryEvent): string {
  const { text } = tellEvent(event);
  if (event.kind !== "fault") return text;
  const target = event.peer === "" ? event.process : `${event.process} and ${event.peer}`;
  return `fault ${event.detail === 1 ? "begins" : "ends"}: ${text} (${target})`;
}

function findingOf(run: Run, { id, path }: Failure): Finding | null {
  const violation = run.verdicts.find((one) => one.property === id)?.violations[0];
  const isMissing =
    ["P2", "P15", "P17"].includes(id) ||
    path.startsWith("expect.losses") ||
    violation?.text.includes("has no effect") === true;
  if (violation !== undefined) return { ...violation, place: placeOf(run, violation.rows), isMissing };
  const [, table = "", licence] = path.split(".");
  const { duplicates, losses, late } = run.ledger;
  const entries = { duplicates, losses, late }[table] ?? [];
  const entry = entries.find((one) => one.licence === (licence ?? null));
  return entry === undefined
    ? null
    : { msg: entry.msg, place: entry.place, rows: entry.rows, text: entry.text, isMissing };
}

function placeOf({ history }: Run, rows: readonly number[]): string {
  const places = rows.map((row) => history.event(row).place).filter((place) => place.includes("/"));
  return places[0] ?? "";
}

/** Rows to tell, in order: those that show the finding, and as many as there is room for. */
function choose({ history }: Run, finding: Finding, room: number): number[] {
  const shown = finding.rows.filter((row) => RANK[history.kind[row]!]! >= 0);
  const last = lastToTell(history, finding);
  const actors = actorsIn(history, finding.rows);
  const started = new Set<string>();
  const candidates: { readonly row: number; readonly rank: number }[] = [];
  for (let row = 0; row <= last && row < history.length; row += 1) {
    const rank = RANK[history.kind[row]!]!;
    if (rank < 0 || shown.includes(row)) continue;
    const event = history.event(row);
    // That a process starts is news only when it does so again.
    const isFirst = event.kind === "process" && !started.has(event.process);
    if (isFirst) started.add(event.process);
    if (isFirst || !isAbout(event, finding, actors)) continue;
    candidates.push({ row, rank });
  }
  // Of equal rank the later ones: they are nearer to what failed.
  candidates.sort((a, b) => a.rank - b.rank || b.row - a.row);
  const more = candidates.slice(0, Math.max(0, room - shown.length)).map(({ row }) => row);
  return [...new Set([...shown, ...more])].sort((a, b) => a - b).slice(0, room);
}

/** A message that was delivered wrongly is told up to there, one that is missing to the end of its life. */
function lastToTell(history: History, { msg, rows, isMissing }: Finding): number {
  const shown = Math.max(...rows, 0);
  if (msg < 0 || (!isMissing && history.kind[shown] === KIND.deliver)) return shown;
  let row = history.length - 1;
  while (row > shown && history.msg[row] !== msg) row -= 1;
  return row;
}

function isAbout(event: HistoryEvent, { msg, place }: Finding, actors: ReadonlySet<string>): boolean {
  const { kind } = event;
  if (kind === "fault" || kind === "operate" || kind === "process" || kind === "close") return true;
  // What is about no message is about who finds whom.
  if (msg < 0) return event.msg < 0 && actors.has(event.process);
  if (event.msg !== msg) return false;
  return place === "" || event.place === place || place.startsWith(`${event.place}/`);
}

/** Who did what is shown. */
function actorsIn(history: History, rows: readonly number[]): ReadonlySet<string> {
  return new Set(rows.map((row) => history.event(row).process));
}
