import { KIND } from "../history.ts";
import type { EffectClaim } from "../scenario/types.ts";
import { type FanOut, fanOutOf, SHARE } from "./fan-out.ts";
import type { Lives } from "./lives.ts";
import { lossesOf } from "./losses.ts";
import { at, seconds } from "./words.ts";

/** What is wrong with the effects of one business id on one channel. */
export interface EffectViolation {
  /** `again`: an effect took place before. `never`: a message was accepted, and there is no effect. */
  readonly kind: "again" | "never";
  readonly msg: number;
  readonly rows: readonly number[];
  readonly text: string;
}

/** The effects of a run, against what its messages demand. */
export interface EffectFindings {
  /** Effects that took place. */
  readonly effects: number;
  /** Business ids whose effect is demanded, once for each channel that has effects. */
  readonly due: number;
  /** Those of them that the broker still holds, or that were put aside: their effect is not missing. */
  readonly spared: number;
  readonly again: readonly EffectViolation[];
  readonly never: readonly EffectViolation[];
}

/** Which effects count; null: all of them, whatever their name. */
type EffectName = string | null;

const KNOWN = new WeakMap<Lives, Map<EffectName, EffectFindings>>();

/**
 * Compares effects with what was accepted. All messages of one business id, retries of a producer, are one. An id is due
 * on every channel that has effects at all and owes one of its messages (see {@link fanOutOf}).
 */
export function effectsOf(lives: Lives, name: EffectName): EffectFindings {
  let known = KNOWN.get(lives);
  if (known === undefined) KNOWN.set(lives, (known = new Map()));
  let findings = known.get(name);
  if (findings === undefined) known.set(name, (findings = new Reading(lives, name).run()));
  return findings;
}

/** What the scenario claims of the effects of each name; empty: nothing. */
export function effectClaims(lives: Lives): readonly (readonly [EffectName, EffectClaim])[] {
  const { effect } = lives.evidence.scenario.claims ?? {};
  if (effect === undefined) return [];
  return typeof effect === "string" ? [[null, effect]] : Object.entries(effect);
}

/** Business id of every message: its number, or that of the first publish that it retries. */
export function businessIdOf(lives: Lives, msg: number): number {
  const row = lives.messages.publishRow[msg]!;
  const first = row < 0 ? -1 : lives.history.detail[row]!;
  return first > 0 ? first : msg;
}

/** A dead letter that was accepted, or that somebody received although its outcome stayed unknown. */
export function isStored(lives: Lives, letter: number): boolean {
  return lives.accepted(letter) || lives.messages.idRow[letter]! >= 0;
}

class Reading {
  private readonly lives: Lives;
  private readonly name: EffectName;
  /** Rows of effects by channel, business id, and name of the effect. */
  private readonly rows = new Map<string, Map<number, Map<number, number[]>>>();
  private readonly deadLetters = new Map<string, Set<number>>();
  private readonly handled = new Map<string, Map<number, number>>();
  private effects = 0;

  constructor(lives: Lives, name: EffectName) {
    this.lives = lives;
    this.name = name;
  }

  run(): EffectFindings {
    this.read();
    const again = this.findAgain();
    const never: EffectViolation[] = [];
    const due = this.dueIds();
    let count = 0;
    let spared = 0;
    for (const [place, ids] of due) {
      for (const [business, one] of ids) {
        count += 1;
        if (this.rows.get(place)?.has(business) === true) continue;
        if (one.isSpared) spared += 1;
        else never.push(this.missing(place, business, one));
      }
    }
    return { effects: this.effects, due: count, spared, again, never };
  }

  private read(): void {
    const { history, rows } = this.lives;
    const wanted = this.name === null ? -1 : history.strings.indexOf(this.name);
    for (const { spec } of this.lives.terms.consumers.values()) {
      const { handler = [], topic, channel } = spec;
      if (!("use" in handler) && handler.some(({ effect }) => effect !== undefined))
        this.rows.set(`${topic}/${channel}`, new Map());
    }
    for (let row = 0; row < rows; row += 1) {
      const kind = history.kind[row]!;
      const place = history.strings[history.place[row]!]!;
      if (kind === KIND.effect) {
        // A handler that is code says by its first effect that it has any.
        let ids = this.rows.get(place);
        if (ids === undefined) this.rows.set(place, (ids = new Map()));
        if (this.name !== null && history.note[row] !== wanted) continue;
        this.effects += 1;
        const names = entry(ids, this.businessIdAt(row), () => new Map<number, number[]>());
        entry(names, history.note[row]!, () => []).push(row);
      } else if (kind === KIND["dead-letter"] && isStored(this.lives, history.detail[row]!)) {
        entry(this.deadLetters, place, () => new Set<number>()).add(history.msg[row]!);
      } else if (kind === KIND.handled) {
        entry(this.handled, place, () => new Map<number, number>()).set(history.msg[row]!, row);
      }
    }
    // Where an effect of that name never takes place, another handler does.
    if (this.name !== null) for (const [place, ids] of this.rows) if (ids.size === 0) this.rows.delete(place);
  }

