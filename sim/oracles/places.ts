import { assert } from "../../core/assert.ts";
import type { Micros } from "../../core/time.ts";
import type { Connection } from "./connections.ts";

/** One topic of one nsqd. */
export class TopicHere {
  /** Number of the name of the nsqd. */
  readonly nsqd: number;
  readonly name: string;
  /** Position in `Lives.topics`. */
  readonly index: number;
  readonly ephemeral: boolean;
  readonly places: Place[] = [];
  /** Message numbers in the order of their publish. */
  readonly messages: number[] = [];
  paused = false;
  /** When the last pause was certainly done. */
  pauseDone: Micros = -Infinity;
  /** Latest instant at which it was paused, -Infinity when never. */
  pausedUntil: Micros = -Infinity;
  everPaused = false;
  /** Publishes whose outcome is known, and those of them that were refused. */
  settled = 0;
  refused = 0;
  /** Latest instant at which some channel's memory queue may have been full, which holds the pump back. */
  fullUntil: Micros = -Infinity;
  /** When it certainly was there since it was last made; -1: it may be gone. */
  madeAt: Micros = -1;
  readonly removals: Removal[] = [];

  constructor(nsqd: number, name: string, index: number) {
    this.nsqd = nsqd;
    this.name = name;
    this.index = index;
    this.ephemeral = name.endsWith("#ephemeral");
  }

  exists(at: Micros): void {
    if (this.madeAt < 0) this.madeAt = at;
  }

  mayBeGone(): void {
    this.madeAt = -1;
  }

  /** True when a channel may hold as many messages as its memory queue takes. */
  mayBeFull(memQueueSize: number): boolean {
    const published = this.messages.length - this.refused;
    if (published < memQueueSize) return false;
    return this.places.some((place) => published - place.gone >= memQueueSize);
  }
}

/** An operator's empty or delete: when it was asked for and when it was certainly done. */
export interface Removal {
  readonly row: number;
  readonly text: string;
  readonly from: Micros;
  readonly to: Micros;
}

/** A span in which a channel certainly exists: from its first row to the row after which it may be gone. */
interface Existence {
  readonly from: Micros;
  readonly fromRow: number;
  endRow: number;
}

/** One channel of one topic of one nsqd, as its consumers and operators see it. */
export class Place {
  /** topic/channel. */
  readonly name: string;
  /** Position in `Lives.places`. */
  readonly index: number;
  readonly topic: TopicHere;
  readonly ephemeral: boolean;
  readonly existences: Existence[] = [];
  /** Row before which it cannot have existed. */
  possibleRow = Infinity;
  /** When it was last made anew, if it was: see {@link mayBeNew}. */
  private newSince: Micros = -Infinity;
  readonly removals: Removal[] = [];
  /** Until then a removal may have made nsqd forget what was in flight. */
  forgottenUntil: Micros = -Infinity;
  /** One connection of each consumer that ever subscribed here: stands for its path. */
  readonly paths: Connection[] = [];
  /** Life of the message with that rank in its topic, plus 1; 0: none. */
  lifeOfRank = new Int32Array(256);

  paused = false;
  pauseDone: Micros = -Infinity;
  pausedUntil: Micros = -Infinity;
  /** Shortest msg timeout of its consumers. */
  minTimeout: Micros = Infinity;
  /** Subscribed connections that are open. */
  open = 0;
  unconnectedUntil: Micros = 0;
  /** Consumers of this channel that are in backoff, by process number. */
  readonly backingOff = new Set<number>();
  backoffUntil: Micros = -Infinity;
  /** Messages of the topic that are not waiting here any more, or never were. */
  gone = 0;
  lastDeliverAt: Micros = -Infinity;
  /** Last row of a delivery or an answer here. */
  lastRow = -1;

  /** Bytes that a fault slowed down may be on their way until then. */
  unsettledUntil: Micros = -1;

