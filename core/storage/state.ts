import { bytesOf, decodeUtf8 } from "../protocol/text.ts";

/**
 * Where the reader and the writer of a disk queue are (diskqueue §3). Positions are byte offsets of the next record; the
 * depth is the number of records written and not yet handed over.
 */
export interface QueueState {
  depth: number;
  readFile: number;
  readAt: number;
  writeFile: number;
  writeAt: number;
}

export function emptyState(): QueueState {
  return { depth: 0, readFile: 0, readAt: 0, writeFile: 0, writeAt: 0 };
}

/** `<queue>.diskqueue.000000.dat`: its records (diskqueue §2). */
export function dataFile(queue: string, number: number): string {
  return `${queue}.diskqueue.${String(number).padStart(6, "0")}.dat`;
}

/** `<queue>.diskqueue.meta.dat`: its {@link QueueState}. */
export function stateFile(queue: string): string {
  return `${queue}.diskqueue.meta.dat`;
}

export function renderState(state: QueueState): Uint8Array {
  const { depth, readFile, readAt, writeFile, writeAt } = state;
  return bytesOf(`${depth}\n${readFile},${readAt}\n${writeFile},${writeAt}\n`);
}

/** No queue has more files than that: who says so is wrong, and would keep us looking for them. */
const MOST_FILES = 1_000_000;

/** What such a file says, or null: it says something else. A depth below 0 is possible after a crash (diskqueue §11). */
export function parseState(bytes: Uint8Array): QueueState | null {
  const match = /^\s*([+-]?\d+)\s*\n\s*(\d+),\s*(\d+)\s*\n\s*(\d+),\s*(\d+)/.exec(decodeUtf8(bytes));
  if (match === null) return null;
  const [depth, readFile, readAt, writeFile, writeAt] = match.slice(1).map(Number);
  const state = { depth: depth!, readFile: readFile!, readAt: readAt!, writeFile: writeFile!, writeAt: writeAt! };
  const isPossible = Object.values(state).every((value) => Number.isSafeInteger(value));
  return isPossible && state.writeFile - state.readFile <= MOST_FILES ? state : null;
}
