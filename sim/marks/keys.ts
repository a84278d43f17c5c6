import { assert } from "../../core/assert.ts";
import type { History } from "../history.ts";

// Two numbers and more in one: a table with numbers for keys is looked up several times as fast as one with words.

const NAMES = 2 ** 13;
const CONNECTIONS = 2 ** 27;

/** The connection that a row of a client names. */
export function connectionKey({ process, peer, conn }: History, row: number): number {
  assert(conn[row]! < CONNECTIONS, "connections are numbered from 0");
  return ((process[row]! % NAMES) * NAMES + (peer[row]! % NAMES)) * CONNECTIONS + conn[row]!;
}

/** The copy of a message that a channel of an nsqd has. */
export function copyKey({ msg, place }: History, row: number, nsqd: number): number {
  return (msg[row]! * NAMES + (place[row]! % NAMES)) * NAMES + (nsqd % NAMES);
}
