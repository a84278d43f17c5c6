import type { Micros } from "../../core/time.ts";
import type { Connection } from "./connections.ts";
import { heldUntil } from "./held-topics.ts";
import type { Lives } from "./lives.ts";
import type { Place } from "./places.ts";
import { LATE_LICENCES, LATE_WITHOUT_EXCUSE } from "./tables.ts";
import { noticeBound } from "./terms.ts";
import { refusedUntil } from "./troubles.ts";

const EXCUSE = Object.fromEntries(LATE_LICENCES.map((name, index) => [name ?? "none", index])) as Readonly<
  Record<NonNullable<(typeof LATE_LICENCES)[number]> | "none", number>
>;

/** Latest instant at which nsqd notices that something of a place was due at `due`: see {@link noticeBound}. */
export function noticedBy(lives: Lives, place: Place, due: Micros): Micros {
  const { nsqd } = place.topic;
  const bound = noticeBound(lives.optionsOf(nsqd, due), due, place.renewedAt, lives.channelsOf[nsqd]!);
  return due + lives.paceOf(nsqd).latest(bound);
}

/**
 * Why a delivery on a connection at `now` was too late, as an index of {@link LATE_LICENCES}.
 *
 * Without excuse is a delivery when a consumer on an undisturbed path had room for longer than the place's window while
 * nothing came at all: nsqd had the message and somebody to give it to. Otherwise the first of the conditions that held
 * at some instant since `due` is the licence.
 *
 * @param noticed see {@link noticedBy}
 * @param before last instant at which the message may have stood behind others
 */
export function readLateness(
  lives: Lives,
  place: Place,
  connection: Connection,
  due: Micros,
  noticed: Micros,
  before: Micros,
  now: Micros,
): number {
  if (connection.disturbed(due, now)) return EXCUSE.fault;
  const held = heldUntil(lives, place.topic, now);
  const refused = refusedUntil(lives, place.topic.nsqd, now);
  const from = Math.max(place.idleFrom, noticed, place.unsettledUntil, held, refused);
  // A full channel beside it keeps the message in the topic (`before` is now).
  if (before < now && place.idleTo - from > place.window) return LATE_WITHOUT_EXCUSE;
  if (place.lastDisturbance(due, now) !== -1 || held >= due) return EXCUSE.fault;
  if (place.paused || place.topic.paused) return EXCUSE.paused;
  if (place.pausedUntil >= due || place.topic.pausedUntil >= due) return EXCUSE.paused;
  if (place.unconnectedUntil >= due) return EXCUSE["no-connection"];
  if (place.backingOff.size > 0 || place.backoffUntil >= due) return EXCUSE.backoff;
  if (before >= due) return EXCUSE.queueing;
  return refused >= due ? EXCUSE.fault : EXCUSE["no-ready-consumer"];
}
