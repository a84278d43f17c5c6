import type { Micros } from "../../core/time.ts";
import type { Connection } from "./connections.ts";
import type { Lives } from "./lives.ts";
import type { Place } from "./places.ts";
import { LATE_LICENCES, LATE_WITHOUT_EXCUSE } from "./tables.ts";
import { noticeBound } from "./terms.ts";

const EXCUSE = Object.fromEntries(LATE_LICENCES.map((name, index) => [name ?? "none", index])) as Readonly<
  Record<NonNullable<(typeof LATE_LICENCES)[number]> | "none", number>
>;

/**
 * Latest instant at which a message that is due at `due` shows at its consumer when nothing excuses it: the profile's
 * bound, the way, and nsqd's output buffer.
 *
 * @param timed it waits for an instant (a deadline or a delay), not just for its turn
 */
export function latestArrival(lives: Lives, place: Place, connection: Connection, due: Micros, timed: boolean): Micros {
  const options = lives.optionsOf(connection.nsqd);
  const notice = timed ? noticeBound(options, due, place.createdAt, lives.places.length) : 0;
  return due + notice + connection.travelMax + connection.bufferMax;
}

/**
 * Why a delivery on a connection at `now` was too late, as an index of {@link LATE_LICENCES}.
 *
 * Without excuse is a delivery when a consumer on an undisturbed path had room for longer than the place's window while
 * nothing came at all: nsqd had the message and somebody to give it to. Otherwise the first of the conditions that held
 * at some instant since `due` is the licence.
 *
 * @param before last instant at which the message may have stood behind others
 */
export function readLateness(place: Place, connection: Connection, due: Micros, before: Micros, now: Micros): number {
  if (connection.disturbed(due, now)) return EXCUSE.fault;
  const from = Math.max(place.idleFrom, due, place.unsettledUntil);
  // A full channel beside it keeps the message in the topic (`before` is now).
  if (before < now && place.idleTo - from > place.window) return LATE_WITHOUT_EXCUSE;
  if (place.lastDisturbance(due, now) !== -1) return EXCUSE.fault;
  if (place.paused || place.topic.paused) return EXCUSE.paused;
  if (place.pausedUntil >= due || place.topic.pausedUntil >= due) return EXCUSE.paused;
  if (place.unconnectedUntil >= due) return EXCUSE["no-connection"];
  if (place.backingOff.size > 0 || place.backoffUntil >= due) return EXCUSE.backoff;
  return before >= due ? EXCUSE.queueing : EXCUSE["no-ready-consumer"];
}
