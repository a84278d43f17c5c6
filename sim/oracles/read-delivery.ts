import type { Micros } from "../../core/time.ts";
import { KIND } from "../history.ts";
import type { Connection } from "./connections.ts";
import { noticedBy, readLateness } from "./lateness.ts";
import type { Lives } from "./lives.ts";
import type { Place } from "./places.ts";
import { deadlineLow, readRedelivery } from "./redelivery.ts";
import { ANSWER, CAUSE } from "./tables.ts";

/** attempts is a uint16 on the wire (protocol §3). */
const ATTEMPTS_MASK = 0xffff;
/** Differences of attempts from here on are steps back. */
const STEP_BACK = 0x8000;

export function readDelivery(lives: Lives, row: number): void {
  const { history, messages, deliveries } = lives;
  const now = history.at[row]!;
  const msg = history.msg[row]!;
  const connection = lives.connectionAt(row);
  const place = lives.placeAt(history.place[row]!, history.peer[row]!);
  if (msg < 0 || msg >= messages.size || messages.topic[msg] !== place.topic.index) {
    lives.strays.push(row);
    return;
  }
  if (messages.idRow[msg]! < 0) messages.idRow[msg] = row;
  const delivery = deliveries.count;
  deliveries.count += 1;
  deliveries.row[delivery] = row;
  deliveries.connection[delivery] = connection.index;
  place.lastRow = row;
  readPlaceInLife(lives, delivery, msg, place, connection, now);
  readSending(lives, delivery, connection, now);
  readRoom(lives, delivery, connection, now);
  const before = place.lastDeliverAt;
  const wasReady = connection.ready;
  connection.unanswered += 1;
  if (wasReady && !connection.ready) place.changeReady(-1, now);
  place.delivered(now);
  const due = deliveries.allowedHigh[delivery]!;
  if (due === Infinity) return;
  const cause = deliveries.cause[delivery]!;
  const timed = cause === CAUSE.first ? history.value[messages.publishRow[msg]!]! > 0 : true;
  const noticed = timed ? noticedBy(lives, place, due) : due;
  if (now <= noticed + connection.travelMax + connection.bufferMax) return;
  const full = place.topic.fullUntil >= due || place.topic.mayBeFull(lives.optionsOf(connection.nsqd).memQueueSize);
  deliveries.late[delivery] = readLateness(place, connection, due, noticed, full ? now : before, now);
}

/** Finds the life, and says what came before this delivery. */
function readPlaceInLife(
  lives: Lives,
  delivery: number,
  msg: number,
  place: Place,
  connection: Connection,
  now: Micros,
): void {
  const { messages, deliveries, lives: table } = lives;
  const attempts = lives.history.value[deliveries.row[delivery]!]!;
  const rank = messages.rank[msg]!;
  let life = place.life(rank);
  if (life < 0) {
    life = table.count;
    table.count += 1;
    table.msg[life] = msg;
    table.place[life] = place.index;
    table.deliveries[life] = 1;
    table.top[life] = delivery;
    table.last[life] = delivery;
    deliveries.life[delivery] = life;
    place.setLife(rank, life);
    readFirst(lives, delivery, msg, place, connection, attempts - 1);
    return;
  }
  deliveries.life[delivery] = life;
  deliveries.earlier[delivery] = table.last[life]!;
  table.deliveries[life]! += 1;
  table.last[life] = delivery;
  const top = table.top[life]!;
  const step = (attempts - lives.history.value[deliveries.row[top]!]!) & ATTEMPTS_MASK;
  if (step === 0 || step >= STEP_BACK) {
    readStepBack(lives, delivery, top, attempts, connection, now);
    return;
  }
  table.top[life] = delivery;
  readRedelivery(lives, delivery, top, now);
  if (lives.twins.has(life)) return readCopy(lives, delivery, connection);
  hide(lives, delivery, place, step - 1);
}

function readFirst(
  lives: Lives,
  delivery: number,
  msg: number,
  place: Place,
  connection: Connection,
  hidden: number,
): void {
  const { history, messages, deliveries, terms } = lives;
  const publish = messages.publishRow[msg]!;
  const outcome = messages.outcomeRow[msg]!;
  const delay = history.value[publish]!;
  deliveries.cause[delivery] = CAUSE.first;
  const kept = mayLoseDelay(lives, place) ? 0 : delay;
  deliveries.allowedLow[delivery] = history.at[publish]! + terms.latencyMin + kept;
  if (outcome >= 0 && history.kind[outcome] === KIND["publish-ok"]) {
    // A delay starts when the message reaches the channel (nsqd-semantics §6).
    const { pausedUntil, paused } = place.topic;
    const reached = Math.max(history.at[outcome]!, place.createdAt, pausedUntil);
    deliveries.allowedHigh[delivery] = paused ? Infinity : reached + delay;
  } else {
    deliveries.allowedHigh[delivery] = Infinity;
  }
  if (place.topic.restartedAt > history.at[publish]! && connection.openedAt >= place.topic.restartedAt) {
    // A restart forgets the delay (§10.1).
    deliveries.allowedLow[delivery] = Math.min(deliveries.allowedLow[delivery], place.topic.restartedAt);
    deliveries.allowedHigh[delivery] = Infinity;
  }
  hide(lives, delivery, place, hidden);
}

