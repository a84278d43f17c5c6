import type { Run } from "../result.ts";
import type { Reach, Watchers } from "./marks-of.ts";

/** RDY and backoff. */
export function watchFlow({ history }: Run, reach: Reach): Watchers {
  const { conn, value, process, peer } = history;
  const text = (row: number): string => history.strings[history.note[row]!]!;
  const key = (row: number): string => `${process[row]} ${conn[row]} ${peer[row]}`;
  const rdy = new Map<string, number>();
  const backingOff = new Set<number>();
  return {
    rdy: (row) => {
      const before = rdy.get(key(row));
      const now = value[row]!;
      if (now === 0) reach("rdy-zero");
      if (now > 1) reach("rdy-many");
      if (backingOff.has(process[row]!)) reach("rdy-in-backoff");
      else if (before === 0 && now > 0) reach("rdy-redistributed");
      rdy.set(key(row), now);
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
