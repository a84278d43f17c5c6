import { SECOND, type Micros } from "../../core/time.ts";
import { type History, KIND } from "../history.ts";
import type { Evidence, Verdict } from "../result.ts";
import { fanOutOf, SHARE } from "./fan-out.ts";
import { Findings } from "./findings.ts";
import type { Lives } from "./lives.ts";
import type { Place } from "./places.ts";
import { livesOf } from "./read.ts";
import { isRefused } from "./refusals.ts";
import { diskTroubles } from "./troubles.ts";
import { at, count, seconds } from "./words.ts";

/** A stop takes no longer, with room for a slow disk. */
const STOPPING: Micros = 10 * SECOND;

/** What nsqd says of one channel at one instant; NaN: it does not say. */
interface Sample {
  readonly at: number;
  /** It was taken at this instant at the earliest. */
  readonly since: number;
  readonly row: number;
  depth: number;
  inFlight: number;
  deferred: number;
  messages: number;
  topicDepth: number;
}

/**
 * P16, depth accounting: what nsqd says it holds for a channel (depth + in flight + deferred) is what it must hold: not
 * less than the messages accepted and certainly not finished, not more than those published and not certainly finished;
 * 0 when all are finished; never negative. Its count of messages lies between accepted and published.
 *
 * Sees: gauge rows of nsqd (simulator: sampled; elsewhere: /stats), publish, publish-ok, finish rows.
 * Licences: after a kill, a stop, an empty, a delete or trouble with the disk the lower bound starts anew; sampled and ephemeral channels have
 * none; after a kill finished messages may come back from the disk, and nsqd 1.3 does not count what it finds there.
 * Blind: the split between depth, in flight and deferred; an error that ends between two samples.
 */
export function judgeP16(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  const samples = readSamples(lives, findings);
  for (const [place, list] of samples) judgePlace(lives, place, list, findings);
  return findings.verdict("P16", `${count(findings.looked, "sample")} of nsqd's gauges`, "no gauges were recorded");
}

function readSamples(lives: Lives, findings: Findings): Map<Place, Sample[]> {
  const { history } = lives;
  const samples = new Map<Place, Sample[]>();
  /** By nsqd and place, the latest. */
  const topicDepths: number[][] = [];
  /** By the number of its name: that of the topic of a channel; -1: it is a topic. */
  const topicOf: number[] = [];
  let instant = -1;
  for (const row of lives.gaugeRows) {
    const nsqd = history.process[row]!;
    const name = history.place[row]!;
    const what = history.strings[history.note[row]!]!;
    const value = history.value[row]!;
    const depths = (topicDepths[nsqd] ??= []);
    if (value < 0 && !mayMiscount(lives, nsqd, at(lives, row)))
      findings.violation(
        -1,
        [row],
        () => `${what} of ${history.strings[name]} is ${value} at ${seconds(at(lives, row))}`,
      );
    const topic = (topicOf[name] ??= topicNumber(history, name));
    if (topic < 0) {
      if (what === "depth") depths[name] = value;
      continue;
    }
    if (history.at[row] !== instant) instant = history.at[row]!;
    if (what === "rdy") continue;
    const place = lives.knownPlace(name, nsqd);
    if (place === undefined) continue;
    let list = samples.get(place);
    if (list === undefined) samples.set(place, (list = []));
    let sample = list.at(-1);
    if (sample === undefined || sample.at !== instant) {
      const since = instant - history.detail[row]!;
      sample = { at: instant, since, row, depth: NaN, inFlight: NaN, deferred: NaN, messages: NaN, topicDepth: 0 };
      list.push(sample);
    }
    sample.topicDepth = depths[topic] ?? 0;
    if (what === "depth") sample.depth = value;
    else if (what === "in-flight") sample.inFlight = value;
    else if (what === "deferred") sample.deferred = value;
    else if (what === "messages") sample.messages = value;
  }
  return samples;
}

function topicNumber(history: History, name: number): number {
  const text = history.strings[name]!;
  const slash = text.indexOf("/");
  return slash < 0 ? -1 : history.intern(text.slice(0, slash));
}

