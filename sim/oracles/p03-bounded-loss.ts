import { MILLISECOND } from "../../core/time.ts";
import type { Evidence, Verdict } from "../result.ts";
import { ENDING } from "../shadow/surveyor.ts";
import { Findings } from "./findings.ts";
import type { Lives } from "./lives.ts";
import { lossesOf } from "./losses.ts";
import type { Place } from "./places.ts";
import { livesOf } from "./read.ts";
import { leavesBytes } from "./redelivery.ts";
import { remainsAt, roomAt, type Remainder, type Remains } from "./remains.ts";
import type { Survey } from "./surveys.ts";
import { diskTroubles } from "./troubles.ts";
import { at, count, seconds, told } from "./words.ts";

/** A sync may wait for that of other queues: so much longer than its timeout, and so much more for each queue. */
const SYNC_SLACK = 250 * MILLISECOND;
const SYNC_SLACK_PER_QUEUE = 10 * MILLISECOND;

/**
 * P3, bounded loss: an nsqd that ends loses what was in its memory, or not durable, and nothing else; and nothing of that
 * comes back.
 *
 * At every end and start of an nsqd a reader of our own looks into its files, and so predicts which accepted messages the
 * next incarnation has. Then (a) what the files keep is delivered or held; (b) what they do not keep never comes; (c) they
 * keep all that the contract does not leave to memory: after a clean stop everything, after a kill all but what the memory
 * queues of topic and channel hold, what is in flight and what is put off, after a loss of power what was written longer
 * ago than the sync timeout; (d) they agree with themselves.
 *
 * Sees: survey, kept and unkept rows, publish-ok, deliver, finish, requeue, rdy, process and fault rows.
 * Licences: memory-at-kill, unsynced-at-power-loss, ignored-file, damaged-file, disk-error, disk-lost; crash-replay.
 * Blind: runs that nobody surveyed (TCP); what may have been finished; (c) and (d) while a disk fault acts.
 */
export function judgeP3(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  const tally = { ends: 0, predicted: 0, lost: 0, kept: 0, missing: 0 };
  const nsqds = new Set(lives.topics.map(({ nsqd }) => nsqd));
  for (const nsqd of nsqds) {
    const { list } = lives.surveysOf(nsqd);
    for (const [index, survey] of list.entries()) {
      tally.ends += 1;
      const before = list.slice(0, index);
      judgeFiles(lives, nsqd, survey, before, findings);
      for (const remains of remainsAt(lives, nsqd, survey, before)) {
        findings.looked += remains.kept.length + remains.gone.length;
        tally.kept += remains.kept.length;
        tally.predicted += remains.gone.length;
        tally.lost += remains.gone.length - judgeReturns(lives, remains, survey, list[index + 1], findings);
        judgeBounds(lives, remains, survey, findings);
      }
    }
  }
  tally.missing = judgeMissing(lives, findings);
  const { ends, predicted, lost, kept, missing } = tally;
  const back = missing === 0 ? "came back or are held" : `of which ${missing} did not come back`;
  const saw = `${count(ends, "end")} of nsqd: predicted ${predicted} lost, ${lost} lost; ${kept} kept, ${back}`;
  return findings.verdict("P3", saw, ends === 0 ? "no nsqd was started again" : "nothing was owed when nsqd ended");
}

/** (a): what no end of nsqd and nothing else excuses. Returns how many. */
function judgeMissing(lives: Lives, findings: Findings): number {
  let missing = 0;
  for (const { licence, msg, place, rows, text } of lossesOf(lives)) {
    if (licence !== null) continue;
    const kept = lives.places.some((one) => one.name === place && isKept(lives, one, msg));
    if (!kept) continue;
    missing += 1;
    findings.violation(msg, rows, () => `${text}, though it was on its disk when it started last`);
  }
  return missing;
}

function isKept(lives: Lives, place: Place, msg: number): boolean {
  const last = lives.surveysOf(place.topic.nsqd).list.at(-1);
  if (last === undefined || lives.messages.topic[msg] !== place.topic.index) return false;
  return lives.messages.publishRow[msg]! < last.row && last.keeps(place, msg);
}

