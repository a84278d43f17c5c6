import type { ProfileName } from "../scenario/types.ts";
import { readRecords, searchRecords, type ShadowRecord } from "./records.ts";

/** What decides how an nsqd reads its files. */
export interface ShadowRules {
  readonly profile: ProfileName;
  /** Bytes of the largest record: max-msg-size + 26. */
  readonly maxRecord: number;
}

/** The files of one disk queue. */
export interface QueueFiles {
  readonly state: Uint8Array | null;
  /** Data files by their numbers, and those set aside as damaged. */
  readonly data: ReadonlyMap<number, Uint8Array>;
  readonly bad: ReadonlyMap<number, Uint8Array>;
}

/** A message in the files that the next nsqd will not find. */
export interface Passed {
  readonly record: ShadowRecord;
  /** `ignored`: no state leads to it. `damaged`: it is in a file that cannot be read to there. */
  readonly cause: "ignored" | "damaged";
}

/** What is in the files of a queue. */
export interface QueueSurvey {
  /** What the next nsqd must read, in its order. */
  readonly kept: readonly ShadowRecord[];
  /** Index in {@link kept} of the first record beyond the saved position of the writer. */
  readonly salvagedFrom: number;
  readonly passed: readonly Passed[];
  /** What is wrong with the files; "": nothing. */
  readonly problem: string;
}

const NO_BYTES = new Uint8Array(0);
/** A state that speaks of more is not one. */
const MOST_FILES = 1_000_000;

interface State {
  readonly depth: number;
  readonly readFile: number;
  readonly readAt: number;
  readonly writeFile: number;
  readonly writeAt: number;
}

/**
 * Says what an nsqd that starts now reads from the files of a queue: diskqueue §2 and §11, read anew. Nothing of the
 * broker's own storage is used, so that the two can contradict each other.
 */
export function surveyQueue(files: QueueFiles, rules: ShadowRules): QueueSurvey {
  const passed: Passed[] = [];
  for (const [file, bytes] of files.bad) passAll(bytes, file, 0, rules, "damaged", passed);
  const state = files.state === null ? null : parseState(files.state);
  if (state === null || isBackwards(state)) return surveyStateless(files, rules, passed);
  const kept: ShadowRecord[] = [];
  let problem = "";
  let salvagedFrom = 0;
  for (let file = state.readFile; file <= state.writeFile; file += 1) {
    const bytes = files.data.get(file) ?? NO_BYTES;
    const isLast = file === state.writeFile;
    const saved = isLast ? Math.min(state.writeAt, bytes.length) : bytes.length;
    const from = file === state.readFile ? state.readAt : 0;
    let at = readRecords(bytes, file, from, saved, rules.maxRecord, kept);
    if (at < saved) problem ||= `file ${file} is damaged at byte ${at}`;
    if (isLast && bytes.length < state.writeAt)
      problem ||= `its state leads to byte ${state.writeAt} of ${bytes.length}`;
    if (isLast) salvagedFrom = kept.length;
    // What was written after the last sync.
    if (at === saved) at = readRecords(bytes, file, at, bytes.length, rules.maxRecord, kept);
    passAll(bytes, file, at, rules, "damaged", passed);
  }
  for (const [file, bytes] of files.data) if (file > state.writeFile) passAll(bytes, file, 0, rules, "ignored", passed);
  // The Go daemon corrects its depth only when it comes to the end (§8), and so does `exact` behind a damaged file.
  const isCounted = rules.profile === "exact" && files.bad.size === 0;
  if (isCounted && problem === "" && salvagedFrom !== state.depth)
    problem = `its state says ${state.depth} messages, its files hold ${salvagedFrom}`;
  // nsqd passes over what has no id: nobody could answer it.
  for (const record of kept) if (!hasId(record)) passed.push({ record, cause: "damaged" });
  const saved = kept.slice(0, salvagedFrom).filter(hasId).length;
  return { kept: kept.filter(hasId), salvagedFrom: saved, passed, problem };
}

function hasId({ idHigh, idLow }: ShadowRecord): boolean {
  return idHigh >= 0 && idLow >= 0;
}

/** nsqd 1.3 begins anew; `exact` does so only where there never was a state, else it reads all there is. */
function surveyStateless(files: QueueFiles, rules: ShadowRules, passed: Passed[]): QueueSurvey {
  const kept: ShadowRecord[] = [];
  const readsAll = files.state !== null && rules.profile === "exact";
  for (const [file, bytes] of [...files.data].sort(([one], [other]) => one - other)) {
    const at = readsAll ? readRecords(bytes, file, 0, bytes.length, rules.maxRecord, kept) : 0;
    passAll(bytes, file, at, rules, readsAll ? "damaged" : "ignored", passed);
  }
  const problem = files.state === null ? "" : "its state cannot be read";
  for (const record of kept) if (!hasId(record)) passed.push({ record, cause: "damaged" });
  return { kept: kept.filter(hasId), salvagedFrom: 0, passed, problem };
}

function passAll(
  bytes: Uint8Array,
  file: number,
  from: number,
  { maxRecord }: ShadowRules,
  cause: Passed["cause"],
  into: Passed[],
): void {
  const records: ShadowRecord[] = [];
  searchRecords(bytes, file, from, maxRecord, records);
  for (const record of records) into.push({ record, cause });
}

/** `<depth>\n<read file>,<read position>\n<write file>,<write position>\n` (diskqueue §2.2). */
function parseState(bytes: Uint8Array): State | null {
  const match = /^\s*([+-]?\d+)\s*\n\s*(\d+),\s*(\d+)\s*\n\s*(\d+),\s*(\d+)/.exec(String.fromCharCode(...bytes));
  if (match === null) return null;
  const [depth, readFile, readAt, writeFile, writeAt] = match.slice(1).map(Number);
  if (writeFile! - readFile! > MOST_FILES) return null;
  return { depth: depth!, readFile: readFile!, readAt: readAt!, writeFile: writeFile!, writeAt: writeAt! };
}

function isBackwards({ readFile, readAt, writeFile, writeAt }: State): boolean {
  return readFile > writeFile || (readFile === writeFile && readAt > writeAt);
}
