import type { Micros } from "../../core/time.ts";
import type { Connection } from "./connections.ts";
import type { Lives } from "./lives.ts";
import type { Place } from "./places.ts";
import type { Survey } from "./surveys.ts";
import { ANSWER, CAUSE } from "./tables.ts";
import { refusalAtEnd } from "./troubles.ts";

/**
 * Earliest instant at which nsqd may take a delivery back (nsqd-semantics §2): its sending plus the msg timeout, moved
 * by each TOUCH that certainly arrived in time, never beyond its sending plus max-msg-timeout.
 */
export function deadlineLow(lives: Lives, delivery: number): Micros {
  const { deliveries, touches, history } = lives;
  const connection = lives.connections[deliveries.connection[delivery]!]!;
  const sent = deliveries.sentLow[delivery]!;
  const pace = lives.paceOf(connection.nsqd);
  const timeout = pace.soonest(connection.msgTimeout);
  let deadline = sent + timeout;
  let touch = deliveries.touch[delivery]!;
  if (touch < 0) return deadline;
  const ceiling = sent + pace.soonest(lives.optionsOf(connection.nsqd, connection.openedAt).maxMsgTimeout);
  const rows: number[] = [];
  for (; touch >= 0; touch = touches.before[touch]!) rows.push(touches.row[touch]!);
  for (const row of rows.reverse()) {
    const at = history.at[row]!;
    const arrival = connection.arrivalHigh(at);
    if (arrival >= deadline || connection.endAt <= arrival + connection.travelMax) break;
    deadline = Math.max(deadline, Math.min(at + lives.terms.latencyMin + timeout, ceiling));
  }
  return deadline;
}

/** Latest instant at which nsqd may still count a delivery as in flight. Infinity: a hold of the link never ended. */
export function deadlineHigh(lives: Lives, delivery: number): Micros {
  const { deliveries, touches, history } = lives;
  const connection = lives.connections[deliveries.connection[delivery]!]!;
  const sent = history.at[deliveries.row[delivery]!]! - lives.terms.latencyMin;
  const pace = lives.paceOf(connection.nsqd);
  const timeout = pace.latest(connection.msgTimeout);
  const ceiling = sent + pace.latest(lives.optionsOf(connection.nsqd, connection.openedAt).maxMsgTimeout);
  const touch = deliveries.touch[delivery]!;
  if (touch < 0) return sent + timeout;
  const arrival = connection.arrivalHigh(history.at[touches.row[touch]!]!);
  return Math.max(sent + timeout, Math.min(arrival + timeout, ceiling));
}

/**
 * Fills in, for a delivery that follows `prev`, what had become of `prev` and from when on nsqd was allowed to deliver
 * again. Evidence after the delivery is not needed: what could not be known at that instant excuses.
 */
export function readRedelivery(lives: Lives, delivery: number, prev: number, now: Micros): void {
  const { deliveries } = lives;
  const connection = lives.connections[deliveries.connection[prev]!]!;
  const answer = deliveries.answer[prev]!;
  const low = deadlineLow(lives, prev);
  const high = deadlineHigh(lives, prev);
  deliveries.prev[delivery] = prev;
  deliveries.allowedLow[delivery] = low;
  deliveries.allowedHigh[delivery] = high;
  if (readRestart(lives, delivery, prev, connection, now)) return;
  if (answer === ANSWER.none) readUnanswered(lives, delivery, prev, connection, high);
  else readAnswered(lives, delivery, prev, connection, low, high, now);
  readOlderAnswer(lives, delivery, prev, connection, now);
}