  /** By its message: what the application takes for the id may be the mistake. */
  private businessIdAt(row: number): number {
    const { history, messages } = this.lives;
    const msg = history.msg[row]!;
    return msg > 0 && msg < messages.size ? businessIdOf(this.lives, msg) : history.detail[row]!;
  }

  private findAgain(): EffectViolation[] {
    const { history } = this.lives;
    const again: EffectViolation[] = [];
    for (const [place, ids] of this.rows) {
      for (const [business, names] of ids) {
        for (const [note, rows] of names) {
          for (const [index, row] of rows.entries()) {
            const before = rows[index - 1];
            if (before === undefined) continue;
            const what = note === 0 ? "the effect" : `the effect "${history.strings[note]!}"`;
            const text =
              `${what} of message ${business} on ${place} takes place again at ${seconds(at(this.lives, row))}, ` +
              `${this.doer(row, business)}; before that at ${seconds(at(this.lives, before))}, ${this.doer(before, business)}`;
            again.push({ kind: "again", msg: history.msg[row]!, rows: [before, row], text });
          }
        }
      }
    }
    return again.sort((one, other) => one.rows[1]! - other.rows[1]!);
  }

  /** `by c2, attempt 2 of its retry 19`. */
  private doer(row: number, business: number): string {
    const { history } = this.lives;
    const msg = history.msg[row]!;
    const which = msg === business ? "" : ` of its retry ${msg}`;
    return `by ${history.strings[history.process[row]!]!}, attempt ${history.value[row]!}${which}`;
  }

  /** By channel, the business ids that are due, each with the messages that carry it. */
  private dueIds(): Map<string, Map<number, Due>> {
    const { lives } = this;
    const fanOut = fanOutOf(lives);
    const excuses = excusesOf(lives, fanOut);
    const due = new Map<string, Map<number, Due>>();
    for (const place of lives.places) {
      if (!this.rows.has(place.name)) continue;
      const ids = entry(due, place.name, () => new Map<number, Due>());
      const shares = fanOut.shares[place.index]!;
      for (const [rank, msg] of place.topic.messages.entries()) {
        if (shares[rank] !== SHARE.owed) continue;
        const one = entry(ids, businessIdOf(lives, msg), () => ({ msg, isSpared: false, why: "" }));
        const excuse = excuses.get(place.name)?.get(msg);
        if (this.deadLetters.get(place.name)?.has(msg) === true || excuse === null) one.isSpared = true;
        else if (excuse !== undefined) one.why = excuse;
      }
    }
    return due;
  }

  private missing(place: string, business: number, { msg, why }: Due): EffectViolation {
    const { lives } = this;
    const row = this.handled.get(place)?.get(msg) ?? -1;
    const ended = row < 0 ? "" : `its last handler ended with "${lives.history.strings[lives.history.note[row]!]!}"`;
    const reason = [ended, why].filter((text) => text !== "").join("; ");
    const accepted = lives.messages.outcomeRow[msg]!;
    const what = this.name === null ? "no effect" : `no effect "${this.name}"`;
    const text = `message ${business}, accepted at ${seconds(at(lives, accepted))}, has ${what} on ${place}`;
    return { kind: "never", msg, rows: [accepted, row], text: reason === "" ? text : `${text}: ${reason}` };
  }
}

/** What an id that is due has going for it. */
interface Due {
  /** The first of its messages that was owed. */
  readonly msg: number;
  isSpared: boolean;
  why: string;
}

/** By channel and message: why it is not finished there; null: the broker still holds it. */
function excusesOf(lives: Lives, fanOut: FanOut): Map<string, Map<number, string | null>> {
  const excuses = new Map<string, Map<number, string | null>>();
  for (const [index, { licence, msg, text }] of lossesOf(lives).entries()) {
    const place = fanOut.missingPlace[index]!.name;
    const why = text.slice(text.indexOf(": ") + 2);
    entry(excuses, place, () => new Map<number, string | null>()).set(msg, licence === "still-held" ? null : why);
  }
  return excuses;
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
