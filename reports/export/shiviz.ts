import type { EventKind, History, HistoryEvent } from "../../sim/history.ts";

/** To be pasted into ShiViz as the regular expression of the log. */
export const SHIVIZ_REGEX = String.raw`(?<host>\S*) (?<clock>{.*})\n(?<event>.*)`;

type Clock = Map<string, number>;

/**
 * A history as a log for ShiViz: two lines per event, `host {vector clock}` and what happened. Clocks are joined along
 * messages: a publish and its arrival, an OK, a delivery, a FIN or REQ and its arrival. Where the broker's inside was not
 * recorded, a delivery follows its publish. Samples of counters are left out.
 */
export function exportShiViz(history: History): string {
  const clocks = new Clocks();
  const lines: string[] = [];
  for (const event of history.events()) {
    if (event.process === "" || event.kind === "gauge") continue;
    const clock = clocks.tick(event);
    const entries = [...clock].map(([host, count]) => `${JSON.stringify(host)}:${count}`);
    lines.push(`${event.process} {${entries.join(",")}}`, describe(event));
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/** What an event may have been caused by at another host: the first of these that is known. */
const ARRIVING: Readonly<Partial<Record<EventKind, (event: HistoryEvent) => readonly string[]>>> = {
  "broker-accept": ({ process, msg }) => [`publish ${process} ${msg}`],
  "publish-ok": ({ peer, msg }) => [`accept ${peer} ${msg}`],
  deliver: ({ peer, place, msg, value }) => [`send ${peer} ${place} ${msg} ${value}`, `publish ${peer} ${msg}`],
  "broker-finish": ({ process, place, msg, value }) => [`finish ${process} ${place} ${msg} ${value}`],
  "broker-requeue": ({ process, place, msg }) => [`requeue ${process} ${place} ${msg}`],
};

/** The name of what leaves with an event; a FIN is known by the attempts of its delivery. */
const LEAVING: Readonly<Partial<Record<EventKind, (event: HistoryEvent, attempts: number) => string>>> = {
  publish: ({ peer, msg }) => `publish ${peer} ${msg}`,
  "broker-accept": ({ process, msg }) => `accept ${process} ${msg}`,
  "broker-send": ({ process, place, msg, value }) => `send ${process} ${place} ${msg} ${value}`,
  finish: ({ peer, place, msg }, attempts) => `finish ${peer} ${place} ${msg} ${attempts}`,
  requeue: ({ peer, place, msg }) => `requeue ${peer} ${place} ${msg}`,
};

/** The clock of each host, and those that travel with messages. */
class Clocks {
  private readonly hosts = new Map<string, Clock>();
  /** What was sent, under the names that its arrival looks for. */
  private readonly sent = new Map<string, Clock>();
  /** Attempts of the last delivery of a message to a consumer. */
  private readonly attempts = new Map<string, number>();

  tick(event: HistoryEvent): Clock {
    const clock = new Map(this.hosts.get(event.process));
    for (const key of this.arriving(event)) {
      const sent = this.sent.get(key);
      if (sent === undefined) continue;
      for (const [host, count] of sent) clock.set(host, Math.max(clock.get(host) ?? 0, count));
      break;
    }
    clock.set(event.process, (clock.get(event.process) ?? 0) + 1);
    this.hosts.set(event.process, clock);
    const key = this.leaving(event);
    if (key !== null) this.sent.set(key, clock);
    return clock;
  }

  private arriving(event: HistoryEvent): readonly string[] {
    return ARRIVING[event.kind]?.(event) ?? [];
  }

  /** The name of what leaves with an event. */
  private leaving(event: HistoryEvent): string | null {
    const { kind, process, place, msg, conn, value } = event;
    const delivery = `${process} ${place} ${conn} ${msg}`;
    if (kind === "deliver") this.attempts.set(delivery, value);
    return LEAVING[kind]?.(event, this.attempts.get(delivery) ?? 0) ?? null;
  }
}

function describe({ atUs, kind, peer, place, msg, value, text }: HistoryEvent): string {
  const parts = [`${(atUs / 1e6).toFixed(6)} s`, kind];
  if (msg >= 0) parts.push(`m${msg}`);
  if (place !== "") parts.push(place);
  if (peer !== "") parts.push(`with ${peer}`);
  if (value !== 0) parts.push(`(${value})`);
  if (text !== "") parts.push(text);
  return parts.join(" ").replaceAll(/\s+/g, " ");
}
