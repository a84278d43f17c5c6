import type { EventKind, HistoryEvent } from "../history.ts";
import { count, span } from "./words.ts";

/** An event in plain words. */
export interface Sentence {
  readonly text: string;
  /** `again`: something happens once more or is to; `explains`: seen only inside the broker. */
  readonly tone: "plain" | "good" | "bad" | "again" | "explains";
}

/** What a row of the table in `history.ts` says. */
type Facts = Pick<HistoryEvent, "kind" | "process" | "peer" | "place" | "conn" | "value" | "text">;

/** One sentence about one event, its process the subject, a message of the event "it". */
export function tellEvent(event: Facts): Sentence {
  return TELLERS[event.kind](event);
}

const because = (text: string): string => (text === "" ? "" : `: ${text}`);
const plain = (text: string): Sentence => ({ text, tone: "plain" });
const good = (text: string): Sentence => ({ text, tone: "good" });
const bad = (text: string): Sentence => ({ text, tone: "bad" });
const again = (text: string): Sentence => ({ text, tone: "again" });
const inside = (text: string): Sentence => ({ text, tone: "explains" });

const HANDLED: Readonly<Record<string, Sentence["tone"]>> = {
  ok: "good",
  known: "good",
  requeue: "again",
  silent: "bad",
};

const TELLERS: Readonly<Record<EventKind, (event: Facts) => Sentence>> = {
  publish: ({ process, peer, place, text, value }) =>
    plain(
      `${process} publishes to ${place} on ${peer}${text === "" ? "" : ` (${text})`}${value > 0 ? `, due in ${span(value)}` : ""}`,
    ),
  "publish-ok": ({ process }) => good(`${process} gets OK: the broker has taken responsibility`),
  "publish-error": ({ process, text }) => bad(`${process} gets an error${because(text)}`),
  "publish-unknown": ({ process, text }) => bad(`${process} will never know the outcome${because(text)}`),
  deliver: ({ process, place, conn, value }) => {
    const how = conn > 0 ? `on ${place} (connection ${conn})` : `on ${place}`;
    return value > 1
      ? again(`${process} receives it again ${how}, attempt ${value}`)
      : plain(`${process} receives it ${how}`);
  },
  handle: ({ process, value }) => plain(`${process}'s handler starts${value > 1 ? ` (attempt ${value})` : ""}`),
  handled: ({ process, text }) => ({
    text: `${process}'s handler ends: ${text === "" ? "ok" : text}`,
    tone: HANDLED[text === "" ? "ok" : text] ?? "bad",
  }),
  finish: ({ process, peer }) => good(`${process} sends FIN to ${peer}`),
  requeue: ({ process, peer, value }) =>
    again(`${process} sends REQ to ${peer}${value > 0 ? `, delay ${span(value)}` : ""}`),
  touch: ({ process }) => plain(`${process} sends TOUCH: more time`),
  "give-up": ({ process, value }) => bad(`${process} gives up after ${value} attempts: FIN without handling`),
  "answer-error": ({ process, text }) => bad(`${process}'s answer is refused${because(text)}`),
  rdy: ({ process, value }) => plain(`${process} sends RDY ${value}`),
  connect: ({ process, peer }) => plain(`${process} connects to ${peer}`),
  subscribe: ({ process, place }) => plain(`${process} subscribes to ${place}`),
  "connect-failed": ({ process, peer, text }) => bad(`${process} cannot connect to ${peer}${because(text)}`),
  close: ({ process, peer, text }) => bad(`${process}'s connection to ${peer} closes${because(text)}`),
  backoff: ({ process, text, value }) => again(`${process} backoff: ${text}, level ${value}`),
  lookup: ({ process, peer, value, text }) =>
    value < 0
      ? bad(`${process} learns nothing from ${peer}${because(text)}`)
      : plain(`${process} learns from ${peer}: ${value > 0 && text !== "" ? text : count(value, "nsqd")}`),
  operate: ({ process, peer, place, text, value }) => {
    const what = place === "" ? text : `${text} ${place}`;
    if (value === 0) return plain(`${process} asks ${peer}: ${what}`);
    return value < 300 ? plain(`${peer} has done it: ${what}`) : bad(`${peer} answers ${value} to: ${what}`);
  },
  process: ({ process, text }) => plain(`${process}: ${text}`),
  fault: ({ text }) => bad(text),
  phase: ({ text }) => plain(`phase ${text}`),
  disk: ({ process, text }) => bad(`${process}'s disk: ${text}`),
  gauge: ({ place, text, value }) => inside(`${place}: ${text} ${value}`),
  survey: ({ process, value, text }) =>
    text === ""
      ? plain(`${process} has ${count(value, "message")} on its disk`)
      : bad(`${process} has ${count(value, "message")} on its disk${because(text)}`),
  kept: ({ process, place }) => good(`it is on ${process}'s disk, in ${place}`),
  unkept: ({ process, place, text }) => bad(`it is on ${process}'s disk no more, in ${place}${because(text)}`),
  "broker-accept": ({ process, place }) => inside(`${process} has it in ${place}`),
  "broker-fan-out": ({ process, place }) => inside(`${process} puts a copy into ${place}`),
  "broker-send": ({ process, place, value }) => inside(`${process} sends it on ${place}, attempt ${value}`),
  "broker-finish": ({ process, place }) => inside(`${process} has the FIN: done on ${place}`),
  "broker-requeue": ({ process, place }) => inside(`${process} has the REQ: back into ${place}`),
  "broker-timeout": ({ process, place }) => ({ text: `${process}: deadline passed, back into ${place}`, tone: "bad" }),
  "broker-defer": ({ process, place, value }) =>
    inside(`${process} holds it back on ${place}${value > 0 ? ` for ${span(value)}` : ""}`),
  "broker-due": ({ process, place }) => inside(`${process}: due, ready on ${place}`),
  effect: ({ process, peer, text }) => {
    const what = text === "" ? "its effect takes place" : `its effect "${text}" takes place`;
    return good(peer === "" ? `${process}: ${what}` : `${process}: ${what} in ${peer}`);
  },
  "dead-letter": ({ process, peer, text }) => bad(`${process} puts it aside, a dead letter to ${peer}: ${text}`),
  "broker-drop": ({ process, place, text }) => bad(`${process} drops it from ${place}${because(text)}`),
};
