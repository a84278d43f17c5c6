import type { Evidence, Ledger, LedgerEntry } from "../result.ts";
import type { LateLicence } from "../scenario/types.ts";
import { duplicatesOf } from "./duplicates.ts";
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
  };
}

function lateOf(lives: Lives): LedgerEntry<LateLicence>[] {
  const entries: LedgerEntry<LateLicence>[] = [];
  const { deliveries } = lives;
  for (let delivery = 0; delivery < deliveries.count; delivery += 1) {
    const late = deliveries.late[delivery]!;
    if (late === 0) continue;
    const row = deliveries.row[delivery]!;
    const prev = deliveries.prev[delivery]!;
    const msg = msgOf(lives, delivery);
    const rows = [prev < 0 ? lives.messages.outcomeRow[msg]! : deliveries.row[prev]!, row];
    const licence = LATE_LICENCES[late] ?? null;
    const delay = span(at(lives, row) - deliveries.allowedHigh[delivery]!);
    const text = `${told(lives, delivery)}: ${delay} after it was due, ${licence ?? "nothing excuses it"}`;
    entries.push({ msg, place: placeOf(lives, delivery), licence, rows, text });
  }
  return entries;
}