/** (b): what was gone and comes all the same, from nsqd or from its files. Returns how many messages do. */
function judgeReturns(
  lives: Lives,
  { place, gone }: Remains,
  survey: Survey,
  next: Survey | undefined,
  findings: Findings,
): number {
  const { deliveries } = lives;
  // Bytes that nsqd 1.3 leaves behind the end of a file may come back at the next start but one (surprises 19a).
  const leaves = leavesBytes(lives, place, survey.at);
  let returned = 0;
  for (const { msg, life } of gone) {
    // Written over from its beginning, a file that no state leads to is read to its end when the writer leaves it.
    if (leaves && survey.whyGone(place, msg)?.cause === "ignored") continue;
    let first = -1;
    for (
      let delivery = life < 0 ? -1 : lives.lives.last[life]!;
      delivery >= 0;
      delivery = deliveries.earlier[delivery]!
    ) {
      const { openedAt } = lives.connections[deliveries.connection[delivery]!]!;
      if (openedAt >= survey.at && (next === undefined || openedAt < next.at)) first = delivery;
    }
    if (first >= 0) {
      returned += 1;
      findings.violation(msg, [survey.row, deliveries.row[first]!], () => {
        return `${told(lives, first)}: it was in no file when nsqd started at ${seconds(survey.at)}`;
      });
    } else if (next !== undefined && next.copies(place, msg) > 0) {
      if (leaves && next.isSalvaged(place, msg)) continue;
      returned += 1;
      findings.violation(msg, [survey.row, next.row], () => {
        return `message ${msg} of ${place.name} was in no file at ${seconds(survey.at)}, but is in one at ${seconds(next.at)}`;
      });
    }
  }
  return returned;
}

/** (c): more is gone than the contract allows. */
function judgeBounds(lives: Lives, { place, gone }: Remains, survey: Survey, findings: Findings): void {
  const { nsqd } = place.topic;
  const end = at(lives, survey.endRow);
  const troubles = diskTroubles(lives, nsqd);
  const sound = gone.filter(({ msg }) => {
    const published = at(lives, lives.messages.publishRow[msg]!);
    return troubles.every(({ from, to }) => to < published || from > survey.at);
  });
  const unwritten = sound.filter(({ msg }) => survey.whyGone(place, msg) === undefined);
  if (survey.ending === ENDING.stopped) {
    for (const { msg } of unwritten) {
      findings.violation(msg, [lives.messages.outcomeRow[msg]!, survey.endRow, survey.row], () => {
        return `message ${msg} of ${place.name} is not on disk after the clean stop at ${seconds(end)}`;
      });
    }
  } else {
    judgeMemory(lives, place, unwritten, survey, findings);
  }
  for (const its of sound) judgeWritten(lives, place, its, survey, findings);
}

/** What was queued in memory at a kill is no more than the two memory queues hold, and what was on its way. */
function judgeMemory(
  lives: Lives,
  place: Place,
  unwritten: readonly Remainder[],
  survey: Survey,
  findings: Findings,
): void {
  const end = at(lives, survey.endRow);
  const queued = unwritten.filter(({ state }) => state === "queued");
  const { memQueueSize } = lives.optionsUntil(place.topic.nsqd, end);
  if (queued.length <= 2 * memQueueSize) return;
  const room = roomAt(lives, place, end);
  const most = 2 * memQueueSize + room;
  if (queued.length <= most) return;
  const { msg } = queued[0]!;
  findings.violation(msg, [lives.messages.outcomeRow[msg]!, survey.endRow, survey.row], () => {
    const allowed = `two memory queues of ${memQueueSize} and ${room} on their way`;
    return `${queued.length} queued messages of ${place.name} were in no file at ${seconds(end)}, more than ${allowed}`;
  });
}

