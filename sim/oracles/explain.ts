import type { History } from "../history.ts";
import { tellEvent } from "./telling.ts";
import { seconds } from "./words.ts";

/** The life of one message in plain words, one line per event, in order: `5.005 s  c1 sends FIN to nsqd1`. */
export function tellLife(history: History, msg: number): string[] {
  const told: { readonly at: string; readonly text: string }[] = [];
  for (let row = 0; row < history.length; row += 1)
    if (history.msg[row] === msg)
      told.push({ at: seconds(history.at[row]!), text: tellEvent(history.event(row)).text });
  const width = told.at(-1)?.at.length ?? 0;
  return told.map(({ at, text }) => `${at.padStart(width)}  ${text}`);
}
