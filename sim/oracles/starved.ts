import { SECOND, type Micros } from "../../core/time.ts";
import { KIND } from "../history.ts";
import type { Connection } from "./connections.ts";
import type { Lives } from "./lives.ts";
import { seconds, span } from "./words.ts";

/** A consumer shares its room out anew at once, and looks for somebody to test each second: twice that. */
const GRACE: Micros = 2 * SECOND;

/** A connection that nothing would ever raise from RDY 0. */
export interface Starved {
  readonly connection: Connection;
  readonly text: string;
}

/**
 * Connections that are left at RDY 0 when the history ends, though their consumer is subscribed and runs: out of backoff,
 * and with room for every connection it has; or in a backoff whose wait is long over.
 */
export function starvedConnections(lives: Lives): Starved[] {
  const end = lives.history.at[lives.rows - 1]!;
  return lives.connections.flatMap((connection) => {
    const text = isIdle(connection) ? whyStarved(lives, connection, end) : null;
    return text === null ? [] : [{ connection, text: `${connection.clientLife.name} ${text}` }];
  });
}

/** A history without RDY says nothing of it. */
function isIdle({ place, rdy, rdyAt, endRow, held, clientLife }: Connection): boolean {
  return place !== null && rdyAt.length > 0 && rdy === 0 && endRow < 0 && held === 0 && clientLife.alive;
}

function whyStarved(lives: Lives, connection: Connection, end: Micros): string | null {
  const { history } = lives;
  const { client, rdyAt, nsqd } = connection;
  const row = lastTurn(lives, client);
  const state = row < 0 ? "" : history.strings[history.note[row]!];
  // It waits for its handlers, and then for nobody.
  if (state === "stop") return null;
  const since = Math.max(rdyAt.at(-1)!, row < 0 ? 0 : history.at[row]!);
  if (row < 0 || state === "start" || state === "leave") {
    if (since + GRACE >= end || !hasRoomForAll(lives, connection)) return null;
    return `asks ${history.strings[nsqd]} for nothing (RDY 0) at the end, and is not in backoff`;
  }
  const wait = history.detail[row]!;
  if (state !== "wait" || history.at[row]! + wait + GRACE >= end) return null;
  return `is in a backoff that was to end ${span(wait)} after ${seconds(history.at[row]!)}`;
}

/** The row that says how a client stands: the last of its backoff, or that it was started or stopped after that; or -1. */
function lastTurn({ history, rows }: Lives, client: number): number {
  for (let row = rows - 1; row >= 0; row -= 1) {
    if (history.process[row] !== client) continue;
    if (history.kind[row] === KIND.backoff) return row;
    if (history.kind[row] !== KIND.process) continue;
    const what = history.strings[history.note[row]!];
    if (what === "start" || what === "stop") return row;
  }
  return -1;
}

function hasRoomForAll(lives: Lives, { client, clientLife }: Connection): boolean {
  const consumer = lives.terms.consumers.get(clientLife.name);
  if (consumer === undefined) return false;
  const believed = lives.connections.filter((one) => one.client === client && !one.isClosed && one.clientLife.alive);
  return believed.length <= consumer.maxInFlight;
}
