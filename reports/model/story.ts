import { KIND, type EventKind } from "../../sim/history.ts";
import { tellEvent, type Sentence } from "../../sim/oracles/telling.ts";
import { duration, seconds } from "../words.ts";
import type { Model } from "./model.ts";

/** One event of a message's life, in plain words. */
export interface StoryEvent extends Sentence {
  /** Index in the model's rows. */
  readonly row: number;
  readonly at: number;
  readonly lane: number;
  /** What judges said about it. */
  readonly labels: readonly string[];
}

/** A message's life. */
export interface Story {
  readonly msg: number;
  readonly topic: string;
  readonly summary: string;
  readonly events: readonly StoryEvent[];
  /** Labels that belong to the message and to no event. */
  readonly labels: readonly string[];
  /** The message this one retries, and those that retry it. */
  readonly retries: readonly number[];
}

/** The life of a message, or null if the history knows none of that number. */
export function tellStory(model: Model, msg: number): Story | null {
  const { rows, strings } = model;
  const own: number[] = [];
  const retries: number[] = [];
  for (let row = 0; row < rows.count; row += 1) {
    if (rows.msg[row] === msg) own.push(row);
    if (rows.kind[row] !== KIND.publish) continue;
    if (rows.msg[row] === msg && rows.detail[row]! > 0) retries.push(rows.detail[row]!);
    if (rows.msg[row] !== msg && rows.detail[row] === msg) retries.push(rows.msg[row]!);
  }
  if (own.length === 0 || msg < 0) return null;
  const labels = model.labels.get(msg) ?? [];
  const events = own.map((row) => ({
    row,
    at: rows.at[row]!,
    lane: rows.lane[row]!,
    ...tell(model, row),
    labels: labels.filter((label) => label.seq === rows.seq[row]).map((label) => label.text),
  }));
  const attached = new Set(own.map((row) => rows.seq[row]!));
  return {
    msg,
    topic: (strings[rows.place[own[0]!]!] ?? "").split("/")[0]!,
    summary: summarise(model, own),
    events,
    labels: [...new Set(labels.filter((label) => !attached.has(label.seq)).map((label) => label.text))],
    retries,
  };
}

function summarise(model: Model, own: readonly number[]): string {
  const { rows } = model;
  let deliveries = 0;
  let finishes = 0;
  let published = Number.NaN;
  let finished = Number.NaN;
  for (const row of own) {
    if (rows.kind[row] === KIND.deliver) deliveries += 1;
    if (rows.kind[row] === KIND.publish && Number.isNaN(published)) published = rows.at[row]!;
    if (rows.kind[row] !== KIND.finish) continue;
    finishes += 1;
    finished = rows.at[row]!;
  }
  const times = deliveries === 1 ? "once" : deliveries === 2 ? "twice" : `${deliveries} times`;
  const delivered = deliveries === 0 ? "never delivered" : `delivered ${times}`;
  if (finishes === 0) return `${delivered}, never finished`;
  const after = Number.isNaN(published) ? "" : `, last FIN ${duration(finished - published)} after its publish`;
  return `${delivered}${after}`;
}

/** One sentence about a row. */
export function tell(model: Model, row: number): Sentence {
  const { rows, strings, lanes } = model;
  const kind = model.kinds[rows.kind[row]!] as EventKind;
  return tellEvent({
    kind,
    process: lanes[rows.lane[row]!]?.name ?? "someone",
    // An effect without a store is the consumer's own.
    peer: lanes[rows.peerLane[row]!]?.name ?? (kind === "effect" ? "" : "nsqd"),
    place: strings[rows.place[row]!] ?? "",
    conn: rows.conn[row]!,
    value: rows.value[row]!,
    text: strings[rows.note[row]!] ?? "",
  });
}

/** The story as lines of text, for readers of the screen. */
export function storyLine(event: StoryEvent): string {
  const labels = event.labels.length === 0 ? "" : ` [${event.labels.join("; ")}]`;
  return `${seconds(event.at)}: ${event.text}${labels}`;
}
