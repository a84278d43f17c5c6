import type { Run } from "../result.ts";
import { connectionKey } from "./keys.ts";
import type { Reach, Watchers } from "./marks-of.ts";

/** RDY and backoff. */
export function watchFlow({ history }: Run, reach: Reach): Watchers {
  const { value, process } = history;
  const text = (row: number): string => history.strings[history.note[row]!]!;
  const rdy = new Map<number, number>();
  const backingOff = new Set<number>();
  return {
    rdy: (row) => {
      const connection = connectionKey(history, row);
      const before = rdy.get(connection);
      const now = value[row]!;
      if (now === 0) reach("rdy-zero");
      if (now > 1) reach("rdy-many");
      if (backingOff.has(process[row]!)) reach("rdy-in-backoff");
      else if (before === 0 && now > 0) reach("rdy-redistributed");
      rdy.set(connection, now);
    },
    backoff: (row) => {
      const how = text(row);
      if (how === "enter") reach("backoff-entered");
      if (how === "test") reach("backoff-tested");
      if (how === "leave") reach("backoff-left");
      if (value[row]! >= 2) reach("backoff-deepened");
      if (how === "leave") backingOff.delete(process[row]!);
      else backingOff.add(process[row]!);
    },
  };
}