function judgePlace(lives: Lives, place: Place, samples: Sample[], findings: Findings): void {
  const bounds = boundsOf(lives, place, samples);
  const lossy = isLossy(lives, place);
  // A counter starts anew with the process, and with a channel that was deleted.
  const deleted = [...place.removals, ...place.topic.removals].some((removal) => removal.text === "deleted");
  const { starts } = lives.weather.process(place.topic.nsqd);
  const anew = deleted || starts.length > 1;
  const troubledAt = diskTroubles(lives, place.topic.nsqd)[0]?.from ?? Infinity;
  const outdated = endsOutdated(lives, place.topic.nsqd);
  for (const [index, sample] of samples.entries()) {
    const held = sample.depth + sample.inFlight + sample.deferred;
    const when = seconds(sample.at);
    if (!Number.isNaN(held)) {
      findings.looked += 1;
      const least = lossy ? 0 : bounds.least[index]!;
      const isSound = sample.at < (outdated[0] ?? Infinity);
      const most = isSound
        ? bounds.most[index]!
        : mostAfterCrash(lives, place, sample.at, bounds.published[index]!, outdated.length);
      const parts = `depth ${sample.depth} + in flight ${sample.inFlight} + deferred ${sample.deferred}`;
      if (held > most) {
        findings.violation(
          -1,
          [sample.row],
          () => `${place.name} at ${when}: ${parts}, but at most ${most} can be there`,
        );
      }
      if (held + sample.topicDepth < least && !mayMiscount(lives, place.topic.nsqd, sample.at)) {
        findings.violation(
          -1,
          [sample.row],
          () => `${place.name} at ${when}: ${parts}, but at least ${least} must be there`,
        );
      }
    }
    if (Number.isNaN(sample.messages) || anew) continue;
    findings.looked += 1;
    // What was dropped from the topic never came to the channel; a channel made anew counts anew.
    const removed = place.topic.removals.length + place.removals.length > 0;
    const accepted = lossy || removed || sample.at >= troubledAt ? 0 : bounds.accepted[index]!;
    const published = bounds.published[index]!;
    if (sample.messages > published || sample.messages + sample.topicDepth < accepted) {
      findings.violation(-1, [sample.row], () => {
        return `${place.name} at ${when}: ${sample.messages} messages counted, ${accepted} to ${published} were published`;
      });
    }
  }
}

/**
 * Most messages that a channel may have once an nsqd has lost its way: it may find finished ones on its disk again, in the
 * queue of the topic and in that of the channel, there more than once (each REQ and each timeout may have written one).
 */
function mostAfterCrash(lives: Lives, place: Place, at: Micros, published: number, crashes: number): number {
  const survey = lives.surveysOf(place.topic.nsqd).before(at);
  return survey === undefined ? published * (1 + crashes) : published + survey.recordsFor(place);
}

/** Instants at which an incarnation ended without having saved everything: killed, or stopped when its disk refused. */
function endsOutdated(lives: Lives, nsqd: number): Micros[] {
  const { kills, stops } = lives.weather.process(nsqd);
  const refusals = diskTroubles(lives, nsqd).filter(({ kind }) => kind !== "disk-slow");
  const refused = stops.filter((row) =>
    refusals.some(({ from, to }) => from <= at(lives, row) + STOPPING && to >= at(lives, row)),
  );
  return [...kills, ...refused].map((row) => at(lives, row)).sort((a, b) => a - b);
}

/**
 * What nsqd 1.3 finds beyond the saved state of a disk queue it delivers, but does not count (diskqueue §11); nor does it
 * count what it has to give up, or finds nothing of.
 */
function mayMiscount(lives: Lives, nsqd: number, when: Micros): boolean {
  if (lives.optionsOf(nsqd).profile !== "nsqd-1.3") return false;
  return [...endsOutdated(lives, nsqd), ...diskTroubles(lives, nsqd).map(({ from }) => from)].some(
    (since) => since <= when,
  );
}

