import type { Micros } from "../../core/time.ts";
import type { Connection } from "./connections.ts";
import { fanOutOf, SHARE } from "./fan-out.ts";
import { noticedBy } from "./lateness.ts";
import type { Lives } from "./lives.ts";
import type { Place } from "./places.ts";
import { deadlineHigh, deadlineLow } from "./redelivery.ts";
import type { Survey } from "./surveys.ts";
import { ANSWER } from "./tables.ts";
import { at } from "./words.ts";

/** A message that a channel owed when its nsqd ended. */
export interface Remainder {
  readonly msg: number;
  readonly life: number;
  /**
   * What it can have been at that instant, at the latest: `queued` in memory or in a file, or outside of all queues,
   * in flight or put off.
   */
  readonly state: "queued" | "outside";
}

/** Pairs of an accepted, certainly unfinished message and one channel of an nsqd, at the end of an incarnation. */
export interface Remains {
  readonly place: Place;
  /** Those that the next incarnation must have. */
  readonly kept: readonly Remainder[];
  /** Those that are in no file that it reads, and that it cannot have. */
  readonly gone: readonly Remainder[];
}

/**
 * What each channel of an nsqd still owed when an incarnation ended, by what clients saw, and what of it the files hold by
 * the survey after it. Left out: what may have been finished, given up, emptied, deleted or sampled away; what is
 * ephemeral; what was gone before.
 */
export function remainsAt(lives: Lives, nsqd: number, survey: Survey, before: readonly Survey[]): Remains[] {
  const remains: Remains[] = [];
  const { shares } = fanOutOf(lives);
  for (const place of lives.places) {
    const { topic } = place;
    if (topic.nsqd !== nsqd || place.ephemeral || topic.ephemeral || isSampled(lives, place)) continue;
    const kept: Remainder[] = [];
    const gone: Remainder[] = [];
    for (const [rank, msg] of topic.messages.entries()) {
      if (shares[place.index]?.[rank] !== SHARE.owed) continue;
      const life = place.life(rank);
      if (!isOwed(lives, place, msg, life, survey) || wasGone(lives, place, msg, before)) continue;
      if (isBetween(lives, msg, before)) continue;
      const its = { msg, life, state: stateAt(lives, place, msg, life, at(lives, survey.endRow)) } as const;
      if (survey.keeps(place, msg)) kept.push(its);
      else if (survey.copies(place, msg) === 0) gone.push(its);
    }
    remains.push({ place, kept, gone });
  }
  return remains;
}

/** Accepted by an incarnation before the survey, and nobody has done anything that could have removed it. */
function isOwed(lives: Lives, place: Place, msg: number, life: number, survey: Survey): boolean {
  const accepted = lives.messages.outcomeRow[msg]!;
  const published = at(lives, lives.messages.publishRow[msg]!);
  if (accepted >= survey.row) return false;
  for (const { from, to } of [...place.removals, ...place.topic.removals])
    if (published <= to && from <= survey.at) return false;
  if (life < 0) return true;
  const gaveUp = lives.lives.giveUpRow[life]!;
  if (gaveUp >= 0 && gaveUp < survey.row) return false;
  const { deliveries } = lives;
  for (let delivery = lives.lives.last[life]!; delivery >= 0; delivery = deliveries.earlier[delivery]!) {
    if (deliveries.answer[delivery] !== ANSWER.finish || deliveries.answerRow[delivery]! > survey.row) continue;
    if (deliveries.refusalRow[delivery]! < 0) return false;
  }
  return true;
}

/** An earlier end has taken it: it may only come back where that survey was wrong. */
function wasGone(lives: Lives, place: Place, msg: number, before: readonly Survey[]): boolean {
  const accepted = lives.messages.outcomeRow[msg]!;
  return before.some((survey) => accepted < survey.row && survey.copies(place, msg) === 0);
}

/** Its OK came when an earlier incarnation had ended: which one has accepted it is not known. */
function isBetween({ messages }: Lives, msg: number, before: readonly Survey[]): boolean {
  const published = messages.publishRow[msg]!;
  const accepted = messages.outcomeRow[msg]!;
  return before.some(({ row, endRow }) => published < row && accepted > endRow);
}

function stateAt(lives: Lives, place: Place, msg: number, life: number, end: Micros): Remainder["state"] {
  const { deliveries, history, messages } = lives;
  if (history.value[messages.publishRow[msg]!]! > 0) return "outside";
  for (
    let delivery = life < 0 ? -1 : lives.lives.last[life]!;
    delivery >= 0;
    delivery = deliveries.earlier[delivery]!
  ) {
    const row = deliveries.row[delivery]!;
    if (history.at[row]! > end) continue;
    if (deliveries.answer[delivery] === ANSWER.requeue && history.value[deliveries.answerRow[delivery]!]! > 0)
      return "outside";
    if (noticedBy(lives, place, deadlineHigh(lives, delivery)) >= end) return "outside";
  }
  return "queued";
}

function isSampled(lives: Lives, place: Place): boolean {
  for (const { spec, config } of lives.terms.consumers.values()) {
    if (config.sampleRate > 0 && `${spec.topic}/${spec.channel}` === place.name) return true;
  }
  return false;
}

/**
 * How many messages may have been on their way to consumers of a channel, unseen, at an instant: their RDY counts, less
 * what they certainly had.
 */
export function roomAt(lives: Lives, place: Place, end: Micros): number {
  let room = 0;
  const longest = lives.optionsUntil(place.topic.nsqd, end).maxMsgTimeout;
  const held = heldAt(lives, end);
  for (const connection of lives.connectionsOf[place.topic.nsqd] ?? []) {
    if (connection.place !== place || connection.openedAt > end || connection.endAt + longest < end) continue;
    room += Math.max(0, highestRdy(connection, end) - (held.get(connection.index) ?? 0));
  }
  return room;
}

/** By connection: messages that had arrived and were not answered, and that nsqd had not taken back. */
function heldAt(lives: Lives, end: Micros): Map<number, number> {
  const { deliveries, history } = lives;
  const held = new Map<number, number>();
  for (let delivery = 0; delivery < deliveries.count; delivery += 1) {
    const answer = deliveries.answerRow[delivery]!;
    if (history.at[deliveries.row[delivery]!]! > end || (answer >= 0 && history.at[answer]! <= end)) continue;
    if (deadlineLow(lives, delivery) < end) continue;
    const connection = deliveries.connection[delivery]!;
    held.set(connection, (held.get(connection) ?? 0) + 1);
  }
  return held;
}

/** The highest RDY under which a message can have been sent that had not arrived yet. */
function highestRdy(connection: Connection, end: Micros): number {
  const { rdyAt, rdyCount, travelMax, bufferMax } = connection;
  const flows = connection.endAt >= end && connection.isBounded && !connection.disturbed(connection.openedAt, end - 1);
  const from = flows ? end - travelMax - bufferMax : 0;
  let highest = 0;
  for (const [index, count] of rdyCount.entries()) {
    // It holds until the next one has arrived.
    const until = (rdyAt[index + 1] ?? Infinity) + travelMax;
    if (rdyAt[index]! <= end && until >= from) highest = Math.max(highest, count);
  }
  return highest;
}
