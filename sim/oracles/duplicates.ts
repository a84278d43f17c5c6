import type { LedgerEntry } from "../result.ts";
import type { DuplicateLicence } from "../scenario/types.ts";
import type { Lives } from "./lives.ts";
import { CAUSE } from "./tables.ts";
import { at, msgOf, placeOf, seconds, span, told } from "./words.ts";

const LICENCES: Readonly<Record<number, DuplicateLicence>> = {
  [CAUSE.requeued]: "requeue",
  [CAUSE.timedOut]: "timeout",
  [CAUSE.crashed]: "consumer-crash",
  [CAUSE.finLost]: "lost-fin",
  [CAUSE.connectionLost]: "connection-loss",
  [CAUSE.restarted]: "broker-restart",
  [CAUSE.replayed]: "crash-replay",
  // Its deadline passed while its bytes were on the way.
  [CAUSE.overtaken]: "timeout",
};

/** Earlier than anything allows: by the clock of the client, one shortest trip after nsqd may have sent it. */
export function isEarly(lives: Lives, delivery: number): boolean {
  const { deliveries, terms } = lives;
  return at(lives, deliveries.row[delivery]!) < deliveries.allowedLow[delivery]! + terms.latencyMin;
}

/** Every delivery after the first of its message and channel, and every second copy that a producer's retry made. */
export function duplicatesOf(lives: Lives): LedgerEntry<DuplicateLicence>[] {
  const entries: LedgerEntry<DuplicateLicence>[] = [];
  const { deliveries } = lives;
  for (let delivery = 0; delivery < deliveries.count; delivery += 1) {
    if (deliveries.prev[delivery]! >= 0) entries.push(duplicate(lives, delivery));
  }
  pushRetries(lives, entries);
  return entries;
}

function duplicate(lives: Lives, delivery: number): LedgerEntry<DuplicateLicence> {
  const { deliveries } = lives;
  const prev = deliveries.prev[delivery]!;
  const cause = deliveries.cause[delivery]!;
  const causeRow = deliveries.causeRow[delivery]!;
  const connection = lives.connections[deliveries.connection[prev]!]!;
  const licence = isEarly(lives, delivery) || deliveries.hidden[delivery]! < 0 ? null : (LICENCES[cause] ?? null);
  const rows = [deliveries.row[prev]!];
  if (causeRow >= 0) rows.push(causeRow);
  if (cause === CAUSE.finLost) rows.push(connection.endRow);
  rows.push(deliveries.row[delivery]!);
  const text = `${told(lives, delivery)}: ${licence === null ? "nothing excuses it" : why(lives, cause, prev, causeRow)}`;
  return { msg: msgOf(lives, delivery), place: placeOf(lives, delivery), licence, rows, text };
}

function why(lives: Lives, cause: number, prev: number, causeRow: number): string {
  const { deliveries } = lives;
  const connection = lives.connections[deliveries.connection[prev]!]!;
  const who = connection.clientLife.name;
  const since = seconds(at(lives, deliveries.row[prev]!));
  switch (cause) {
    case CAUSE.requeued:
      return `${who} requeued it at ${seconds(at(lives, causeRow))}, delay ${span(lives.history.value[causeRow]!)}`;
    case CAUSE.crashed:
      return `${who}, which had it since ${since}, died at ${seconds(at(lives, causeRow))}; its deadline passed`;
    case CAUSE.finLost:
      return `the FIN of ${who} at ${seconds(at(lives, causeRow))} was lost with its connection; its deadline passed`;
    case CAUSE.connectionLost:
      return `${who}, which had it since ${since}, lost the connection at ${seconds(connection.endAt)}; its deadline passed`;
    case CAUSE.restarted:
      return `${connection.nsqdLife.name} started again at ${seconds(at(lives, causeRow))}`;
    case CAUSE.replayed:
      return `${who} had finished it, but the files of ${connection.nsqdLife.name} still held it after a crash`;
    case CAUSE.overtaken:
      return "its bytes were held; its deadline passed meanwhile, and a later attempt was faster";
    default:
      return `${who} had it since ${since}; its deadline passed`;
  }
}

/** `detail` of a publish names the message that it repeats. A repetition counts when both are in nsqd. */
function pushRetries(lives: Lives, entries: LedgerEntry<DuplicateLicence>[]): void {
  const { messages, history } = lives;
  const origins = new Map<number, number>();
  const stored = new Map<number, number>();
  for (let msg = 1; msg < messages.size; msg += 1) {
    const publish = messages.publishRow[msg]!;
    const repeats = publish < 0 ? 0 : history.detail[publish]!;
    if (repeats <= 0 || repeats >= messages.size) continue;
    const origin = origins.get(repeats) ?? repeats;
    origins.set(msg, origin);
    if (!stored.has(origin) && isStored(lives, origin)) stored.set(origin, origin);
    if (!isStored(lives, msg)) continue;
    const first = stored.get(origin);
    if (first === undefined) {
      stored.set(origin, msg);
      continue;
    }
    const topic = lives.topics[messages.topic[msg]!]!;
    const rows = [messages.publishRow[first]!, messages.outcomeRow[first]!, publish].filter((row) => row >= 0);
    const text = `message ${msg} repeats message ${first} on ${topic.name} at ${seconds(at(lives, publish))}; nsqd has both`;
    entries.push({ msg, place: topic.name, licence: "producer-retry", rows, text });
  }
}

/** Answered OK, or seen by a consumer. */
function isStored(lives: Lives, msg: number): boolean {
  return lives.accepted(msg) || lives.messages.idRow[msg]! >= 0;
}
