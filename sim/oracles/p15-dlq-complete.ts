import { KIND } from "../history.ts";
import type { Evidence, Verdict } from "../result.ts";
import type { Envelope } from "../apps/dead-letters.ts";
import { isStored } from "./effects.ts";
import { fanOutOf, SHARE } from "./fan-out.ts";
import { Findings } from "./findings.ts";
import type { Lives } from "./lives.ts";
import { lossesOf } from "./losses.ts";
import type { Place } from "./places.ts";
import { livesOf } from "./read.ts";
import { at, count, seconds } from "./words.ts";

/** How a handler ends that did what it should. */
const GOOD = ["ok", "known"];

/**
 * P15, dead letters complete: on a channel whose consumers have a dead-letter topic every accepted message was handled,
 * or put aside there, or is still in the broker. A dead letter says where its message came from (topic, channel), at which
 * attempt it was put aside, and the error of its last handler. Judged where a consumer has `deadLetter`.
 *
 * Sees: handled, finish, give-up, dead-letter rows and the outcomes of publishes; a dead letter counts when its own
 * publish was accepted, or somebody received it.
 * Licences: what nsqd lost under a licence of P2 other than `given-up` is not the consumer's loss. A message may be put
 * aside twice, or be handled after it was: counted, not a violation.
 * Blind: what becomes of the dead letters (they are messages of their own, judged as such).
 */
export function judgeP15(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  const places = lives.places.filter((place) => hasDeadLetters(lives, place));
  if (places.length === 0) return findings.verdict("P15", "", "no consumer has dead letters");
  const ends = readEnds(lives);
  judgeLetters(lives, findings);
  let messages = 0;
  let aside = 0;
  const fanOut = fanOutOf(lives);
  const excuses = excusesOf(lives);
  for (const place of places) {
    const shares = fanOut.shares[place.index]!;
    const ofPlace = ends.get(place.name);
    for (const [rank, msg] of place.topic.messages.entries()) {
      if (shares[rank] !== SHARE.owed) continue;
      messages += 1;
      const end = ofPlace?.get(msg);
      if (end?.isAside === true) aside += 1;
      if (end?.isHandled === true || end?.isAside === true) continue;
      const excuse = excuses.get(place)?.get(msg);
      // Finished without being handled well is never in the broker any more; else the ledger says where it is.
      if (excuse !== undefined && excuse.licence !== "given-up") continue;
      const accepted = lives.messages.outcomeRow[msg]!;
      findings.violation(msg, [accepted, end?.row ?? -1], () => {
        const since = `message ${msg}, accepted at ${seconds(at(lives, accepted))}`;
        const last = end === undefined ? "no handler ever ended" : `its last handler ended with "${end.text}"`;
        const why = excuse === undefined ? "it was finished all the same" : excuse.text;
        return `${since}, was neither handled on ${place.name} nor put aside: ${last}; ${why}`;
      });
    }
  }
  const letters = findings.looked;
  findings.looked += messages;
  const saw = `${count(messages, "message")}, ${aside} of them put aside, and ${count(letters, "dead letter")}`;
  return findings.verdict("P15", saw, "nothing was accepted");
}

function hasDeadLetters(lives: Lives, place: Place): boolean {
  for (const { spec } of lives.terms.consumers.values())
    if (spec.deadLetter !== undefined && `${spec.topic}/${spec.channel}` === place.name) return true;
  return false;
}

/** What handlers made of a message on one channel. */
interface End {
  isHandled: boolean;
  isAside: boolean;
  /** How the last one ended, and the row that says so. */
  text: string;
  row: number;
}

function readEnds(lives: Lives): Map<string, Map<number, End>> {
  const { history, rows } = lives;
  const ends = new Map<string, Map<number, End>>();
  for (let row = 0; row < rows; row += 1) {
    const kind = history.kind[row];
    if (kind !== KIND.handled && kind !== KIND["dead-letter"]) continue;
    const place = history.strings[history.place[row]!]!;
    let ofPlace = ends.get(place);
    if (ofPlace === undefined) ends.set(place, (ofPlace = new Map()));
    let end = ofPlace.get(history.msg[row]!);
    if (end === undefined) ofPlace.set(history.msg[row]!, (end = { isHandled: false, isAside: false, text: "", row }));
    if (kind === KIND.handled) {
      end.text = history.strings[history.note[row]!]!;
      end.row = row;
      end.isHandled ||= GOOD.includes(end.text);
    } else end.isAside ||= isStored(lives, history.detail[row]!);
  }
  return ends;
}

/** Every dead letter must say what it stands for. */
function judgeLetters(lives: Lives, findings: Findings): void {
  const { history, rows } = lives;
  const errors = new Map<string, string>();
  for (let row = 0; row < rows; row += 1) {
    const kind = history.kind[row];
    if (kind !== KIND.handled && kind !== KIND["dead-letter"]) continue;
    const msg = history.msg[row]!;
    const place = history.strings[history.place[row]!]!;
    const text = history.strings[history.note[row]!]!;
    const delivery = `${history.process[row]!} ${history.conn[row]!} ${msg} ${place}`;
    if (kind === KIND.handled) {
      errors.set(delivery, text);
      continue;
    }
    findings.looked += 1;
    const wrong = wrongIn(text, place, history.value[row]!, errors.get(delivery) ?? "");
    if (wrong === null) continue;
    findings.violation(msg, [row], () => {
      return `the dead letter of message ${msg} on ${place} at ${seconds(at(lives, row))} ${wrong}`;
    });
  }
}

/** What a dead letter says wrong, or null. */
function wrongIn(text: string, place: string, attempts: number, error: string): string | null {
  let envelope: Partial<Envelope>;
  try {
    envelope = JSON.parse(text) as Partial<Envelope>;
  } catch {
    return `cannot be read: ${text}`;
  }
  const [topic, channel] = place.split("/");
  const right: Envelope = { topic: topic!, channel: channel!, attempts, error };
  for (const [field, value] of Object.entries(right)) {
    const said = envelope[field as keyof Envelope];
    if (said !== value) return `says ${field} ${JSON.stringify(said) ?? "nothing"}, not ${JSON.stringify(value)}`;
  }
  return null;
}

function excusesOf(lives: Lives): Map<Place, Map<number, { readonly licence: string | null; readonly text: string }>> {
  const fanOut = fanOutOf(lives);
  const excuses = new Map<Place, Map<number, { readonly licence: string | null; readonly text: string }>>();
  for (const [index, { msg, licence, text }] of lossesOf(lives).entries()) {
    const place = fanOut.missingPlace[index]!;
    const ofPlace = excuses.get(place) ?? new Map<number, { licence: string | null; text: string }>();
    excuses.set(place, ofPlace.set(msg, { licence, text: text.slice(text.indexOf(": ") + 2) }));
  }
  return excuses;
}
