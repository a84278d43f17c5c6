import { parseNsqdOptions } from "../../core/nsqd/options.ts";
import type { Run } from "../result.ts";
import type { Reach, Watchers } from "./marks-of.ts";

const DEEP = 50;

/** What goes on inside the broker: seen only where it shows that. */
export function watchBroker({ scenario, history }: Run, reach: Reach): Watchers {
  const { msg, at, value, process, place } = history;
  const text = (row: number): string => history.strings[history.note[row]!]!;
  const key = (row: number): string => `${msg[row]} ${place[row]} ${process[row]}`;
  const ceilings = new Map(
    scenario.nsqd.map(({ name, options }) => [history.intern(name), parseNsqdOptions(options ?? {}).maxMsgTimeout]),
  );
  const touched = new Set<string>();
  const sentAt = new Map<string, number>();
  /** Instants since when messages are held back. */
  const deferred = new Map<string, { readonly nsqd: number; readonly at: number }>();
  let healedAt = Infinity;
  return {
    phase: (row) => {
      if (text(row) === "heal") healedAt = at[row]!;
    },
    "broker-send": (row) => {
      sentAt.set(key(row), at[row]!);
      touched.delete(key(row));
    },
    // A row of a client names the nsqd as its peer.
    touch: (row) => void touched.add(`${msg[row]} ${place[row]} ${history.peer[row]}`),
    "broker-timeout": (row) => {
      const held = at[row]! - (sentAt.get(key(row)) ?? Infinity);
      if (touched.has(key(row)) && held >= ceilings.get(process[row]!)!) reach("touch-ceiling");
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
