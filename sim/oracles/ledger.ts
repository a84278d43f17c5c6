import type { EffectCounts, Evidence, Ledger, LedgerEntry } from "../result.ts";
import type { LateLicence } from "../scenario/types.ts";
import { duplicatesOf } from "./duplicates.ts";
import { effectsOf } from "./effects.ts";
import { fanOutOf } from "./fan-out.ts";
import type { Lives } from "./lives.ts";
import { lossesOf } from "./losses.ts";
import { livesOf } from "./read.ts";
import { LATE_LICENCES } from "./tables.ts";
import { at, msgOf, placeOf, span, told } from "./words.ts";

/**
 * Accounts for every message of the run. `finished` counts pairs of message and channel whose FIN nsqd did not refuse;
 * losses are pairs of an accepted message and a channel that owed it.
 */
export function buildLedger(evidence: Evidence): Ledger {
  const lives = livesOf(evidence);
  let finished = 0;
  for (let life = 0; life < lives.lives.count; life += 1) if (lives.finishRow(life) >= 0) finished += 1;
  fanOutOf(lives);
  return {
    ...lives.counts,
    delivered: lives.deliveries.count + lives.strays.length,
    finished,
    duplicates: duplicatesOf(lives),
    losses: lossesOf(lives),
    late: lateOf(lives),
    effects: countEffects(lives),
  };
}

function countEffects(lives: Lives): EffectCounts | null {
  const { claims, expect } = lives.evidence.scenario;
  if (claims?.effect === undefined && expect?.effects === undefined) return null;
  const { effects, again, never } = effectsOf(lives, null);
  return { happened: effects, again: again.length, never: never.length };
}

function lateOf(lives: Lives): LedgerEntry<LateLicence>[] {
  const entries: LedgerEntry<LateLicence>[] = [];
  const { deliveries } = lives;
  for (let delivery = 0; delivery < deliveries.count; delivery += 1) {
    const late = deliveries.late[delivery]!;
    if (late === 0) continue;
    entries.push(new LateDelivery(lives, delivery, LATE_LICENCES[late] ?? null));
  }
  return entries;
}

/** Under load every delivery is late: rows and words are put together only for those that somebody looks at. */
class LateDelivery implements LedgerEntry<LateLicence> {
  readonly msg: number;
  readonly place: string;
  readonly licence: LateLicence | null;
  readonly #lives: Lives;
  readonly #delivery: number;

  constructor(lives: Lives, delivery: number, licence: LateLicence | null) {
    this.msg = msgOf(lives, delivery);
    this.place = placeOf(lives, delivery);
    this.licence = licence;
    this.#lives = lives;
    this.#delivery = delivery;
  }

  get rows(): readonly number[] {
    const { deliveries, messages } = this.#lives;
    const prev = deliveries.prev[this.#delivery]!;
    return [prev < 0 ? messages.outcomeRow[this.msg]! : deliveries.row[prev]!, deliveries.row[this.#delivery]!];
  }

  get text(): string {
    const { deliveries } = this.#lives;
    const delay = span(at(this.#lives, deliveries.row[this.#delivery]!) - deliveries.allowedHigh[this.#delivery]!);
    const excuse = this.licence ?? "nothing excuses it";
    return `${told(this.#lives, this.#delivery)}: ${delay} after it was due, ${excuse}`;
  }

  toJSON(): LedgerEntry<LateLicence> {
    const { msg, place, licence, rows, text } = this;
    return { msg, place, licence, rows, text };
  }
}