function readAnswered(
  lives: Lives,
  delivery: number,
  prev: number,
  connection: Connection,
  low: Micros,
  high: Micros,
  now: Micros,
): void {
  const { deliveries, history } = lives;
  const row = deliveries.answerRow[prev]!;
  const at = history.at[row]!;
  const arrival = connection.arrivalHigh(at);
  const broke = connection.endRow >= 0 && connection.endAt <= arrival + connection.travelMax;
  const inTime = arrival < low;
  deliveries.causeRow[delivery] = row;
  if (deliveries.answer[prev] === ANSWER.requeue) {
    const delay = Math.min(history.value[row]!, lives.optionsOf(connection.nsqd, connection.openedAt).maxReqTimeout);
    const pace = lives.paceOf(connection.nsqd);
    const askedLow = at + lives.terms.latencyMin + pace.soonest(delay);
    const askedHigh = arrival + pace.latest(delay);
    const sure = inTime && !broke;
    deliveries.allowedLow[delivery] = sure ? askedLow : Math.min(askedLow, low);
    deliveries.allowedHigh[delivery] = sure ? askedHigh : Math.max(askedHigh, high);
    const asked = sure || (now >= askedLow + lives.terms.latencyMin && (now < low || (!broke && at < low)));
    deliveries.cause[delivery] = asked ? CAUSE.requeued : broke ? CAUSE.connectionLost : CAUSE.timedOut;
    return;
  }
  deliveries.cause[delivery] = broke ? CAUSE.finLost : inTime ? CAUSE.finished : CAUSE.timedOut;
}

function readUnanswered(lives: Lives, delivery: number, prev: number, connection: Connection, high: Micros): void {
  const { deliveries, history } = lives;
  const from = history.at[deliveries.row[prev]!]!;
  for (const kill of connection.clientLife.kills) {
    const at = history.at[kill]!;
    if (at < from || at > high) continue;
    deliveries.cause[delivery] = CAUSE.crashed;
    deliveries.causeRow[delivery] = kill;
    return;
  }
  const lost = connection.endAt <= high;
  deliveries.cause[delivery] = lost ? CAUSE.connectionLost : CAUSE.timedOut;
  deliveries.causeRow[delivery] = lost ? connection.endRow : -1;
}

/**
 * Ids are per message, not per delivery: a late REQ of an earlier delivery to the same connection requeues `prev`, if
 * nsqd had sent it by then.
 */
function readOlderAnswer(lives: Lives, delivery: number, prev: number, connection: Connection, now: Micros): void {
  const { deliveries, history, terms } = lives;
  for (let other = deliveries.earlier[prev]!; other >= 0; other = deliveries.earlier[other]!) {
    const row = deliveries.answerRow[other]!;
    if (deliveries.connection[other] !== connection.index || deliveries.answer[other] !== ANSWER.requeue) continue;
    const arrival = connection.arrivalHigh(history.at[row]!);
    if (arrival < deliveries.sentLow[prev]!) continue;
    const delay = Math.min(history.value[row]!, lives.optionsOf(connection.nsqd, connection.openedAt).maxReqTimeout);
    const pace = lives.paceOf(connection.nsqd);
    const askedLow = history.at[row]! + terms.latencyMin + pace.soonest(delay);
    const isUnexplained =
      deliveries.cause[delivery] === CAUSE.finished || now < deliveries.allowedLow[delivery]! + terms.latencyMin;
    if (isUnexplained && now >= askedLow + terms.latencyMin) {
      deliveries.cause[delivery] = CAUSE.requeued;
      deliveries.causeRow[delivery] = row;
    }
    deliveries.allowedLow[delivery] = Math.min(deliveries.allowedLow[delivery]!, askedLow);
    deliveries.allowedHigh[delivery] = Math.max(deliveries.allowedHigh[delivery]!, arrival + pace.latest(delay));
  }
}

