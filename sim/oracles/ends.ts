import type { Micros } from "../../core/time.ts";
import { ENDING } from "../shadow/surveyor.ts";
import type { LossLicence } from "../scenario/types.ts";
import type { Lives } from "./lives.ts";
import type { Place } from "./places.ts";
import type { Survey, UnkeptCause } from "./surveys.ts";
import { diskTroubles, refusalAtEnd } from "./troubles.ts";
import { at, seconds } from "./words.ts";

/** Why a message is not finished. Row -1: none shows it. */
export interface Excuse {
  readonly licence: LossLicence | null;
  readonly row: number;
  readonly text: string;
}

const CAUSES: Readonly<Record<UnkeptCause, readonly [LossLicence, string]>> = {
  unsynced: ["unsynced-at-power-loss", "was in a file, but not durable, when the power failed"],
  ignored: ["ignored-file", "is in a file that no saved state leads to"],
  damaged: ["damaged-file", "is in a file that cannot be read to there"],
  lost: ["disk-lost", "was on a disk that was replaced by an empty one"],
};

/**
 * The first end of its nsqd, from an instant on, that a message of a channel did not outlive: by the survey of the files
 * at the next start, else every kill is one. A clean stop keeps everything, if the disk takes it.
 */
export function lossAtEnd(lives: Lives, msg: number, place: Place, since: Micros): Excuse | null {
  const { nsqd } = place.topic;
  const { kills, name } = lives.weather.process(nsqd);
  const { list } = lives.surveysOf(nsqd);
  for (const survey of list) {
    const ended = at(lives, survey.endRow);
    // A stop takes what comes until it is over.
    if ((survey.crashed ? ended : survey.at) < since || survey.keeps(place, msg)) continue;
    const excuse = excuseAt(lives, survey, msg, place);
    // What waits in the topic may come to the channel yet; and what was published after the end may be with the next.
    if (excuse !== null || (survey.copies(place, msg) === 0 && ended >= since)) return excuse;
  }
  for (const kill of kills) {
    if (at(lives, kill) < since || list.some(({ endRow }) => endRow === kill)) continue;
    return inMemory(name, kill, at(lives, kill));
  }
  return null;
}

function excuseAt(lives: Lives, survey: Survey, msg: number, place: Place): Excuse | null {
  const { nsqd } = place.topic;
  const { name } = lives.weather.process(nsqd);
  const ended = at(lives, survey.endRow);
  const gone = survey.whyGone(place, msg);
  if (gone !== undefined) {
    // Only nsqd 1.3 writes before it has a state; a loss of power may take the state itself.
    const isFlaw = gone.cause === "ignored" && lives.optionsOf(nsqd).profile === "exact";
    if (isFlaw && survey.ending !== ENDING.lostPower) return null;
    if (gone.cause === "damaged" && !mayBeDamaged(lives, nsqd)) return null;
    const [licence, words] = CAUSES[isFlaw ? "unsynced" : gone.cause];
    return { licence, row: gone.row, text: `it ${words} (${name}, ${seconds(ended)})` };
  }
  if (survey.crashed) return inMemory(name, survey.endRow, ended);
  const refusal = refusalAtEnd(lives, nsqd, survey);
  if (refusal === undefined) return null;
  return { licence: "disk-error", row: refusal.row, text: `the disk of ${name} refused it at its stop` };
}

function inMemory(name: string, row: number, when: Micros): Excuse {
  return { licence: "memory-at-kill", row, text: `in the memory of ${name} when it was killed at ${seconds(when)}` };
}

/**
 * Files do not go bad by themselves: by a fault of the disk, a loss of power, a max-msg-size that became smaller than what
 * is there (surprises 25), or, in nsqd 1.3, a crash that left bytes behind the end of a file (surprises 19a).
 */
function mayBeDamaged(lives: Lives, nsqd: number): boolean {
  const { list } = lives.surveysOf(nsqd);
  const first = lives.optionsOf(nsqd, 0);
  if (diskTroubles(lives, nsqd).some(({ kind }) => kind !== "disk-slow")) return true;
  return list.some(({ ending, at: started, crashed }) => {
    const { maxMsgSize, profile } = lives.optionsOf(nsqd, started);
    return ending === ENDING.lostPower || maxMsgSize < first.maxMsgSize || (crashed && profile === "nsqd-1.3");
  });
}

/** What the disk of a living nsqd did to a message after an instant. */
export function damageOrRefusal(lives: Lives, msg: number, place: Place, since: Micros): Excuse | null {
  const { nsqd } = place.topic;
  const { name } = lives.weather.process(nsqd);
  const row = lives.surveysOf(nsqd).damagedRow(place, msg);
  if (row >= 0)
    return { licence: "damaged-file", row, text: `it is in a file of ${name} that cannot be read to there` };
  for (const trouble of diskTroubles(lives, nsqd)) {
    if (trouble.to < since) continue;
    const when = seconds(trouble.from);
    if (trouble.kind === "bit-rot") {
      return { licence: "damaged-file", row: trouble.row, text: `bits of the files of ${name} turned over at ${when}` };
    }
    // Else nsqd holds what its disk refuses, or says so to the publisher.
    if (trouble.kind === "disk-slow" || lives.optionsOf(nsqd).profile === "exact") continue;
    return { licence: "disk-error", row: trouble.row, text: `the disk of ${name} failed from ${when} on` };
  }
  return null;
}