/** What was written is there, unless the power failed before its sync, or nsqd 1.3 had no state yet. */
function judgeWritten(lives: Lives, place: Place, its: Remainder, survey: Survey, findings: Findings): void {
  const { nsqd } = place.topic;
  const { msg } = its;
  const why = survey.whyGone(place, msg);
  if (why === undefined || why.cause === "lost") return;
  const end = at(lives, survey.endRow);
  const { profile, maxMsgSize, syncTimeout } = lives.optionsUntil(nsqd, end);
  const isGo = profile === "nsqd-1.3";
  // It sets files aside that it has read (surprises 24), and ignores those that it has written without a sync.
  if (isGo && (why.cause === "damaged" || (why.cause === "ignored" && survey.crashed))) return;
  // What is larger than a new max-msg-size cannot be told from damage (surprises 25).
  if (lives.optionsOf(nsqd, survey.at).maxMsgSize < maxMsgSize) return;
  const rows = [lives.messages.outcomeRow[msg]!, survey.endRow, why.row];
  if (survey.ending !== ENDING.lostPower) {
    findings.violation(msg, rows, () => {
      return `message ${msg} of ${place.name} was in a file at ${seconds(end)}, and nsqd will not find it (${why.cause})`;
    });
    return;
  }
  const written = writtenBy(lives, place, msg, why.attempts);
  const durable =
    written + lives.paceOf(nsqd).latest(syncTimeout) + SYNC_SLACK + SYNC_SLACK_PER_QUEUE * lives.places.length;
  if (durable >= end || lives.weather.process(nsqd).away.lastEnd(written, end - 1) !== -1) return;
  findings.violation(msg, rows, () => {
    return `message ${msg} of ${place.name}, written by ${seconds(written)}, was not durable at ${seconds(end)}`;
  });
}

/** When a message had certainly been written to the file that held it; Infinity: nothing says. */
function writtenBy(lives: Lives, place: Place, msg: number, attempts: number): number {
  const { topic } = place;
  if (attempts > 0 || topic.everPaused || lives.history.value[lives.messages.publishRow[msg]!]! > 0) return Infinity;
  const created = Math.max(place.createdAt, ...topic.places.map((other) => other.createdAt).filter(Number.isFinite));
  return Math.max(at(lives, lives.messages.outcomeRow[msg]!), created);
}

/** (d): the files agree with themselves. */
function judgeFiles(lives: Lives, nsqd: number, survey: Survey, before: readonly Survey[], findings: Findings): void {
  const { problem } = survey;
  if (survey.records > 0) findings.looked += 1;
  if (problem === "" || isExcused(lives, nsqd, survey, before)) return;
  findings.violation(-1, [survey.endRow, survey.row], () => {
    const end = seconds(at(lives, survey.endRow));
    return `the files of ${lives.weather.process(nsqd).name} after its end at ${end}: ${problem}`;
  });
}

function isExcused(lives: Lives, nsqd: number, survey: Survey, before: readonly Survey[]): boolean {
  if (diskTroubles(lives, nsqd).some(({ from }) => from <= survey.at)) return true;
  // Where nsqd 1.3 goes on after a crash there may be holes, and bytes of before (surprises 19a); behind a loss of power
  // anybody finds a tear.
  const isGo = lives.optionsOf(nsqd, at(lives, survey.endRow)).profile === "nsqd-1.3";
  const isScarred = before.some(({ ending, crashed }) => (isGo ? crashed : ending === ENDING.lostPower));
  if (survey.ending !== ENDING.lostPower) return isScarred;
  // Only what a sync has promised holds: that there is a state, and that it leads to what is there, or was deleted.
  if (!/leads to|cannot be read/.test(survey.problem) || hasRemovals(lives, nsqd)) return true;
  return isScarred && (isGo || before.at(-1)!.problem !== "");
}

function hasRemovals({ places }: Lives, nsqd: number): boolean {
  return places.some(({ topic, removals }) => {
    return topic.nsqd === nsqd && (topic.ephemeral || removals.length + topic.removals.length > 0);
  });
}
