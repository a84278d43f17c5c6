import type { Micros } from "../../core/time.ts";
import { KIND } from "../history.ts";
import type { Connection } from "./connections.ts";
import { noticedBy, readLateness } from "./lateness.ts";
import type { Lives } from "./lives.ts";
import type { Place } from "./places.ts";
import { readRoom } from "./room.ts";
import { deadlineLow, leavesBytes, readRedelivery } from "./redelivery.ts";
import type { Survey } from "./surveys.ts";
import { ANSWER, CAUSE, isAcrossRestart } from "./tables.ts";
import { refusedUntil } from "./troubles.ts";

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
  const full = place.topic.fullUntil >= due || place.topic.mayBeFull(lives.memQueueSize(connection.nsqd));
  deliveries.late[delivery] = readLateness(lives, place, connection, due, noticed, full ? now : before, now);
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
  if (isOutlived(lives, delivery, top, connection)) return;
  const step = (attempts - lives.history.value[deliveries.row[top]!]!) & ATTEMPTS_MASK;
  if (step === 0 || step >= STEP_BACK) {
    readStepBack(lives, delivery, top, attempts, connection, now);
    return;
  }
  table.top[life] = delivery;
  readRedelivery(lives, delivery, top, now);
  const isTooSoon =
    deliveries.cause[delivery] === CAUSE.finished || now < deliveries.allowedLow[delivery]! + lives.terms.latencyMin;
  const isCopy = isTooSoon && mayHaveTwin(lives, delivery, connection);
  if (isCopy) lives.twins.add(life);
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
  const pace = lives.paceOf(connection.nsqd);
  const kept = mayLoseDelay(lives, place) ? 0 : pace.soonest(delay);
  deliveries.allowedLow[delivery] = history.at[publish]! + terms.latencyMin + kept;
  if (outcome >= 0 && history.kind[outcome] === KIND["publish-ok"]) {
    // A delay starts when the message reaches the channel (nsqd-semantics §6), which may have been made anew meanwhile.
    const { pausedUntil, paused } = place.topic;
    const exists = delay > 0 ? place.renewedAt : place.createdAt;
    const accepted = history.at[outcome]!;
    const refused = delay > 0 ? refusedUntil(lives, place.topic.nsqd, accepted) : -Infinity;
    const reached = Math.max(accepted, exists, pausedUntil, refused);
    deliveries.allowedHigh[delivery] = paused ? Infinity : reached + pace.latest(delay);
  } else {
    deliveries.allowedHigh[delivery] = Infinity;
  }
  // What an incarnation sent may arrive when the next one has started.
  const start = connection.nsqdLife.starts.findLast((row) => history.at[row]! <= connection.openedAt);
  if (start !== undefined && history.at[start]! > history.at[publish]!) {
    // A restart forgets the delay, and the deadline of what nobody saw arrive (§10.1).
    deliveries.allowedLow[delivery] = Math.min(deliveries.allowedLow[delivery], history.at[start]!);
    deliveries.allowedHigh[delivery] = Infinity;
    deliveries.hidden[delivery] = hidden;
    return;
  }
  hide(lives, delivery, place, hidden);
}

/** nsqd 1.3 forgets the delay of what passes through the topic's disk queue (nsqd-semantics §6). */
function mayLoseDelay(lives: Lives, place: Place): boolean {
  const { nsqd, messages } = place.topic;
  return lives.optionsOf(nsqd).profile === "nsqd-1.3" && messages.length > lives.memQueueSize(nsqd);
}

/** Attempts that no client saw were lost on the way, or are still: each had to run into its deadline. */
function hide(lives: Lives, delivery: number, place: Place, hidden: number): void {
  if (hidden === 0) return;
  const { deliveries } = lives;
  deliveries.hidden[delivery] = hidden;
  deliveries.allowedHigh[delivery] = Infinity;
  if (isAcrossRestart(deliveries.cause[delivery]!)) return;
  const waits = Math.max(0, hidden - askedAgain(lives, delivery));
  deliveries.allowedLow[delivery]! += waits * lives.paceOf(place.topic.nsqd).soonest(place.minTimeout);
}

/** Ids are per message: so many REQs that came after their own deadline may have cut short what no client saw. */
function askedAgain(lives: Lives, delivery: number): number {
  const { deliveries, history } = lives;
  let count = 0;
  for (let other = deliveries.earlier[delivery]!; other >= 0; other = deliveries.earlier[other]!) {
    if (deliveries.answer[other] !== ANSWER.requeue) continue;
    const connection = lives.connections[deliveries.connection[other]!]!;
    const arrival = connection.arrivalHigh(history.at[deliveries.answerRow[other]!]!);
    if (arrival >= deadlineLow(lives, other)) count += 1;
  }
  return count;
}

/** Bytes of an nsqd that is dead, held all the time, behind a delivery of the next one: takes it for what it is. */
function isOutlived(lives: Lives, delivery: number, top: number, connection: Connection): boolean {
  const { deliveries } = lives;
  const start = connection.nsqdLife.starts.at(-1) ?? -1;
  if (start < 0 || connection.openRow > start) return false;
  if (lives.connections[deliveries.connection[top]!]!.openRow < start) return false;
  deliveries.prev[delivery] = top;
  deliveries.cause[delivery] = CAUSE.restarted;
  deliveries.causeRow[delivery] = start;
  deliveries.allowedLow[delivery] = -Infinity;
  deliveries.allowedHigh[delivery] = Infinity;
  return true;
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
  if (isAcrossRestart(deliveries.cause[delivery]!)) {
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
 * True when an nsqd that was started again may have found the message twice: in the disk queue of the topic, which has forgotten that it
 * handed it over, and in that of the channel (diskqueue §11).
 */
function mayHaveTwin(lives: Lives, delivery: number, connection: Connection): boolean {
  const { deliveries, history, messages } = lives;
  const topic = connection.place?.topic;
  if (topic === undefined) return false;
  const msg = history.msg[deliveries.row[delivery]!]!;
  const surveys = lives.surveysOf(connection.nsqd).list;
  if (surveys.length > 0) return surveys.some((survey) => copiesAfter(lives, survey, connection.place!, msg) > 1);
  const kill = connection.nsqdLife.kills.at(-1);
  if (kill === undefined) return false;
  const publish = messages.publishRow[msg]!;
  return publish < kill && topic.messages.length > lives.memQueueSize(connection.nsqd);
}

/** Records that may be read as this message after a restart. */
function copiesAfter(lives: Lives, survey: Survey, place: Place, msg: number): number {
  return survey.copies(place, msg) + (leavesBytes(lives, place) ? survey.ignored(place, msg) : 0);
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