  /** How long nsqd may take to use room that a client has made, and the client to see it. */
  window: Micros = 0;
  /** Some connection has had room, and nothing came, since then; -1: not so. */
  private idleSince: Micros = -1;
  private ready = 0;
  /** The last such stretch longer than {@link window}. */
  idleFrom: Micros = -1;
  idleTo: Micros = -1;

  constructor(name: string, index: number, topic: TopicHere) {
    this.name = name;
    this.index = index;
    this.topic = topic;
    this.ephemeral = name.endsWith("#ephemeral");
  }

  /** Instant from which it certainly existed for the first time, or Infinity. */
  get createdAt(): Micros {
    return this.existences[0]?.from ?? Infinity;
  }

  get readyConnections(): number {
    return this.ready;
  }

  /** Some connection has had room, and nothing came, for longer than the window when the history ends. */
  idleAtEnd(end: Micros): boolean {
    return this.idleSince >= 0 && end - this.idleSince > this.window;
  }

  /** Latest instant at which it may have been made anew, or Infinity. */
  get renewedAt(): Micros {
    return Math.max(this.existences.at(-1)?.from ?? Infinity, this.newSince);
  }

  setLife(rank: number, life: number): void {
    if (rank >= this.lifeOfRank.length) {
      const longer = new Int32Array(Math.max(rank + 1, this.lifeOfRank.length * 2));
      longer.set(this.lifeOfRank);
      this.lifeOfRank = longer;
    }
    this.lifeOfRank[rank] = life + 1;
  }

  /** The life of a message here, or -1: it was never delivered here. */
  life(rank: number): number {
    return rank < this.lifeOfRank.length ? this.lifeOfRank[rank]! - 1 : -1;
  }

  /** Somebody tries to create it from this row on; whether it worked may never be known. */
  attempted(row: number): void {
    this.possibleRow = Math.min(this.possibleRow, row);
  }

  /** Somebody has subscribed to it, or to what was there before. */
  mayBeNew(row: number, at: Micros): void {
    this.attempted(row);
    this.newSince = at;
  }

  /** At this row it exists. */
  exists(row: number, at: Micros): void {
    this.attempted(row);
    this.topic.exists(at);
    if ((this.existences.at(-1)?.endRow ?? -1) === Infinity) return;
    this.existences.push({ from: at, fromRow: row, endRow: Infinity });
  }

  /** From this row on it may be gone. */
  mayBeGone(row: number): void {
    if (this.topic.ephemeral) this.topic.mayBeGone();
    const last = this.existences.at(-1);
    if (last !== undefined && last.endRow === Infinity) last.endRow = row;
  }

  /**
   * Call before and after any change of a connection's room: `delta` ready connections more. With less of them a stretch
   * begins anew: what nsqd has sent to the one that is gone, or stands still, others did not see.
   */
  changeReady(delta: number, now: Micros): void {
    this.ready += delta;
    assert(this.ready >= 0, `${this.name}: fewer than no ready connections`);
    if (delta < 0) this.endIdle(now);
    this.refresh(now);
  }

  /** Something was delivered here: a stretch without deliveries begins anew. */
  delivered(now: Micros): void {
    this.endIdle(now);
    this.lastDeliverAt = now;
    this.refresh(now);
  }

  refresh(now: Micros): void {
    const idle = this.ready > 0 && !this.paused && !this.topic.paused;
    if (!idle) this.endIdle(now);
    else if (this.idleSince < 0) this.idleSince = now;
  }

  /** End of the last hold on any path of this channel that shares an instant with [from, to]; as in Intervals. */
  lastDisturbance(from: Micros, to: Micros): Micros {
    let last = -1;
    for (const path of this.paths) last = Math.max(last, path.lastDisturbance(from, to));
    return last;
  }

  private endIdle(now: Micros): void {
    if (this.idleSince >= 0 && now - this.idleSince > this.window) {
      this.idleFrom = this.idleSince;
      this.idleTo = now;
    }
    this.idleSince = -1;
  }
}