function isLossy(lives: Lives, place: Place): boolean {
  if (place.ephemeral || place.topic.ephemeral) return true;
  for (const { spec, config } of lives.terms.consumers.values()) {
    if (config.sampleRate > 0 && `${spec.topic}/${spec.channel}` === place.name) return true;
  }
  return false;
}

/** Per sample: how many messages nsqd must and can hold for a place. */
interface Bounds {
  readonly least: Int32Array;
  readonly most: Int32Array;
  readonly accepted: Int32Array;
  readonly published: Int32Array;
}

function boundsOf(lives: Lives, place: Place, samples: readonly Sample[]): Bounds {
  const { messages } = lives;
  const size = samples.length + 1;
  const bounds: Bounds = {
    least: new Int32Array(size),
    most: new Int32Array(size),
    accepted: new Int32Array(size),
    published: new Int32Array(size),
  };
  const shares = fanOutOf(lives).shares[place.index]!;
  const losses = lossSpans(lives, place);
  const list = place.topic.messages;
  // Messages are in the order of their publish: so are the samples that first count them.
  let from = 0;
  for (let rank = 0; rank < list.length; rank += 1) {
    const msg = list[rank]!;
    const outcome = messages.outcomeRow[msg]!;
    const life = place.life(rank);
    const share = shares[rank]!;
    if (life < 0 && (share === SHARE.barred || isRefused(lives, outcome))) continue;
    const published = at(lives, messages.publishRow[msg]!);
    while (from < samples.length && samples[from]!.at < published) from += 1;
    bounds.published[from]! += 1;
    bounds.most[from]! += 1;
    const finish = life < 0 ? -1 : lives.finishRow(life);
    if (finish >= 0) bounds.most[indexFrom(samples, lives.arrivedBy(finish, life) + 1)]! -= 1;
    if (share !== SHARE.owed) continue;
    let since = from;
    // By row, not by instant: the sample of an instant may come before its publishes.
    while (since < samples.length && isBefore(samples[since]!, outcome, at(lives, outcome))) since += 1;
    bounds.accepted[since]! += 1;
    const leaves = life < 0 ? Infinity : firstFinish(lives, life);
    const until = indexFrom(samples, Math.min(leaves, lostAfter(losses, published)));
    if (until <= since) continue;
    bounds.least[since]! += 1;
    bounds.least[until]! -= 1;
  }
  for (const column of Object.values(bounds) as Int32Array[]) {
    for (let index = 1; index < size; index += 1) column[index]! += column[index - 1]!;
  }
  return bounds;
}

/** The sample may have been taken before the event of that row. */
function isBefore(sample: Sample, row: number, instant: number): boolean {
  return sample.row < row || sample.since < instant;
}

/** A span at some instant of which a place may have lost everything. */
interface LossSpan {
  readonly from: number;
  readonly to: number;
}

function lossSpans(lives: Lives, place: Place): LossSpan[] {
  const { kills, stops } = lives.weather.process(place.topic.nsqd);
  const ends = [...kills, ...stops].map((row) => ({ from: at(lives, row), to: at(lives, row) }));
  const refusals = diskTroubles(lives, place.topic.nsqd).filter(({ kind }) => kind !== "disk-slow");
  return [...ends, ...place.removals, ...place.topic.removals, ...refusals];
}

/** First instant at which something that was there from then on may have been lost. */
function lostAfter(spans: readonly LossSpan[], since: number): number {
  let first = Infinity;
  for (const { from, to } of spans) if (to >= since) first = Math.min(first, Math.max(from, since));
  return first;
}

/** Instant of the first FIN of a life: from then on the message may be gone. */
function firstFinish(lives: Lives, life: number): number {
  const { deliveries } = lives;
  let earliest = Infinity;
  for (let delivery = lives.lives.last[life]!; delivery >= 0; delivery = deliveries.earlier[delivery]!) {
    const row = deliveries.answerRow[delivery]!;
    if (row >= 0 && lives.history.kind[row] === KIND.finish) earliest = Math.min(earliest, at(lives, row));
  }
  return earliest;
}

/** First sample at or after an instant. */
function indexFrom(samples: readonly Sample[], instant: number): number {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (samples[middle]!.at < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}
