import { parseNsqdOptions } from "../../core/nsqd/options.ts";
import type { Run } from "../result.ts";
import { copyKey } from "./keys.ts";
import type { Reach, Watchers } from "./marks-of.ts";

const DEEP = 50;

/** What goes on inside the broker: seen only where it shows that. */
export function watchBroker({ scenario, history }: Run, reach: Reach): Watchers {
  const { at, value, process } = history;
  const text = (row: number): string => history.strings[history.note[row]!]!;
  const key = (row: number): number => copyKey(history, row, process[row]!);
  const ceilings = new Map(
    scenario.nsqd.map(({ name, options }) => [history.intern(name), parseNsqdOptions(options ?? {}).maxMsgTimeout]),
  );
  const touched = new Set<number>();
  const sentAt = new Map<number, number>();
  /** Instants since when messages are held back. */
  const deferred = new Map<number, { readonly nsqd: number; readonly at: number }>();
  let healedAt = Infinity;
  return {
    phase: (row) => {
      if (text(row) === "heal") healedAt = at[row]!;
    },
    "broker-send": (row) => {
      const copy = key(row);
      sentAt.set(copy, at[row]!);
      if (touched.size > 0) touched.delete(copy);
    },
    // A row of a client names the nsqd as its peer.
    touch: (row) => void touched.add(copyKey(history, row, history.peer[row]!)),
    "broker-timeout": (row) => {
      const copy = key(row);
      const held = at[row]! - (sentAt.get(copy) ?? Infinity);
      if (touched.has(copy) && held >= ceilings.get(process[row]!)!) reach("touch-ceiling");
    },
    "broker-defer": (row) => void deferred.set(key(row), { nsqd: process[row]!, at: at[row]! }),
    "broker-due": (row) => {
      reach("deferral-due");
      if ((deferred.get(key(row))?.at ?? Infinity) < healedAt && at[row]! > healedAt) reach("deferral-crossed-heal");
      deferred.delete(key(row));
    },
    process: (row) => {
      if (text(row) !== "kill") return;
      for (const [message, { nsqd }] of deferred) {
        if (nsqd !== process[row]) continue;
        reach("deferral-met-kill");
        deferred.delete(message);
      }
    },
    gauge: (row) => {
      if (value[row]! >= DEEP && text(row) === "depth") reach("queue-deep");
    },
  };
}
