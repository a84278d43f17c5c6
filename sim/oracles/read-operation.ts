import type { Micros } from "../../core/time.ts";
import type { Lives } from "./lives.ts";
import type { Place, Removal, TopicHere } from "./places.ts";

/**
 * Reads an `operate` row. An operation happens between its question (status 0) and its answer; one that is never
 * answered may have happened at any time after, one with an error status has not.
 */
export function readOperation(lives: Lives, row: number): void {
  const { history } = lives;
  const what = history.strings[history.note[row]!]!;
  const name = history.strings[history.place[row]!]!;
  // What nsqlookupds are asked, and what an nsqd is told to be, moves no message.
  if (!lives.terms.nsqds.has(history.strings[history.peer[row]!]!) || name === "") return;
  const status = history.value[row]!;
  const key = `${history.peer[row]!} ${name} ${what}`;
  const now = history.at[row]!;
  const question = lives.questions.get(key) ?? row;
  if (status === 0) lives.questions.set(key, row);
  else lives.questions.delete(key);
  if (status > 299) return;
  const answered = status !== 0;
  const from = history.at[question]!;
  if (name.includes("/")) {
    operateChannel(lives.placeAt(history.place[row]!, history.peer[row]!), what, answered, { row, from, to: now });
  } else {
    operateTopic(lives.topicAt(history.place[row]!, history.peer[row]!), what, answered, { row, from, to: now });
  }
}

interface Span {
  readonly row: number;
  readonly from: Micros;
  readonly to: Micros;
}

function operateChannel(place: Place, what: string, answered: boolean, span: Span): void {
  switch (what) {
    case "create":
      place.attempted(span.row);
      if (answered) place.exists(span.row, span.to);
      return;
    case "pause":
    case "unpause":
      pause(place, what, answered, span);
      break;
    case "delete":
      place.mayBeGone(span.row);
      removeFrom(place, "deleted", answered, span);
      break;
    case "empty":
      removeFrom(place, "emptied", answered, span);
      break;
    default:
      return;
  }
  place.refresh(span.to);
}

function operateTopic(topic: TopicHere, what: string, answered: boolean, span: Span): void {
  switch (what) {
    case "pause":
    case "unpause":
      topic.everPaused = true;
      pause(topic, what, answered, span);
      break;
    case "delete":
      topic.mayBeGone();
      for (const place of topic.places) {
        place.mayBeGone(span.row);
        removeFrom(place, "deleted", answered, span);
      }
      remove(topic.removals, "deleted", answered, span);
      break;
    case "empty":
      remove(topic.removals, "emptied", answered, span);
      break;
    default:
      return;
  }
  for (const place of topic.places) place.refresh(span.to);
}

/** It is paused from the question of a pause to the answer of an unpause that was asked for after the pause was done. */
function pause(what: Place | TopicHere, verb: string, answered: boolean, span: Span): void {
  if (verb === "pause") {
    what.paused = true;
    what.pauseDone = answered ? span.to : Infinity;
  } else if (answered) {
    what.pausedUntil = span.to;
    // Of two requests on their way at once, either may be first.
    if (span.from >= what.pauseDone) what.paused = false;
  }
}

/** What was in flight until then may be forgotten (nsqd-semantics §7). */
function removeFrom(place: Place, what: string, answered: boolean, span: Span): void {
  place.forgottenUntil = span.to;
  remove(place.removals, what, answered, span);
}

/** An answer replaces its question. */
function remove(removals: Removal[], what: string, answered: boolean, { row, from, to }: Span): void {
  const last = removals.at(-1);
  if (answered && last !== undefined && last.from === from && last.to === Infinity) removals.pop();
  removals.push({ row, text: what, from, to: answered ? to : Infinity });
}
