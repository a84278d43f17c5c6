import { KIND } from "../../sim/history.ts";
import type { Payload } from "../payload.ts";
import type { Rows } from "./rows.ts";

/** Handlers at work, by start; columns. */
export interface Handlers {
  readonly count: number;
  readonly lane: Int32Array;
  readonly msg: Int32Array;
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** Which of the handlers that run at the same time. */
  readonly slot: Int32Array;
  /** 0: answered well, 1: fail, throw or error, 2: never ended. */
  readonly end: Uint8Array;
  readonly row: Int32Array;
  /** Per lane: how many ran at once, at most. */
  readonly slots: Int32Array;
  readonly latest: Float64Array;
}

/** A stretch of a lane, in which the process was not simply running. */
export interface Spell {
  readonly lane: number;
  readonly kind: "down" | "paused" | "blocked" | "not started";
  readonly from: number;
  readonly to: number;
}

/** A fault at work: on one lane, or between two. `from` = `to`: it acts in an instant. */
export interface FaultWindow {
  readonly index: number;
  readonly kind: string;
  readonly text: string;
  readonly lanes: readonly number[];
  readonly from: number;
  readonly to: number;
}

const WELL = new Set(["ok", "known", "requeue", "silent", ""]);

/** Pairs `handle` with `handled`; a handler whose process died ends there. */
export function pairHandlers(rows: Rows, payload: Payload): Handlers {
  const { strings, endUs } = payload;
  const spans: { lane: number; msg: number; from: number; to: number; end: number; row: number }[] = [];
  const open = new Map<string, number>();
  const openOfLane = payload.lanes.map(() => new Set<string>());
  for (let row = 0; row < rows.count; row += 1) {
    const kind = rows.kind[row]!;
    const lane = rows.lane[row]!;
    if (lane < 0) continue;
    const key = `${lane}:${rows.msg[row]!}:${rows.conn[row]!}:${rows.value[row]!}`;
    if (kind === KIND.handle) {
      open.set(key, spans.length);
      openOfLane[lane]!.add(key);
      spans.push({ lane, msg: rows.msg[row]!, from: rows.at[row]!, to: endUs, end: 2, row });
    } else if (kind === KIND.handled) {
      const span = spans[open.get(key) ?? -1];
      if (span === undefined) continue;
      span.to = rows.at[row]!;
      span.end = WELL.has(strings[rows.note[row]!]!) ? 0 : 1;
      open.delete(key);
      openOfLane[lane]!.delete(key);
    } else if (kind === KIND.process && ["kill", "stopped"].includes(strings[rows.note[row]!]!)) {
      for (const one of openOfLane[lane]!) {
        spans[open.get(one)!]!.to = rows.at[row]!;
        open.delete(one);
      }
      openOfLane[lane]!.clear();
    }
  }
  const slots = new Int32Array(payload.lanes.length);
  const free: number[][] = payload.lanes.map(() => []);
  const slot = Int32Array.from(spans, (span) => {
    const ends = free[span.lane]!;
    let at = ends.findIndex((end) => end <= span.from);
    if (at < 0) at = ends.length;
    ends[at] = span.to;
    slots[span.lane] = Math.max(slots[span.lane]!, at + 1);
    return at;
  });
  let latest = Number.NEGATIVE_INFINITY;
  return {
    count: spans.length,
    lane: Int32Array.from(spans, (span) => span.lane),
    msg: Int32Array.from(spans, (span) => span.msg),
    from: Float64Array.from(spans, (span) => span.from),
    to: Float64Array.from(spans, (span) => span.to),
    slot,
    end: Uint8Array.from(spans, (span) => span.end),
    row: Int32Array.from(spans, (span) => span.row),
    slots,
    latest: Float64Array.from(spans, (span) => (latest = Math.max(latest, span.to))),
  };
}

const BEGINS: Readonly<Record<string, Spell["kind"]>> = {
  kill: "down",
  stopped: "down",
  pause: "paused",
  block: "blocked",
};
const ENDS = new Set(["start", "resume", "unblock"]);

/** When processes were dead, paused or blocked. */
export function collectSpells(rows: Rows, payload: Payload): Spell[] {
  const spells: Spell[] = [];
  const open = new Map<number, { kind: Spell["kind"]; from: number }>();
  const started = new Set<number>();
  for (let row = 0; row < rows.count; row += 1) {
    const lane = rows.lane[row]!;
    if (rows.kind[row] !== KIND.process || lane < 0) continue;
    const what = payload.strings[rows.note[row]!]!;
    const at = rows.at[row]!;
    const before = open.get(lane);
    const begins = BEGINS[what];
    if (before !== undefined && (begins !== undefined || ENDS.has(what))) {
      spells.push({ lane, kind: before.kind, from: before.from, to: at });
      open.delete(lane);
    }
    if (what === "start" && !started.has(lane) && at > 0) spells.push({ lane, kind: "not started", from: 0, to: at });
    if (what === "start") started.add(lane);
    if (begins !== undefined) open.set(lane, { kind: begins, from: at });
  }
  for (const [lane, { kind, from }] of open) spells.push({ lane, kind, from, to: payload.endUs });
  return spells;
}

/** `cut p1–nsqd1: forward for 50 ms`, from what the history says of the fault. */
function faultText(kind: string, on: readonly string[], said: string): string {
  const rest = said.startsWith(kind) ? said.slice(kind.length).trim() : said;
  const what = on.length === 0 ? kind : `${kind} ${on.join("–")}`;
  return rest === "" ? what : `${what}: ${rest}`;
}

const LASTING = new Set(["partition", "stall", "cut", "latency", "pause", "block"]);

/** When faults were at work. A lasting fault without an end lasts until the heal. */
export function collectFaults(rows: Rows, payload: Payload): FaultWindow[] {
  const windows: FaultWindow[] = [];
  const open = new Map<number, { from: number; text: string }>();
  const close = (index: number, to: number | null): void => {
    const one = open.get(index);
    if (one === undefined) return;
    open.delete(index);
    const spec = payload.faults[index];
    const kind = spec?.kind ?? "fault";
    const lanes = (spec?.on ?? []).map((name) => payload.lanes.findIndex((lane) => lane.name === name));
    const end = to ?? (LASTING.has(kind) ? Math.max(one.from, payload.healUs) : one.from);
    const text = faultText(kind, spec?.on ?? [], one.text);
    windows.push({ index, kind, text, lanes: lanes.filter((lane) => lane >= 0), from: one.from, to: end });
  };
  for (let row = 0; row < rows.count; row += 1) {
    if (rows.kind[row] !== KIND.fault) continue;
    const index = rows.value[row]!;
    if (rows.detail[row] === 1) {
      close(index, null);
      open.set(index, { from: rows.at[row]!, text: payload.strings[rows.note[row]!]! });
    } else close(index, rows.at[row]!);
  }
  for (const index of open.keys()) close(index, null);
  return windows.sort((a, b) => a.from - b.from || a.index - b.index);
}
