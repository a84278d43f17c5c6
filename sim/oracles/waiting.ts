import { KIND } from "../history.ts";
import type { Connection } from "./connections.ts";
import type { Lives } from "./lives.ts";
import type { Place } from "./places.ts";
import { deadlineHigh } from "./redelivery.ts";
import { ANSWER } from "./tables.ts";
import { type Unconnected, whyUnconnected } from "./unconnected.ts";
import { seconds } from "./words.ts";

/** Why an unfinished message is where it is when the history ends. */
export interface Waiting {
  /**
   * Waits for somebody who was never going to act: `no-consumer`, `paused`, `not-due`, `in-handler`. Or for somebody who
   * should: `backoff`, `no-room` (RDY is 0 or used up), `broker`, and as {@link Unconnected} says.
   */
  readonly reason:
    | "no-consumer"
    | "paused"
    | "not-due"
    | "in-handler"
    | "backoff"
    | "no-room"
    | "broker"
    | Unconnected["reason"];
  readonly text: string;
}

const KNOWN = new WeakMap<Lives, Map<Place, Waiting>>();

/** Who waits for what: the state of a message's channel, by what its clients did last. `life` -1: never delivered. */
export function whyWaiting(lives: Lives, msg: number, place: Place, life: number): Waiting {
  const end = lives.history.at[lives.rows - 1]!;
  const held = life < 0 ? notDueFirst(lives, msg, place, end) : heldByClient(lives, lives.lives.top[life]!, end);
  if (held !== null) return held;
  let known = KNOWN.get(lives);
  if (known === undefined) KNOWN.set(lives, (known = new Map()));
  let waiting = known.get(place);
  if (waiting === undefined) known.set(place, (waiting = whyQueued(lives, place)));
  return waiting;
}

/** Why a channel does not give away what it has. */
function whyQueued(lives: Lives, place: Place): Waiting {
  const nsqd = lives.history.strings[place.topic.nsqd]!;
  const consumers = [...lives.terms.consumers.values()].filter(
    ({ spec }) =>
      `${spec.topic}/${spec.channel}` === place.name && (spec.nsqd.includes(nsqd) || spec.lookupd !== undefined),
  );
  const alive = consumers.filter(({ spec }) => lives.weather.named(spec.name)?.alive !== false);
  if (alive.length === 0) return { reason: "no-consumer", text: "no consumer of the channel is running" };
  if (place.paused) return { reason: "paused", text: "the channel is paused" };
  if (place.topic.paused) return { reason: "paused", text: "the topic is paused" };
  if (place.open === 0) return whyUnconnected(lives, place, alive);
  const open = lives.connections.filter((one) => one.place === place && one.endRow < 0);
  const ready = open.filter((one) => one.ready).map(({ clientLife }) => clientLife.name);
  if (ready.length > 0) return { reason: "broker", text: `${ready.join(", ")} has room, but ${nsqd} sends nothing` };
  if (place.backingOff.size > 0) {
    const names = [...place.backingOff].map((name) => lives.history.strings[name]!);
    return { reason: "backoff", text: `${names.join(", ")} is in backoff, RDY 0` };
  }
  return { reason: "no-room", text: open.map((one) => tellRoom(one)).join("; ") };
}

function tellRoom({ clientLife: { name }, held, rdy, unanswered }: Connection): string {
  if (held > 0) return `what ${name} and nsqd send each other is held`;
  return rdy === 0 ? `${name} has no room: RDY 0` : `${name} has no room: ${unanswered} in flight at RDY ${rdy}`;
}

function notDueFirst(lives: Lives, msg: number, place: Place, end: number): Waiting | null {
  const delay = lives.history.value[lives.messages.publishRow[msg]!]!;
  if (delay === 0) return null;
  const due = Math.max(lives.history.at[lives.messages.outcomeRow[msg]!]!, place.renewedAt) + delay;
  return due < end ? null : { reason: "not-due", text: `published with a delay until ${seconds(due)}` };
}

/** In flight to somebody, or requeued for later. */
function heldByClient(lives: Lives, delivery: number, end: number): Waiting | null {
  const { deliveries, history } = lives;
  const answer = deliveries.answer[delivery]!;
  const connection = lives.connections[deliveries.connection[delivery]!]!;
  const row = deliveries.answerRow[delivery]!;
  if (answer === ANSWER.requeue && deliveries.refusalRow[delivery]! < 0 && history.kind[row] === KIND.requeue) {
    const due = connection.arrivalHigh(history.at[row]!) + history.value[row]!;
    // It may be on its way again.
    return due + connection.travelMax + connection.bufferMax < end
      ? null
      : { reason: "not-due", text: `requeued until ${seconds(due)}` };
  }
  const deadline = deadlineHigh(lives, delivery);
  if (deadline + connection.travelMax + connection.bufferMax < end) return null;
  const since = seconds(history.at[deliveries.row[delivery]!]!);
  const text = `in flight to ${connection.clientLife.name} since ${since}, until ${seconds(deadline)}`;
  return { reason: "in-handler", text };
}
