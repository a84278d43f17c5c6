import { KIND } from "../history.ts";
import type { Lives } from "./lives.ts";
import type { Place } from "./places.ts";
import { deadlineHigh } from "./redelivery.ts";
import { ANSWER } from "./tables.ts";
import { seconds } from "./words.ts";

/** Why an unfinished message is where it is when the history ends. */
export interface Waiting {
  /**
   * Waits for somebody who was never going to act: `no-consumer`, `paused`, `not-due`, `in-handler`.
   * Or for somebody who should: `no-connection`, `backoff`, `no-room`, `broker`.
   */
  readonly reason:
    | "no-consumer"
    | "paused"
    | "not-due"
    | "in-handler"
    | "no-connection"
    | "backoff"
    | "no-room"
    | "broker";
  readonly text: string;
}

/** Who waits for what: the state of a message's channel, by what its clients did last. `life` -1: never delivered. */
export function whyWaiting(lives: Lives, msg: number, place: Place, life: number): Waiting {
  const end = lives.history.at[lives.rows - 1]!;
  const held = life < 0 ? notDueFirst(lives, msg, place, end) : heldByClient(lives, lives.lives.top[life]!, end);
  if (held !== null) return held;
  const nsqd = lives.history.strings[place.topic.nsqd]!;
  const consumers = [...lives.terms.consumers.values()].filter(
    ({ spec }) =>
      `${spec.topic}/${spec.channel}` === place.name && (spec.nsqd.includes(nsqd) || spec.lookupd !== undefined),
  );
  const alive = consumers.filter(({ spec }) => lives.weather.named(spec.name)?.alive !== false);
  if (alive.length === 0) return { reason: "no-consumer", text: "no consumer of the channel is running" };
  if (place.paused) return { reason: "paused", text: "the channel is paused" };
  if (place.topic.paused) return { reason: "paused", text: "the topic is paused" };
  const names = alive.map(({ spec }) => spec.name).join(", ");
  if (place.open === 0) return { reason: "no-connection", text: `${names} has no connection to nsqd` };
  if (place.readyConnections > 0) return { reason: "broker", text: `${names} has room, but nsqd sends nothing` };
  if (place.backingOff.size > 0) return { reason: "backoff", text: `${names} is in backoff, RDY 0` };
  return { reason: "no-room", text: `${names} has no room: RDY is 0 or used up` };
}

function notDueFirst(lives: Lives, msg: number, place: Place, end: number): Waiting | null {
  const delay = lives.history.value[lives.messages.publishRow[msg]!]!;
  if (delay === 0) return null;
  const due = Math.max(lives.history.at[lives.messages.outcomeRow[msg]!]!, place.createdAt) + delay;
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
