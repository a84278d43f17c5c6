import { EVENT_KINDS, type EventKind, History, type HistoryEvent } from "./history.ts";
import { type Check, fields, integer, number, type Problem, text, word } from "./scenario/shape.ts";

const MAX_PROBLEMS = 20;
const MAX_SHOWN = 60;
/** Tables of the oracles are as long as the highest number: more than any recording has. */
const MAX_MESSAGE = 0xff_ffff;
const MAX_INT32 = 0x7fff_ffff;

const anyText = text(/^/, "a text");
const anyNumber = number(-Number.MAX_SAFE_INTEGER);

const EVENT: Check = fields(
  { atUs: number(0), kind: word(EVENT_KINDS, "a kind of event") },
  {
    seq: integer(0),
    process: anyText,
    peer: anyText,
    place: anyText,
    msg: integer(-1, MAX_MESSAGE),
    conn: integer(-1, MAX_INT32),
    value: anyNumber,
    detail: anyNumber,
    text: anyText,
    id: text(/^([0-9a-f]{16})?$/, "16 hexadecimal digits in lower case, or nothing"),
  },
);

const aName = text(/./, "the name of a process");
const aTopic = text(/^[^/]+$/, "a topic");
const aChannel = text(/^[^/]+\/[^/]+$/, "topic/channel");
const aMessage = integer(0, MAX_MESSAGE);

/** What the oracles go by must be there. */
const ABOUT_PUBLISH = { process: aName, peer: aName, place: aTopic, msg: aMessage };
const ABOUT_CHANNEL = { process: aName, peer: aName, place: aChannel };
const ABOUT_DELIVERY = { ...ABOUT_CHANNEL, msg: aMessage };
const ABOUT_EFFECT = { process: aName, place: aChannel, msg: aMessage };
const REQUIRED: Readonly<Partial<Record<EventKind, Readonly<Record<string, Check>>>>> = {
  publish: ABOUT_PUBLISH,
  "publish-ok": ABOUT_PUBLISH,
  "publish-error": ABOUT_PUBLISH,
  "publish-unknown": ABOUT_PUBLISH,
  deliver: ABOUT_DELIVERY,
  finish: ABOUT_DELIVERY,
  requeue: ABOUT_DELIVERY,
  touch: ABOUT_DELIVERY,
  "give-up": ABOUT_DELIVERY,
  effect: ABOUT_EFFECT,
  "dead-letter": { ...ABOUT_DELIVERY, detail: aMessage },
  subscribe: ABOUT_CHANNEL,
  rdy: ABOUT_CHANNEL,
};

/** One thing that is wrong with a recorded history. */
export interface HistoryProblem extends Problem {
  /** Counted from 1. */
  readonly line: number;
}

/** A recorded history that cannot be read; at most 20 of the things that are wrong with it. */
export class HistoryFormatError extends Error {
  override readonly name = "HistoryFormatError";
  readonly problems: readonly HistoryProblem[];

  constructor(problems: readonly HistoryProblem[]) {
    super(problems.map(describe).join("\n"));
    this.problems = problems;
  }
}

/**
 * Reads a history from JSON Lines: one event per line, in the order in which they happened, with the fields of
 * {@link HistoryEvent}. `atUs` and `kind` must be there; other fields may be left out, and unknown ones are refused. What
 * each kind of event means by its fields is the table at the top of this folder's `history.ts`. Empty lines are skipped.
 *
 * @throws HistoryFormatError with the line, the field, its value, and what was expected
 */
export function readHistory(jsonLines: string): History {
  const history = new History();
  const problems: HistoryProblem[] = [];
  let latest = 0;
  for (const [index, line] of jsonLines.split("\n").entries()) {
    if (line.trim() === "") continue;
    const found: Problem[] = [];
    const event = parse(line, found);
    if (event !== null) {
      EVENT(event, "", found);
      if (found.length === 0)
        for (const [name, check] of Object.entries(REQUIRED[event.kind] ?? {}))
          check(event[name as keyof HistoryEvent], name, found);
      if (found.length === 0 && event.atUs < latest)
        found.push({ path: "atUs", value: event.atUs, expected: `no time before that of the event above, ${latest}` });
    }
    if (found.length > 0) problems.push(...found.map((problem) => ({ ...problem, line: index + 1 })));
    else if (event !== null) {
      latest = event.atUs;
      history.record(event);
    }
    if (problems.length >= MAX_PROBLEMS) break;
  }
  if (history.length === 0 && problems.length === 0)
    problems.push({ line: 1, path: "", value: undefined, expected: "an event: there is none" });
  if (problems.length > 0) throw new HistoryFormatError(problems.slice(0, MAX_PROBLEMS));
  return history;
}

function parse(line: string, problems: Problem[]): HistoryEvent | null {
  try {
    return JSON.parse(line) as HistoryEvent;
  } catch {
    problems.push({ path: "", value: line, expected: "a JSON object" });
    return null;
  }
}

function describe({ line, path, value, expected }: HistoryProblem): string {
  const shown = value === undefined ? "nothing" : JSON.stringify(value).slice(0, MAX_SHOWN);
  return `line ${line}${path === "" ? "" : `, ${path}`}: ${shown}; expected ${expected}`;
}
