import type { NsqdProbe, ProbeKind } from "../core/nsqd/probe.ts";
import { parseMessageNumber } from "./apps/body.ts";
import type { Agenda } from "./clock.ts";
import { KIND, type History } from "./history.ts";

const ROW_KIND: Readonly<Record<ProbeKind, number>> = {
  accept: KIND["broker-accept"],
  "fan-out": KIND["broker-fan-out"],
  send: KIND["broker-send"],
  finish: KIND["broker-finish"],
  requeue: KIND["broker-requeue"],
  timeout: KIND["broker-timeout"],
  defer: KIND["broker-defer"],
  due: KIND["broker-due"],
  drop: KIND["broker-drop"],
};

/** Writes what a broker does inside into the history: rows that explain, and that no oracle judges by. */
export class BrokerRows implements NsqdProbe {
  private readonly history: History;
  private readonly agenda: Agenda;
  private readonly process: number;
  /** Numbers of places, by topic and channel. */
  private readonly places = new Map<string, Map<string, number>>();

  constructor(history: History, agenda: Agenda, nsqd: string) {
    this.history = history;
    this.agenda = agenda;
    this.process = history.intern(nsqd);
  }

  event(
    kind: ProbeKind,
    topic: string,
    channel: string,
    bytes: Uint8Array,
    start: number,
    end: number,
    value: number,
    text: string,
    idHigh: number,
    idLow: number,
  ): void {
    const { history, process } = this;
    const place = this.places.get(topic)?.get(channel) ?? this.newPlace(topic, channel);
    const message = parseMessageNumber(bytes, start, end);
    const note = text === "" ? 0 : history.intern(text);
    history.add(this.agenda.now, ROW_KIND[kind], process, 0, place, message, -1, value, 0, note, idHigh, idLow);
  }

  private newPlace(topic: string, channel: string): number {
    const place = this.history.intern(channel === "" ? topic : `${topic}/${channel}`);
    const channels = this.places.get(topic) ?? new Map<string, number>();
    this.places.set(topic, channels.set(channel, place));
    return place;
  }
}
