import type { Micros } from "../../core/time.ts";
import { KIND } from "../history.ts";
import type { Connection } from "./connections.ts";
import type { Lives } from "./lives.ts";
import { unlink } from "./room.ts";
import { ANSWER } from "./tables.ts";

export function readAnswer(lives: Lives, row: number): void {
  const { history, deliveries } = lives;
  const kind = history.kind[row];
  const connection = lives.connectionAt(row);
  const delivery = newestOn(lives, row, connection);
  if (delivery < 0) return;
  if (connection.place !== null) connection.place.lastRow = row;
  if (kind === KIND["give-up"]) {
    lives.lives.giveUpRow[deliveries.life[delivery]!] = row;
    return;
  }
  // Ids are per message: the first answer on a connection is for what nsqd sent there last.
  const answered =
    deliveries.answer[delivery] === ANSWER.none ? delivery : olderUnanswered(lives, delivery, connection);
  if (answered < 0) return;
  if (kind === KIND.finish) leave(lives, delivery, connection, history.at[row]!);
  deliveries.answer[answered] = kind === KIND.finish ? ANSWER.finish : ANSWER.requeue;
  deliveries.answerRow[answered] = row;
  free(lives, connection, answered, history.at[row]!);
}

/** One message less may wait in the channel. */
function leave(lives: Lives, delivery: number, connection: Connection, now: Micros): void {
  if (lives.lives.deliveries[lives.deliveries.life[delivery]!]! > 1 || connection.place === null) return;
  const { topic } = connection.place;
  if (topic.mayBeFull(lives.memQueueSize(topic.nsqd))) topic.fullUntil = now;
  connection.place.gone += 1;
}

/** The client has answered: there is room. */
function free(lives: Lives, connection: Connection, delivery: number, now: Micros): void {
  unlink(lives, connection, delivery);
  const before = connection.ready;
  connection.unanswered -= 1;
  if (!before && connection.ready) connection.place?.changeReady(1, now);
}

/** An earlier delivery of the same message to the same connection that has no answer yet, or -1. */
function olderUnanswered(lives: Lives, delivery: number, connection: Connection): number {
  const { deliveries } = lives;
  for (let other = deliveries.earlier[delivery]!; other >= 0; other = deliveries.earlier[other]!) {
    if (deliveries.connection[other] === connection.index && deliveries.answer[other] === ANSWER.none) return other;
  }
  return -1;
}

/** The newest delivery of the row's message to the row's connection, or -1. */
function newestOn(lives: Lives, row: number, connection: Connection): number {
  const { history, messages, deliveries } = lives;
  const msg = history.msg[row]!;
  const place = lives.placeAt(history.place[row]!, history.peer[row]!);
  if (msg < 0 || msg >= messages.size || messages.topic[msg] !== place.topic.index) return -1;
  const life = place.life(messages.rank[msg]!);
  if (life < 0) return -1;
  for (let delivery = lives.lives.last[life]!; delivery >= 0; delivery = deliveries.earlier[delivery]!) {
    if (deliveries.connection[delivery] === connection.index) return delivery;
  }
  return -1;
}

export function readTouch(lives: Lives, row: number): void {
  const { deliveries } = lives;
  const delivery = newestOn(lives, row, lives.connectionAt(row));
  if (delivery < 0 || deliveries.answer[delivery] !== ANSWER.none) return;
  deliveries.touch[delivery] = lives.touches.add(row, deliveries.touch[delivery]!);
}

/** nsqd refused an answer: E_FIN_FAILED, E_REQ_FAILED (E_TOUCH_FAILED changes nothing). */
export function readRefusal(lives: Lives, row: number): void {
  const { history, deliveries } = lives;
  const text = history.strings[history.note[row]!]!;
  const refused = text.startsWith("E_FIN_FAILED")
    ? ANSWER.finish
    : text.startsWith("E_REQ_FAILED")
      ? ANSWER.requeue
      : ANSWER.none;
  const connection = lives.connectionAt(row);
  const delivery = refused === ANSWER.none ? -1 : newestOn(lives, row, connection);
  if (delivery < 0) return;
  for (let other = delivery; other >= 0; other = deliveries.earlier[other]!) {
    if (deliveries.connection[other] !== connection.index || deliveries.answer[other] !== refused) continue;
    if (deliveries.refusalRow[other]! >= 0) continue;
    deliveries.refusalRow[other] = row;
    return;
  }
}
