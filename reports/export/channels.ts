import type { History } from "../../sim/history.ts";

/** Which channels a topic has on an nsqd, and since when, as far as clients could see. */
export class Channels {
  /** By nsqd and topic: channel to the first row that shows it. */
  private readonly found = new Map<string, Map<string, number>>();

  constructor(history: History) {
    for (const { seq, kind, peer, place, text, value } of history.events()) {
      const isCreated = kind === "operate" && text === "create" && value === 200;
      if (kind !== "subscribe" && kind !== "deliver" && !isCreated) continue;
      const slash = place.indexOf("/");
      if (slash === -1) continue;
      const key = keyOf(peer, place.slice(0, slash));
      const channels = this.found.get(key) ?? new Map<string, number>();
      if (!channels.has(place)) channels.set(place, seq);
      this.found.set(key, channels);
    }
  }

  /** As `topic/channel`; the topic alone where nobody ever subscribed. */
  of(nsqd: string, topic: string): readonly string[] {
    const channels = this.found.get(keyOf(nsqd, topic));
    return channels === undefined ? [topic] : [...channels.keys()];
  }

  /** Certainly, what was published in that row goes to the channel: it existed, or is the only one and gets the backlog. */
  isOwed(nsqd: string, place: string, row: number): boolean {
    const slash = place.indexOf("/");
    const channels = this.found.get(keyOf(nsqd, slash === -1 ? place : place.slice(0, slash)));
    return channels === undefined || channels.size === 1 || channels.get(place)! < row;
  }
}

function keyOf(nsqd: string, topic: string): string {
  return `${nsqd} ${topic}`;
}
