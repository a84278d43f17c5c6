import type { Micros } from "../../core/time.ts";
import { KIND } from "../history.ts";
import type { Lives } from "./lives.ts";

/**
 * Whether the files of an nsqd, by the number of its name, may have been damaged by an instant: bits have turned over, or
 * a last write was torn. Records have no checksum (diskqueue §2.1), so that such a message is delivered as it is.
 */
export function isDamaged({ history, evidence, rows }: Lives, nsqd: number, by: Micros): boolean {
  for (let row = 0; row < rows && history.at[row]! <= by; row += 1) {
    if (history.kind[row] !== KIND.fault || history.process[row] !== nsqd) continue;
    const action = evidence.scenario.faults?.[history.value[row]!]?.do;
    if (action?.kind === "bit-rot" || (action?.kind === "kill" && action.tornTail === true)) return true;
  }
  return false;
}