/** nsqd 1.3 forgets the delay of what passes through the topic's disk queue (nsqd-semantics §6). */
function mayLoseDelay(lives: Lives, place: Place): boolean {
  const { profile, memQueueSize } = lives.optionsOf(place.topic.nsqd);
  return profile === "nsqd-1.3" && place.topic.messages.length > memQueueSize;
}

/** Attempts that no client saw were lost on the way: each had to run into its deadline. */
function hide(lives: Lives, delivery: number, place: Place, hidden: number): void {
  if (hidden === 0) return;
  const { deliveries } = lives;
  deliveries.hidden[delivery] = hidden;
  deliveries.allowedHigh[delivery] = Infinity;
  const restarted = deliveries.cause[delivery] === CAUSE.restarted;
  if (!restarted) deliveries.allowedLow[delivery]! += Math.max(0, hidden) * place.minTimeout;
}

/** A number of attempts not above the highest: bytes that were overtaken, or a number used twice. */
function readStepBack(
  lives: Lives,
  delivery: number,
  top: number,
  attempts: number,
  connection: Connection,
  now: Micros,
): void {
  const { deliveries, history } = lives;
  let known = false;
  for (let other = deliveries.earlier[delivery]!; other >= 0; other = deliveries.earlier[other]!) {
    const ahead = (history.value[deliveries.row[other]!]! - attempts) & ATTEMPTS_MASK;
    // A connection keeps its order.
    if (ahead === 0 || (ahead < STEP_BACK && deliveries.connection[other] === connection.index)) known = true;
  }
  readRedelivery(lives, delivery, top, now);
  const life = deliveries.life[delivery]!;
  if (deliveries.cause[delivery] === CAUSE.restarted) {
    // The numbers go on from here.
    lives.lives.top[life] = delivery;
    return;
  }
  if (mayHaveTwin(lives, delivery, connection)) {
    lives.lives.top[life] = delivery;
    lives.twins.add(life);
    return readCopy(lives, delivery, connection);
  }
  if (known) {
    deliveries.hidden[delivery] = -1;
    return;
  }
  deliveries.cause[delivery] = CAUSE.overtaken;
  deliveries.allowedLow[delivery] = -Infinity;
  deliveries.allowedHigh[delivery] = Infinity;
}

/**
 * True when a killed nsqd may have found the message twice: in the disk queue of the topic, which has forgotten that it
 * handed it over, and in that of the channel (diskqueue §11).
 */
function mayHaveTwin(lives: Lives, delivery: number, connection: Connection): boolean {
  const { deliveries, history, messages } = lives;
  const kill = connection.nsqdLife.kills.at(-1);
  const topic = connection.place?.topic;
  if (kill === undefined || topic === undefined) return false;
  const publish = messages.publishRow[history.msg[deliveries.row[delivery]!]!]!;
  return publish < kill && topic.messages.length > lives.optionsOf(connection.nsqd).memQueueSize;
}

/** Of a message that nsqd has twice: which of the two it is, and so what it had to wait for, cannot be told. */
function readCopy(lives: Lives, delivery: number, connection: Connection): void {
  const { deliveries, history } = lives;
  const start = connection.nsqdLife.starts.at(-1)!;
  deliveries.cause[delivery] = CAUSE.restarted;
  deliveries.causeRow[delivery] = start;
  deliveries.allowedLow[delivery] = history.at[start]!;
  deliveries.allowedHigh[delivery] = Infinity;
}

/** Bounds the instant of sending: not before it was allowed, and not longer ago than the way takes. */
function readSending(lives: Lives, delivery: number, connection: Connection, now: Micros): void {
  const { deliveries } = lives;
  const longest = now - connection.travelMax - connection.bufferMax;
  const seen = !connection.isBounded || connection.disturbed(longest, now) ? -Infinity : longest;
  deliveries.sentLow[delivery] = Math.max(deliveries.allowedLow[delivery]!, seen);
}

/** Counts the delivery on its connection, and says which RDY may have been in force when it was sent. */
function readRoom(lives: Lives, delivery: number, connection: Connection, now: Micros): void {
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

function unlink(lives: Lives, connection: Connection, delivery: number): void {
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
  if (topic.mayBeFull(lives.optionsOf(topic.nsqd).memQueueSize)) topic.fullUntil = now;
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
