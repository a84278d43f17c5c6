import { KIND, type EventKind } from "../../sim/history.ts";
import { duration, seconds } from "../words.ts";
import type { Model } from "./model.ts";

/** One event of a message's life, in plain words. */
export interface StoryEvent {
  /** Index in the model's rows. */
  readonly row: number;
  readonly at: number;
  readonly lane: number;
  readonly text: string;
  /** `explains`: seen only inside the broker. */
  readonly tone: "plain" | "good" | "bad" | "again" | "explains";
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

type Told = Pick<StoryEvent, "text" | "tone">;

/** One sentence about a row, its process as the subject. */
export function tell(model: Model, row: number): Told {
  const { rows, strings, lanes } = model;
  const kind = model.kinds[rows.kind[row]!] as EventKind;
  const who = lanes[rows.lane[row]!]?.name ?? "someone";
  const peer = lanes[rows.peerLane[row]!]?.name ?? "nsqd";
  const place = strings[rows.place[row]!] ?? "";
  return TELLERS[kind]({ who, peer, place, note: strings[rows.note[row]!] ?? "", value: rows.value[row]! });
}

interface Facts {
  readonly who: string;
  readonly peer: string;
  readonly place: string;
  readonly note: string;
  readonly value: number;
}

const because = (note: string): string => (note === "" ? "" : `: ${note}`);
const plain = (text: string): Told => ({ text, tone: "plain" });
const good = (text: string): Told => ({ text, tone: "good" });
const bad = (text: string): Told => ({ text, tone: "bad" });
const again = (text: string): Told => ({ text, tone: "again" });
const inside = (text: string): Told => ({ text, tone: "explains" });

const HANDLED: Readonly<Record<string, Told["tone"]>> = { ok: "good", requeue: "again", silent: "bad" };

const TELLERS: Readonly<Record<EventKind, (facts: Facts) => Told>> = {
  publish: ({ who, peer, place, note, value }) =>
    plain(
      `${who} publishes to ${place} on ${peer}${note === "" ? "" : ` (${note})`}${value > 0 ? `, due in ${duration(value)}` : ""}`,
    ),
  "publish-ok": ({ who }) => good(`${who} gets OK: the broker has taken responsibility`),
  "publish-error": ({ who, note }) => bad(`${who} gets an error${because(note)}`),
  "publish-unknown": ({ who, note }) => bad(`${who} will never know the outcome${because(note)}`),
  deliver: ({ who, place, value }) =>
    value > 1
      ? again(`${who} receives it again on ${place}, attempt ${value}`)
      : plain(`${who} receives it on ${place}`),
  handle: ({ who, value }) => plain(`${who}'s handler starts${value > 1 ? ` (attempt ${value})` : ""}`),
  handled: ({ who, note }) => ({
    text: `${who}'s handler ends: ${note === "" ? "ok" : note}`,
    tone: HANDLED[note === "" ? "ok" : note] ?? "bad",
  }),
  finish: ({ who, peer }) => good(`${who} sends FIN to ${peer}`),
  requeue: ({ who, peer, value }) =>
    again(`${who} sends REQ to ${peer}${value > 0 ? `, delay ${duration(value)}` : ""}`),
  touch: ({ who }) => plain(`${who} sends TOUCH: more time`),
  "give-up": ({ who, value }) => bad(`${who} gives up after ${value} attempts: FIN without handling`),
  "answer-error": ({ who, note }) => bad(`${who}'s answer is refused${because(note)}`),
  rdy: ({ who, value }) => plain(`${who} sends RDY ${value}`),
  connect: ({ who, peer }) => plain(`${who} connects to ${peer}`),
  subscribe: ({ who, place }) => plain(`${who} subscribes to ${place}`),
  "connect-failed": ({ who, peer, note }) => bad(`${who} cannot connect to ${peer}${because(note)}`),
  close: ({ who, peer, note }) => bad(`${who}'s connection to ${peer} closes${because(note)}`),
  backoff: ({ who, note, value }) => again(`${who} backoff: ${note}, level ${value}`),
  operate: ({ who, place, note }) => plain(`${who}: ${note} ${place}`),
  process: ({ who, note }) => plain(`${who}: ${note}`),
  fault: ({ note }) => bad(note),
  phase: ({ note }) => plain(`phase ${note}`),
  gauge: ({ place, note, value }) => inside(`${place}: ${note} ${value}`),
  "broker-accept": ({ who, place }) => inside(`${who} has it in ${place}`),
  "broker-fan-out": ({ who, place }) => inside(`${who} puts a copy into ${place}`),
  "broker-send": ({ who, place, value }) => inside(`${who} sends it on ${place}, attempt ${value}`),
  "broker-finish": ({ who, place }) => inside(`${who} has the FIN: done on ${place}`),
  "broker-requeue": ({ who, place }) => inside(`${who} has the REQ: back into ${place}`),
  "broker-timeout": ({ who, place }) => ({ text: `${who}: deadline passed, back into ${place}`, tone: "bad" }),
  "broker-defer": ({ who, place, value }) =>
    inside(`${who} holds it back on ${place}${value > 0 ? ` for ${duration(value)}` : ""}`),
  "broker-due": ({ who, place }) => inside(`${who}: due, ready on ${place}`),
  "broker-drop": ({ who, place, note }) => bad(`${who} drops it from ${place}${because(note)}`),
};

/** The story as lines of text, for readers of the screen. */
export function storyLine(event: StoryEvent): string {
  const labels = event.labels.length === 0 ? "" : ` [${event.labels.join("; ")}]`;
  return `${seconds(event.at)}: ${event.text}${labels}`;
}
