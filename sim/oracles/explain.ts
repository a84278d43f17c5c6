import type { History } from "../history.ts";
import { tellEvent } from "./telling.ts";
import { seconds } from "./words.ts";

/** The life of one message in plain words, one line per event, in order: `5.005 s  c1 sends FIN to nsqd1`. */
export function tellLife(history: History, msg: number): string[] {
  const lines: string[] = [];
  for (let row = 0; row < history.length; row += 1)
    if (history.msg[row] === msg) lines.push(`${seconds(history.at[row]!)}  ${tellEvent(history.event(row)).text}`);
  return lines;
}
