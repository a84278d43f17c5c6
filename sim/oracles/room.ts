import type { Micros } from "../../core/time.ts";
import type { Connection } from "./connections.ts";
import type { Lives } from "./lives.ts";
import { deadlineLow } from "./redelivery.ts";
import { ANSWER } from "./tables.ts";

/** Counts the delivery on its connection, and says which RDY may have been in force when it was sent. */
export function readRoom(lives: Lives, delivery: number, connection: Connection, now: Micros): void {
  const { deliveries } = lives;
  if (isTaken(lives, delivery, connection)) return;
  deliveries.older[delivery] = connection.newest;
  deliveries.newer[delivery] = -1;
  if (connection.newest >= 0) deliveries.newer[connection.newest] = delivery;
  connection.newest = delivery;
  connection.inFlight += 1;
  let allowed = connection.rdy;
  if (connection.inFlight > allowed) {
    forgetExpired(lives, connection, delivery, now);
    allowed = rdyHigh(connection, deliveries.sentLow[delivery]!);
  }
  deliveries.inFlight[delivery] = connection.inFlight;
  deliveries.rdyHigh[delivery] = allowed;
}

/**
 * True when nsqd may not count this delivery as in flight any more: an operator emptied the channel, or a late answer of
 * an earlier delivery to the same connection, still on its way when this one was sent, answers this one.
 */
function isTaken(lives: Lives, delivery: number, connection: Connection): boolean {
  const { deliveries, history } = lives;
  if (connection.place !== null && connection.place.forgottenUntil >= deliveries.sentLow[delivery]!) return true;
  for (let other = deliveries.earlier[delivery]!; other >= 0; other = deliveries.earlier[other]!) {
    if (deliveries.connection[other] !== connection.index || deliveries.answer[other] === ANSWER.none) continue;
    const answered = history.at[deliveries.answerRow[other]!]!;
    if (connection.arrivalHigh(answered) >= deliveries.sentLow[delivery]!) return true;
  }
  return false;
}

/** nsqd does not count what it has taken back; what may be past its deadline may be taken back. */
function forgetExpired(lives: Lives, connection: Connection, newest: number, now: Micros): void {
  const { deliveries } = lives;
  for (let delivery = connection.newest; delivery >= 0;) {
    const older = deliveries.older[delivery]!;
    const isForgotten = deliveries.sentLow[delivery]! <= (connection.place?.forgottenUntil ?? -Infinity);
    if (delivery !== newest && (isForgotten || deadlineLow(lives, delivery) <= now))
      unlink(lives, connection, delivery);
    delivery = older;
  }
}

/** Takes a delivery off the list of what is in flight on its connection; no effect when it is not on it. */
export function unlink(lives: Lives, connection: Connection, delivery: number): void {
  const { older, newer } = lives.deliveries;
  const before = older[delivery]!;
  const after = newer[delivery]!;
  if (after === -2) return;
  if (after >= 0) older[after] = before;
  else connection.newest = before;
  if (before >= 0) newer[before] = after;
  newer[delivery] = -2;
  connection.inFlight -= 1;
}

/** A count is in force until the next one has arrived. */
function rdyHigh(connection: Connection, sentLow: Micros): number {
  const { rdyAt, rdyCount } = connection;
  let highest = 0;
  for (let index = rdyAt.length - 1; index >= 0; index -= 1) {
    highest = Math.max(highest, rdyCount[index]!);
    // Older counts were replaced before the message was sent.
    if (connection.arrivalHigh(rdyAt[index]!) < sentLow) break;
  }
  return highest;
}
