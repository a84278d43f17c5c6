import { EVENT_KINDS, KIND, type History } from "../sim/history.ts";
import type { Run } from "../sim/result.ts";
import type { FaultSpec } from "../sim/scenario/types.ts";
import { encodeDeltas, encodePlain } from "./columns.ts";

/** Rows beyond this are not put into the page; the page says so. */
const MAX_PAGE_ROWS = 1_000_000;

/** What the page's script gets: a judged run, in little space. Times are µs. */
export interface Payload {
  readonly name: string;
  /** When the run ended, and when its faults were healed. */
  readonly endUs: number;
  readonly healUs: number;
  readonly strings: readonly string[];
  /** Names of event kinds by number. */
  readonly kinds: readonly string[];
  /** Rows other than gauges, in order. */
  readonly rows: PayloadRows;
  /** Rows of the history that are left out for their number. */
  readonly omitted: number;
  readonly gauges: readonly PayloadSeries[];
  readonly lanes: readonly PayloadLane[];
  readonly labels: PayloadLabels;
  /** By their index in the scenario. */
  readonly faults: readonly PayloadFault[];
}

export interface PayloadRows {
  readonly count: number;
  /** Row number in the history, at, msg: differences. The rest: as they are. */
  readonly seq: string;
  readonly at: string;
  readonly msg: string;
  readonly kind: string;
  readonly process: string;
  readonly peer: string;
  readonly place: string;
  readonly conn: string;
  readonly value: string;
  readonly detail: string;
  readonly note: string;
}

/** One measure of one place on one nsqd, only where it changes. */
export interface PayloadSeries {
  readonly process: string;
  readonly place: string;
  readonly measure: string;
  readonly count: number;
  readonly at: string;
  readonly value: string;
}

export type LaneRole = "producer" | "nsqd" | "consumer" | "operator" | "other";

export interface PayloadLane {
  readonly name: string;
  readonly role: LaneRole;
  /** `topic/channel`, profile or empty. */
  readonly detail: string;
}

/** What judges said about a message: `names[name[i]]` is about `msg[i]`, shown by history row `row[i]` (-1: none). */
export interface PayloadLabels {
  readonly names: readonly string[];
  readonly count: number;
  readonly msg: string;
  readonly row: string;
  readonly name: string;
}

export interface PayloadFault {
  readonly kind: string;
  /** One process, or the two ends of a link. */
  readonly on: readonly string[];
}

/** Reduces a run to what its page draws; of a very long one only the first `maxRows` rows. */
export function payloadOf(run: Run, maxRows = MAX_PAGE_ROWS): Payload {
  const { history, scenario } = run;
  const kept = Math.min(history.length, maxRows);
  return {
    name: scenario.name,
    endUs: Math.max(run.virtualUs, history.length === 0 ? 0 : history.at[history.length - 1]!),
    healUs: healTime(history, scenario.durationMs * 1_000),
    strings: history.strings,
    kinds: EVENT_KINDS,
    rows: rowsOf(history, kept),
    omitted: history.length - kept,
    gauges: gaugesOf(history, kept),
    lanes: lanesOf(run),
    labels: labelsOf(run),
    faults: (scenario.faults ?? []).map(faultOf),
  };
}

function rowsOf(history: History, kept: number): PayloadRows {
  const rows: number[] = [];
  for (let row = 0; row < kept; row += 1) if (history.kind[row] !== KIND.gauge) rows.push(row);
  const pick = (column: ArrayLike<number>): number[] => rows.map((row) => column[row]!);
  return {
    count: rows.length,
    seq: encodeDeltas(rows),
    at: encodeDeltas(pick(history.at)),
    msg: encodeDeltas(pick(history.msg)),
    kind: encodePlain(pick(history.kind)),
    process: encodePlain(pick(history.process)),
    peer: encodePlain(pick(history.peer)),
    place: encodePlain(pick(history.place)),
    conn: encodePlain(pick(history.conn)),
    value: encodePlain(pick(history.value)),
    // A delivery's detail is its publish timestamp: long, and the publish row has it.
    detail: encodePlain(rows.map((row) => (history.kind[row] === KIND.deliver ? 0 : history.detail[row]!))),
    note: encodePlain(pick(history.note)),
  };
}

function healTime(history: History, fallback: number): number {
  const heal = history.strings.indexOf("heal");
  for (let row = 0; row < history.length; row += 1)
    if (history.kind[row] === KIND.phase && history.note[row] === heal) return history.at[row]!;
  return fallback;
}

