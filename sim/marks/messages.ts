import type { Run } from "../result.ts";
import type { Reach, Watchers } from "./marks-of.ts";

/** The life of messages as producers and consumers see it. */
export function watchMessages({ history }: Run, reach: Reach): Watchers {
  const { msg, value, detail, process, place } = history;
  const text = (row: number): string => history.strings[history.note[row]!]!;
  const answered = new Set<number>();
  const unknown = new Set<number>();
  /** Place and consumer of the latest delivery, by message. */
  const latestPlace: number[] = [];
  const latestProcess: number[] = [];
  /** TOUCHes of the current delivery of a message. */
  const touches = new Map<number, number>();
  let healed = false;
  return {
    phase: (row) => void (healed ||= text(row) === "heal"),
    publish: (row) => {
      if (text(row) === "MPUB") reach("publish-many");
      if (value[row]! > 0) reach("publish-deferred");
      if (detail[row]! >= 0) reach("publish-retried");
    },
    "publish-ok": (row) => void answered.add(msg[row]!),
    "publish-error": (row) => {
      answered.add(msg[row]!);
      reach("publish-error");
    },
    "publish-unknown": (row) => {
      answered.add(msg[row]!);
      unknown.add(msg[row]!);
      reach("publish-unknown");
      if (latestPlace[msg[row]!] !== undefined) reach("unknown-yet-delivered");
    },
    deliver: (row) => {
      const message = msg[row]!;
      if (touches.size > 0) touches.delete(message);
      if (!answered.has(message)) reach("delivered-before-ok");
      if (unknown.has(message)) reach("unknown-yet-delivered");
      if (healed) reach("delivered-after-heal");
      if (value[row]! >= 3) reach("delivered-a-third-time");
      const before = latestPlace[message];
      if (before !== undefined && before !== place[row]) reach("delivered-to-two-channels");
      else if (before !== undefined)
        reach(latestProcess[message] === process[row] ? "delivered-to-the-same" : "delivered-to-another");
      latestPlace[message] = place[row]!;
      latestProcess[message] = process[row]!;
    },
    handled: (row) => {
      const how = text(row);
      if (how === "fail") reach("handler-failed");
      if (how === "throw") reach("handler-threw");
      if (how === "silent") reach("handler-silent");
      if (how === "requeue") reach("handler-requeued");
    },
    requeue: (row) => reach(value[row]! > 0 ? "requeue-delayed" : "requeue-at-once"),
    touch: (row) => {
      const times = (touches.get(msg[row]!) ?? 0) + 1;
      touches.set(msg[row]!, times);
      reach(times === 1 ? "touch" : "touch-twice");
    },
    "answer-error": (row) => {
      const error = text(row);
      if (error.startsWith("E_TOUCH_FAILED")) reach("touch-refused");
      if (error.startsWith("E_FIN_FAILED")) reach("finish-refused");
      if (error.startsWith("E_REQ_FAILED")) reach("requeue-refused");
    },
  };
}
