import { KIND } from "../history.ts";
import type { Evidence, Verdict } from "../result.ts";
import { keysOf } from "../scenario/claims.ts";
import { businessIdOf } from "./effects.ts";
import { Findings } from "./findings.ts";
import type { Lives } from "./lives.ts";
import { livesOf } from "./read.ts";
import { at, count, seconds } from "./words.ts";

/**
 * P12, order per key: on every channel the messages of one key complete in the order in which they were published, where
 * the scenario claims it. Completion is the effect, on a channel that has effects, else a handler that ended well. NSQ
 * itself promises no order: what is judged is what the application makes of it.
 *
 * Sees: publish and its outcome, handled and effect rows. Of two publishes the first is the one that its producer began
 * earlier; of two producers, the one that was answered before the other began. A retry has the place of what it retries.
 * Licences: what never completes is skipped (see P2 and P14).
 * Blind: publishes of two producers that overlap; what a store refuses as too old has no effect and no place.
 */
export function judgeP12(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  if (evidence.scenario.claims?.order === undefined) return findings.verdict("P12", "", "nobody claims it");
  const { history } = lives;
  const withEffects = channelsWithEffects(lives);
  const keys = keysByTopic(lives);
  const latest = new Map<string, Completion[]>();
  for (let row = 0; row < lives.rows; row += 1) {
    const kind = history.kind[row]!;
    if (kind !== KIND.effect && kind !== KIND.handled) continue;
    const place = history.place[row]!;
    const isCompletion = withEffects.has(place) ? kind === KIND.effect : isDone(lives, row);
    const msg = history.msg[row]!;
    const name = history.strings[place]!;
    const modulus = keys.get(name.slice(0, name.indexOf("/"))) ?? 0;
    if (!isCompletion || modulus === 0 || msg < 0 || msg >= lives.messages.size) continue;
    const business = businessIdOf(lives, msg);
    const publishRow = lives.messages.publishRow[business] ?? -1;
    if (publishRow < 0) continue;
    findings.looked += 1;
    const key = business % modulus;
    const before = latest.get(`${key} ${name}`) ?? [];
    const done = { row, business, publishRow, producer: history.process[publishRow]! };
    const late = before.find((other) => isBefore(lives, done, other));
    if (late !== undefined)
      findings.violation(msg, [publishRow, late.row, row], () => {
        const order = `${seconds(at(lives, publishRow))} and ${seconds(at(lives, late.publishRow))}`;
        const completed = `message ${business} completes at ${seconds(at(lives, row))}`;
        return `key ${key} on ${name}: ${completed}, after message ${late.business} at ${seconds(at(lives, late.row))}, but they were published at ${order}`;
      });
    latest.set(`${key} ${name}`, newest(before, done));
  }
  const saw = `${count(findings.looked, "completion")} of messages with a key`;
  return findings.verdict("P12", saw, "no message with a key was completed");
}

/** Of one key and producer the message that was published last, of those that completed. */
interface Completion {
  readonly row: number;
  readonly business: number;
  readonly publishRow: number;
  readonly producer: number;
}

function newest(before: readonly Completion[], done: Completion): Completion[] {
  const mine = before.find(({ producer }) => producer === done.producer);
  if (mine !== undefined && mine.publishRow > done.publishRow) return [...before];
  return [...before.filter((one) => one !== mine), done];
}

/** True when one was certainly published before the other. */
function isBefore(lives: Lives, one: Completion, other: Completion): boolean {
  if (one.business === other.business) return false;
  if (one.producer === other.producer) return one.publishRow < other.publishRow;
  const answered = lives.messages.outcomeRow[one.business]!;
  return answered >= 0 && answered < other.publishRow;
}

function isDone(lives: Lives, row: number): boolean {
  return lives.history.strings[lives.history.note[row]!] === "ok";
}

function channelsWithEffects(lives: Lives): ReadonlySet<number> {
  const { history, rows } = lives;
  const places = new Set<number>();
  for (let row = 0; row < rows; row += 1) if (history.kind[row] === KIND.effect) places.add(history.place[row]!);
  return places;
}

function keysByTopic(lives: Lives): ReadonlyMap<string, number> {
  const { scenario } = lives.evidence;
  const keyed = scenario.producers.flatMap(({ workload }) => workload.filter((one) => one.keys !== undefined));
  return new Map(keyed.map(({ topic }) => [topic, keysOf(scenario, topic)]));
}
