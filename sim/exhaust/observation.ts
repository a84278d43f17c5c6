import { KIND, type History } from "../history.ts";
import { Chain, ChainSum, hashText } from "./hash.ts";

/**
 * Names a history by the rows of each process, in their order: what that process has seen and done. Histories with the
 * same name differ only in the order of rows at the same instant that have nothing to do with each other.
 */
export function observationOf(history: History): number {
  const texts = history.strings.map(hashText);
  const pasts = new Map<number, Chain>();
  for (let row = 0; row < history.length; row += 1) {
    // What the network kept back is seen where it arrives.
    const isHold = history.kind[row] === KIND.fault && history.value[row] === -1;
    const owner = isHold ? history.peer[row]! : history.process[row]!;
    let past = pasts.get(owner);
    if (past === undefined) {
      past = new Chain();
      pasts.set(owner, past);
    }
    past.add(history.at[row]! >>> 0);
    past.add(history.kind[row]!);
    past.add(texts[history.process[row]!]!);
    past.add(texts[history.peer[row]!]!);
    past.add(texts[history.place[row]!]!);
    past.add(texts[history.note[row]!]!);
    past.add(history.msg[row]!);
    past.add(history.conn[row]!);
    past.add(history.value[row]! >>> 0);
    past.add(history.detail[row]! >>> 0);
    past.add(history.idHigh[row]!);
    past.add(history.idLow[row]!);
  }
  const sum = new ChainSum();
  for (const [owner, past] of pasts) sum.add(texts[owner]!, past);
  return sum.value;
}
