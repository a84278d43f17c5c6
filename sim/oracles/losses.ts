import { KIND } from "../history.ts";
import type { LedgerEntry } from "../result.ts";
import type { LossLicence } from "../scenario/types.ts";
import { damageOrRefusal, lossAtEnd, type Excuse } from "./ends.ts";
import { fanOutOf } from "./fan-out.ts";
import type { Lives } from "./lives.ts";
import type { Place, Removal } from "./places.ts";
import { whyWaiting } from "./waiting.ts";
import { at, seconds } from "./words.ts";

const KNOWN = new WeakMap<Lives, LedgerEntry<LossLicence>[]>();

/**
 * Every accepted message that a channel owes and that was not finished there, with what excuses it. Looked for in this
 * order: given up; emptied or deleted by an operator; sampled away; ephemeral; gone with an incarnation of its nsqd, by
 * what the survey of the files says; still held at the end, by nsqd's own gauges where the history ends with them, else
 * because it had nobody to go to; damaged or refused by the disk.
 */
export function lossesOf(lives: Lives): LedgerEntry<LossLicence>[] {
  const known = KNOWN.get(lives);
  if (known !== undefined) return known;
  const { missingMsg, missingPlace, missingLife } = fanOutOf(lives);
  const entries: LedgerEntry<LossLicence>[] = [];
  const stock = new Map<Place, number>();
  for (const [index, msg] of missingMsg.entries()) {
    const place = missingPlace[index]!;
    const life = missingLife[index]!;
    const excuse = excuseOf(lives, msg, place, life) ?? heldOrGone(lives, msg, place, life, stock);
    const rows = [lives.messages.publishRow[msg]!, lives.messages.outcomeRow[msg]!];
    if (life >= 0) rows.push(lives.deliveries.row[lives.lives.top[life]!]!);
    if (excuse.row >= 0) rows.push(excuse.row);
    const text = `message ${msg}, accepted at ${seconds(at(lives, rows[1]!))}, is not finished on ${place.name}: ${excuse.text}`;
    entries.push({ msg, place: place.name, licence: excuse.licence, rows, text });
  }
  KNOWN.set(lives, entries);
  return entries;
}

function excuseOf(lives: Lives, msg: number, place: Place, life: number): Excuse | null {
  const published = at(lives, lives.messages.publishRow[msg]!);
  if (life >= 0 && lives.lives.giveUpRow[life]! >= 0) return givenUp(lives, lives.lives.giveUpRow[life]!);
  // What was on its way at that time may show later.
  const seen = life < 0 ? -Infinity : lives.deliveries.sentLow[lives.lives.last[life]!]!;
  const removal =
    removalOf(place.removals, published, seen) ?? (life < 0 ? removalOf(place.topic.removals, published, seen) : null);
  if (removal !== null) {
    return { licence: "emptied", row: removal.row, text: `${removal.text} by an operator at ${seconds(removal.from)}` };
  }
  for (const { spec, config } of lives.terms.consumers.values()) {
    if (config.sampleRate === 0 || `${spec.topic}/${spec.channel}` !== place.name) continue;
    return { licence: "sampled", row: -1, text: `${spec.name} takes a sample of ${config.sampleRate} %` };
  }
  if (place.ephemeral || place.topic.ephemeral) return { licence: "ephemeral", row: -1, text: "ephemeral" };
  return lossAtEnd(lives, msg, place, Math.max(published, seen));
}

/** A consumer may give up what has come more often than it allows, not before. */
function givenUp(lives: Lives, row: number): Excuse {
  const { process, value: attempts } = lives.history.event(row);
  const consumer = lives.terms.consumers.get(process);
  const limit = consumer === undefined ? 0 : (consumer.spec.maxAttempts ?? consumer.config.maxAttempts);
  const text = `given up by its consumer at ${seconds(at(lives, row))}`;
  const isDue = consumer === undefined || (limit > 0 && attempts > limit);
  if (isDue) return { licence: "given-up", row, text };
  return { licence: null, row, text: `${text}, at attempt ${attempts}; its limit is ${limit === 0 ? "none" : limit}` };
}

function heldOrGone(lives: Lives, msg: number, place: Place, life: number, stock: Map<Place, number>): Excuse {
  const held = stillHeld(lives, msg, place, life, stock);
  // Where nsqd does not know what it holds, what its disk has done tells more.
  if (held.licence !== null && isCounted(lives, place)) return held;
  const published = at(lives, lives.messages.publishRow[msg]!);
  const seen = life < 0 ? -Infinity : lives.deliveries.sentLow[lives.lives.last[life]!]!;
  return damageOrRefusal(lives, msg, place, Math.max(published, seen)) ?? held;
}

/** An operation that may have removed what was published by then and was last seen before. */
function removalOf(removals: readonly Removal[], published: number, seen: number): Removal | null {
  return removals.find((removal) => published <= removal.to && seen <= removal.to) ?? null;
}

/** `stock`: what the gauges say each place holds, less what was already found there. */
function stillHeld(lives: Lives, msg: number, place: Place, life: number, stock: Map<Place, number>): Excuse {
  const waiting = whyWaiting(lives, msg, place, life);
  const held = stock.has(place) ? stock.get(place)! : isCounted(lives, place) ? heldAtEnd(lives, place) : null;
  if (held !== null) {
    stock.set(place, held - 1);
    if (held > 0) return { licence: "still-held", row: -1, text: `still held by nsqd: ${waiting.text}` };
    return { licence: null, row: -1, text: "nsqd does not hold it any more" };
  }
  const lost = waiting.reason === "broker" && place.idleAtEnd(lives.history.at[lives.rows - 1]!);
  if (!lost) return { licence: "still-held", row: -1, text: `nsqd must hold it still: ${waiting.text}` };
  return { licence: null, row: -1, text: `gone: ${waiting.text}` };
}

/** After a crash nsqd 1.3 knows its depth again only when it has read everything (diskqueue §8, §11). */
function isCounted(lives: Lives, { topic }: Place): boolean {
  const { list } = lives.surveysOf(topic.nsqd);
  return lives.optionsOf(topic.nsqd).profile === "exact" || list.every(({ crashed }) => !crashed);
}

/** Messages that nsqd says it holds for a place, by gauges later than anything that happened there; null: none are. */
function heldAtEnd(lives: Lives, place: Place): number | null {
  const { history, gaugeRows } = lives;
  let held = 0;
  let seen = 0;
  const instant = gaugeRows.length === 0 ? -1 : history.at[gaugeRows.at(-1)!]!;
  for (let index = gaugeRows.length - 1; index >= 0 && history.at[gaugeRows[index]!] === instant; index -= 1) {
    const row = gaugeRows[index]!;
    if (row < place.lastRow || history.peer[row] !== 0 || history.process[row] !== place.topic.nsqd) continue;
    const name = history.strings[history.place[row]!]!;
    const what = history.strings[history.note[row]!]!;
    if (name !== place.name && (name !== place.topic.name || what !== "depth")) continue;
    if (what !== "depth" && what !== "in-flight" && what !== "deferred") continue;
    if (history.kind[row] !== KIND.gauge) continue;
    if (name === place.name) seen += 1;
    held += history.value[row]!;
  }
  return seen === 0 ? null : held;
}
