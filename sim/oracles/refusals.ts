import { KIND } from "../history.ts";
import type { Lives } from "./lives.ts";
import { diskTroubles } from "./troubles.ts";
import { at } from "./words.ts";

/**
 * The outcome of a publish, by its row (-1: none), says that nsqd has nothing of it. Not so an MPUB that a disk refused:
 * its first messages may have found room (surprises 34).
 */
export function isRefused(lives: Lives, outcome: number): boolean {
  const { history } = lives;
  if (outcome < 0 || history.kind[outcome] !== KIND["publish-error"]) return false;
  if (!history.strings[history.note[outcome]!]!.startsWith("E_MPUB_FAILED")) return true;
  return !diskTroubles(lives, history.peer[outcome]!).some(({ from }) => from <= at(lives, outcome));
}