interface Series {
  readonly at: number[];
  readonly value: number[];
  lastAt: number;
}

function gaugesOf(history: History, kept: number): PayloadSeries[] {
  const series = new Map<string, Series>();
  for (let row = 0; row < kept; row += 1) {
    if (history.kind[row] !== KIND.gauge) continue;
    const key = `${history.process[row]!}:${history.place[row]!}:${history.note[row]!}`;
    let one = series.get(key);
    if (one === undefined) series.set(key, (one = { at: [], value: [], lastAt: 0 }));
    one.lastAt = history.at[row]!;
    if (one.value.at(-1) === history.value[row]!) continue;
    one.at.push(one.lastAt);
    one.value.push(history.value[row]!);
  }
  return [...series].map(([key, one]) => {
    const [process, place, measure] = key.split(":").map((number) => history.strings[Number(number)]!);
    if (one.at.at(-1) !== one.lastAt) {
      one.at.push(one.lastAt);
      one.value.push(one.value.at(-1)!);
    }
    return {
      process: process!,
      place: place!,
      measure: measure!,
      count: one.at.length,
      at: encodeDeltas(one.at),
      value: encodeDeltas(one.value),
    };
  });
}

function lanesOf(run: Run): PayloadLane[] {
  const { scenario, history } = run;
  const lanes: PayloadLane[] = [];
  for (const { name } of scenario.producers) lanes.push({ name, role: "producer", detail: "producer" });
  for (const { name, profile } of scenario.nsqd)
    lanes.push({ name, role: "nsqd", detail: run.world === "sim" ? `${profile ?? "exact"} timing` : "nsqd" });
  for (const { name } of scenario.nsqlookupd ?? []) lanes.push({ name, role: "other", detail: "nsqlookupd" });
  for (const { name, topic, channel } of scenario.consumers)
    lanes.push({ name, role: "consumer", detail: `${topic}/${channel}` });
  for (const { name } of scenario.stores ?? []) lanes.push({ name, role: "other", detail: "store" });
  const known = new Set(lanes.map((lane) => lane.name));
  const others = new Map<number, LaneRole>();
  for (let row = 0; row < history.length; row += 1) {
    const process = history.process[row]!;
    const kind = history.kind[row]!;
    // A fault's target is a process of the scenario, or a link's end: no lane of its own.
    if (process === 0 || kind === KIND.fault || kind === KIND.phase || known.has(history.strings[process]!)) continue;
    if (kind === KIND.operate) others.set(process, "operator");
    else if (!others.has(process)) others.set(process, "other");
  }
  for (const [process, role] of others) {
    const lane: PayloadLane = { name: history.strings[process]!, role, detail: role === "operator" ? "over HTTP" : "" };
    if (role === "operator") lanes.unshift(lane);
    else lanes.push(lane);
  }
  return lanes;
}

function labelsOf(run: Run): PayloadLabels {
  const names: string[] = [];
  const numbers = new Map<string, number>();
  const msg: number[] = [];
  const row: number[] = [];
  const name: number[] = [];
  const add = (message: number, at: number, text: string): void => {
    let number = numbers.get(text);
    if (number === undefined) {
      number = names.length;
      names.push(text);
      numbers.set(text, number);
    }
    msg.push(message);
    row.push(at);
    name.push(number);
  };
  const delivery = (rows: readonly number[]): number =>
    rows.findLast((one) => run.history.kind[one] === KIND.deliver) ?? rows.at(-1) ?? -1;
  for (const entry of run.ledger.duplicates)
    add(entry.msg, delivery(entry.rows), `duplicate: ${entry.licence ?? "unexplained"}`);
  for (const entry of run.ledger.late) add(entry.msg, delivery(entry.rows), `late: ${entry.licence ?? "unexplained"}`);
  for (const entry of run.ledger.losses) add(entry.msg, -1, lossLabel(entry.licence, entry.place));
  for (const verdict of run.verdicts)
    for (const violation of verdict.violations)
      if (violation.msg >= 0) add(violation.msg, violation.rows.at(-1) ?? -1, `violates ${verdict.property}`);
  return { names, count: msg.length, msg: encodePlain(msg), row: encodePlain(row), name: encodePlain(name) };
}

function lossLabel(licence: string | null, place: string): string {
  if (licence === "still-held") return `still held by the broker (${place})`;
  return `lost on ${place}: ${licence ?? "unexplained"}`;
}

function faultOf(fault: FaultSpec): PayloadFault {
  const action = fault.do;
  return { kind: action.kind, on: "link" in action ? action.link : [action.process] };
}
