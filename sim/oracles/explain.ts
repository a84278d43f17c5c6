import type { History } from "../history.ts";

/** The life of one message in plain words, one line per event, in order. */
export function tellLife(history: History, msg: number): string[] {
  const lines: string[] = [];
  for (let row = 0; row < history.length; row += 1) {
    if (history.msg[row] === msg) lines.push(`${(history.at[row]! / 1e6).toFixed(3)} s  ${history.event(row).kind}`);
  }
  return lines;
}
