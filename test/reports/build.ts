import { History, type HistoryEvent } from "../../sim/history.ts";
import type { Run } from "../../sim/result.ts";
import { buildModel, type Model } from "../../reports/model/model.ts";
import { payloadOf } from "../../reports/payload.ts";
import { madeUpRun } from "./fixture.ts";

type Row = Partial<Omit<HistoryEvent, "seq" | "atUs">> & Pick<HistoryEvent, "kind">;

/** A run of p1, nsqd1, c1 and c2 with these rows, one millisecond apart. */
export function runOf(rows: readonly (Row & { readonly atMs?: number })[]): Run {
  const history = new History();
  rows.forEach(({ atMs, ...row }, index) => history.record({ ...row, atUs: (atMs ?? index + 1) * 1_000 }));
  const run = madeUpRun(1);
  const ledger = { ...run.ledger, duplicates: [], losses: [], late: [] };
  return { ...run, history, ledger, verdicts: [], virtualUs: (rows.at(-1)?.atMs ?? rows.length) * 1_000 };
}

export function modelOf(run: Run): Model {
  return buildModel(payloadOf(run));
}

const place = "orders/billing";

/** Rows of message 1 between p1, nsqd1 and c1. */
export const row = {
  publish: { kind: "publish", process: "p1", peer: "nsqd1", place: "orders", msg: 1, conn: 0, detail: -1 },
  accept: { kind: "broker-accept", process: "nsqd1", place: "orders", msg: 1 },
  ok: { kind: "publish-ok", process: "p1", peer: "nsqd1", place: "orders", msg: 1, conn: 0 },
  unknown: { kind: "publish-unknown", process: "p1", peer: "nsqd1", place: "orders", msg: 1, conn: 0 },
  refused: {
    kind: "publish-error",
    process: "p1",
    peer: "nsqd1",
    place: "orders",
    msg: 1,
    conn: 0,
    text: "E_BAD_TOPIC",
  },
  send: { kind: "broker-send", process: "nsqd1", place, msg: 1, value: 1 },
  deliver: { kind: "deliver", process: "c1", peer: "nsqd1", place, msg: 1, conn: 0, value: 1 },
  handle: { kind: "handle", process: "c1", peer: "nsqd1", place, msg: 1, conn: 0, value: 1 },
  handled: { kind: "handled", process: "c1", peer: "nsqd1", place, msg: 1, conn: 0, value: 1, text: "ok" },
  finish: { kind: "finish", process: "c1", peer: "nsqd1", place, msg: 1, conn: 0 },
  finished: { kind: "broker-finish", process: "nsqd1", place, msg: 1 },
  timeout: { kind: "broker-timeout", process: "nsqd1", place, msg: 1 },
  requeue: { kind: "requeue", process: "c1", peer: "nsqd1", place, msg: 1, conn: 0, value: 90_000_000 },
  requeued: { kind: "broker-requeue", process: "nsqd1", place, msg: 1 },
  notFinished: { kind: "answer-error", process: "c1", peer: "nsqd1", place, msg: 1, conn: 0, text: "E_FIN_FAILED" },
} as const satisfies Record<string, Row>;
