import { KIND } from "../../sim/history.ts";
import type { Rows } from "./rows.ts";

/** What a point on a lane means. The order is the drawing order: the rare ones on top. */
export const MARK_NAMES = [
  "publish",
  "deliver",
  "finish",
  "touch",
  "requeue",
  "effect",
  "timeout",
  "give-up",
  "dead-letter",
  "drop",
  "publish-error",
  "publish-unknown",
  "answer-error",
  "connect",
  "close",
  "connect-failed",
  "operate",
] as const;
export type MarkName = (typeof MARK_NAMES)[number];

/** Points on lanes in the order of time; columns. */
export interface Marks {
  readonly count: number;
  /** Index in {@link MARK_NAMES}. */
  readonly type: Uint8Array;
  readonly lane: Int32Array;
  readonly at: Float64Array;
  /** -1 where the mark is about no message. */
  readonly msg: Int32Array;
  readonly row: Int32Array;
  /** Never hidden by aggregation. */
  readonly odd: Uint8Array;
}

const ORDINARY = new Set<MarkName>(["publish", "deliver", "finish", "touch", "effect"]);

const MARK_OF_KIND: Partial<Record<number, MarkName>> = {
  [KIND.publish]: "publish",
  [KIND.deliver]: "deliver",
  [KIND.finish]: "finish",
  [KIND.touch]: "touch",
  [KIND.requeue]: "requeue",
  [KIND.effect]: "effect",
  [KIND["broker-timeout"]]: "timeout",
  [KIND["give-up"]]: "give-up",
  [KIND["dead-letter"]]: "dead-letter",
  [KIND["broker-drop"]]: "drop",
  [KIND["publish-error"]]: "publish-error",
  [KIND["publish-unknown"]]: "publish-unknown",
  [KIND["answer-error"]]: "answer-error",
  [KIND.connect]: "connect",
  [KIND.close]: "close",
  [KIND["connect-failed"]]: "connect-failed",
  [KIND.operate]: "operate",
};

/** The points of a history. A redelivery is not ordinary. */
export function collectMarks(rows: Rows): Marks {
  const types = new Int8Array(256).fill(-1);
  for (const [kind, name] of Object.entries(MARK_OF_KIND)) types[Number(kind)] = MARK_NAMES.indexOf(name!);
  const picked: number[] = [];
  for (let row = 0; row < rows.count; row += 1)
    if (types[rows.kind[row]!]! >= 0 && rows.lane[row]! >= 0) picked.push(row);
  return {
    count: picked.length,
    type: Uint8Array.from(picked, (row) => types[rows.kind[row]!]!),
    lane: Int32Array.from(picked, (row) => rows.lane[row]!),
    at: Float64Array.from(picked, (row) => rows.at[row]!),
    msg: Int32Array.from(picked, (row) => rows.msg[row]!),
    row: Int32Array.from(picked),
    odd: Uint8Array.from(picked, (row) => (isOdd(rows, row, MARK_NAMES[types[rows.kind[row]!]!]!) ? 1 : 0)),
  };
}

function isOdd(rows: Rows, row: number, name: MarkName): boolean {
  return !ORDINARY.has(name) || (name === "deliver" && rows.value[row]! > 1);
}