/** nsqd was started again between the two: all timers are forgotten, what it kept is deliverable at once (§10.1). */
function readRestart(lives: Lives, delivery: number, prev: number, connection: Connection, now: Micros): boolean {
  const { deliveries, history } = lives;
  const own = lives.connections[deliveries.connection[delivery]!]!;
  const { starts, stops } = connection.nsqdLife;
  // What an older connection had before may still arrive when nsqd has started again: it was sent before.
  const start = starts.findLast((row) => history.at[row]! <= own.openedAt);
  if (start === undefined || history.at[start]! <= connection.openedAt || history.at[start]! > now) return false;
  const at = history.at[start]!;
  const answer = deliveries.answer[prev]!;
  const answerRow = deliveries.answerRow[prev]!;
  const answerAt = answer === ANSWER.none ? Infinity : history.at[answerRow]!;
  // An answer that came too late, or may have, was refused; and an nsqd that stops closes its connections at once.
  const closing = stops.find((row) => history.at[row]! >= connection.openedAt);
  const latest = Math.min(deliveries.allowedLow[delivery]!, closing === undefined ? Infinity : history.at[closing]!);
  const isInTime = connection.arrivalHigh(answerAt) < latest;
  const taken = isInTime && deliveries.refusalRow[prev]! < 0 && connection.arrived(answerAt, now);
  const stop = stops.at(-1);
  const clean = stop !== undefined && history.at[stop]! > connection.openedAt;
  const { list: surveys } = lives.surveysOf(connection.nsqd);
  const surveyed = lives.surveysOf(connection.nsqd).atStart(at);
  const place = lives.places[lives.lives.place[deliveries.life[delivery]!]!]!;
  const msg = history.msg[deliveries.row[delivery]!]!;
  const isKept = surveyed === undefined || surveyed.copies(place, msg) > 0;
  let cause: number = isKept ? CAUSE.restarted : CAUSE.resurrected;
  if (!isKept && leavesBytes(lives, place) && surveyed.ignored(place, msg) > 0) cause = CAUSE.replayed;
  // A crash takes the answer, too: what comes is what the files held, with the attempts of then.
  const crashed = surveys.some(
    (survey) => isOutdated(lives, connection.nsqd, survey) && survey.at > history.at[deliveries.row[prev]!]!,
  );
  // An attempt that nobody saw went down with nsqd, and had not to run into its deadline.
  const attempts = history.value[deliveries.row[delivery]!]!;
  const isNext = history.value[deliveries.row[prev]!]! + 1 === attempts;
  if (answer === ANSWER.requeue && taken && isKept && !crashed && isNext) {
    cause = CAUSE.requeued;
  } else if (answer === ANSWER.finish && taken) {
    if (surveyed === undefined) cause = clean ? CAUSE.finished : CAUSE.restarted;
    else cause = mayReplay(lives, delivery, place, answerRow) ? CAUSE.replayed : CAUSE.finished;
  }
  const shows = cause === CAUSE.requeued || cause === CAUSE.finished;
  deliveries.cause[delivery] = cause;
  deliveries.causeRow[delivery] = shows ? answerRow : (surveyed?.row ?? start);
  deliveries.allowedLow[delivery] = at;
  deliveries.allowedHigh[delivery] = Infinity;
  return true;
}

/**
 * A finished message comes again when a crash found nsqd before the sync that would have told its files (diskqueue §11),
 * when the disk refused to be told at a clean stop, or, in nsqd 1.3, out of bytes that a crash had left behind the end of a file (surprises 19a).
 */
function mayReplay(lives: Lives, delivery: number, place: Place, finish: number): boolean {
  const msg = lives.history.msg[lives.deliveries.row[delivery]!]!;
  const { nsqd } = place.topic;
  const leaves = leavesBytes(lives, place);
  return lives.surveysOf(nsqd).list.some((survey) => {
    if (survey.row < finish) return false;
    if (leaves && survey.ignored(place, msg) > 0) return true;
    if (survey.copies(place, msg) === 0) return false;
    return isOutdated(lives, nsqd, survey) || (leaves && survey.isSalvaged(place, msg));
  });
}

/** Written over from its beginning, a file that no state leads to may be read to its end (surprises 19a). */
export function leavesBytes(lives: Lives, { topic }: Place, at?: Micros): boolean {
  return lives.optionsOf(topic.nsqd, at).profile === "nsqd-1.3";
}

/** The files may be of a time before the end of the incarnation that wrote them. */
function isOutdated(lives: Lives, nsqd: number, survey: Survey): boolean {
  return survey.crashed || refusalAtEnd(lives, nsqd, survey) !== undefined;
}
