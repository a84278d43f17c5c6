import { type History, KIND } from "../history.ts";

/** How a delivery came about: what had become of the delivery before it, by all that its clients could see. */
export const CAUSE = {
  /** First delivery on this channel. */
  first: 0,
  /** REQ. */
  requeued: 1,
  /** The deadline passed while the consumer had it. */
  timedOut: 2,
  /** The deadline passed after the consumer's process had died. */
  crashed: 3,
  /** The deadline passed; a FIN was sent, but its connection broke before it had certainly arrived. */
  finLost: 4,
  /** The deadline passed; the connection was gone before. */
  connectionLost: 5,
  /** nsqd was started again in between. */
  restarted: 6,
  /** A later attempt of the same message was seen before: this one's bytes were on the way all the time. */
  overtaken: 7,
  /** None: a FIN had certainly arrived in time. */
  finished: 8,
  /** A FIN had arrived, but nsqd was killed after it, and its files still held the message. */
  replayed: 9,
  /** None: nsqd was started again, and its files did not hold the message. */
  resurrected: 10,
} as const;

/** nsqd was started again between a delivery and the one before it. */
export function isAcrossRestart(cause: number): boolean {
  return cause === CAUSE.restarted || cause === CAUSE.replayed || cause === CAUSE.resurrected;
}

export const ANSWER = { none: 0, finish: 1, requeue: 2 } as const;

/** A delivery's lateness: 0 is in time, 1.. name the excuse in {@link LATE_LICENCES}, the last one is none. */
export const LATE_LICENCES = [
  null,
  "fault",
  "paused",
  "no-connection",
  "backoff",
  "queueing",
  "no-ready-consumer",
] as const;
export const LATE_WITHOUT_EXCUSE = LATE_LICENCES.length;

/** What the publishers did, indexed by message number. Row -1: there is none. */
export class Messages {
  readonly size: number;
  readonly publishRow: Int32Array;
  /** publish-ok, -error or -unknown. */
  readonly outcomeRow: Int32Array;
  /** Index in `Lives.topics`, or -1. */
  readonly topic: Int32Array;
  /** Position among the messages of its topic. */
  readonly rank: Int32Array;
  /** First delivery row of all channels: shows the broker's id. */
  readonly idRow: Int32Array;

  constructor(size: number) {
    this.size = size;
    this.publishRow = new Int32Array(size).fill(-1);
    this.outcomeRow = new Int32Array(size).fill(-1);
    this.topic = new Int32Array(size).fill(-1);
    this.rank = new Int32Array(size);
    this.idRow = new Int32Array(size).fill(-1);
  }
}

/** One entry per delivery to a client, in the order of the history. Instants in µs; -1: none, in all index columns. */
export class Deliveries {
  count = 0;
  readonly row: Int32Array;
  readonly life: Int32Array;
  readonly connection: Int32Array;
  /** Delivery of the same life with the most attempts before this one. */
  readonly prev: Int32Array;
  /** Delivery of the same life that arrived before this one. */
  readonly earlier: Int32Array;
  readonly cause: Uint8Array;
  /** Row that shows the cause, beyond the two deliveries. */
  readonly causeRow: Int32Array;
  /** Attempts between `prev` and this one that no client saw; -1: its number was used before. */
  readonly hidden: Int16Array;
  /** Earliest instant at which nsqd may have sent it, by the rules; -Infinity when nothing says. */
  readonly allowedLow: Float64Array;
  /** Latest instant at which it became deliverable; Infinity when nothing says. */
  readonly allowedHigh: Float64Array;
  /** Earliest instant at which nsqd sent it, by all that is known. */
  readonly sentLow: Float64Array;
  readonly answer: Uint8Array;
  readonly answerRow: Int32Array;
  /** Row of nsqd's refusal of the answer. */
  readonly refusalRow: Int32Array;
  /** Last TOUCH: index in {@link Touches}. */
  readonly touch: Int32Array;
  /** In flight on its connection with it, by what the client sent. */
  readonly inFlight: Int32Array;
  /** Highest RDY that may have been in force when it was sent. */
  readonly rdyHigh: Int32Array;
  /** See {@link LATE_LICENCES}. */
  readonly late: Uint8Array;
  /** Links of the list of deliveries that are in flight on a connection; `newer` is -2 outside of the list. */
  readonly older: Int32Array;
  readonly newer: Int32Array;

  constructor(capacity: number) {
    this.row = new Int32Array(capacity);
    this.life = new Int32Array(capacity);
    this.connection = new Int32Array(capacity);
    this.prev = new Int32Array(capacity).fill(-1);
    this.earlier = new Int32Array(capacity).fill(-1);
    this.cause = new Uint8Array(capacity);
    this.causeRow = new Int32Array(capacity).fill(-1);
    this.hidden = new Int16Array(capacity);
    this.allowedLow = new Float64Array(capacity);
    this.allowedHigh = new Float64Array(capacity);
    this.sentLow = new Float64Array(capacity);
    this.answer = new Uint8Array(capacity);
    this.answerRow = new Int32Array(capacity).fill(-1);
    this.refusalRow = new Int32Array(capacity).fill(-1);
    this.touch = new Int32Array(capacity).fill(-1);
    this.inFlight = new Int32Array(capacity);
    this.rdyHigh = new Int32Array(capacity);
    this.late = new Uint8Array(capacity);
    this.older = new Int32Array(capacity).fill(-1);
    this.newer = new Int32Array(capacity).fill(-2);
  }
}

/** One entry per message and channel that was delivered at least once. */
export class LifeTable {
  count = 0;
  readonly msg: Int32Array;
  /** Index in `Lives.places`. */
  readonly place: Int32Array;
  readonly deliveries: Int32Array;
  /** Delivery with the most attempts. */
  readonly top: Int32Array;
  /** The one that arrived last. */
  readonly last: Int32Array;
  readonly giveUpRow: Int32Array;

  constructor(capacity: number) {
    this.msg = new Int32Array(capacity);
    this.place = new Int32Array(capacity);
    this.deliveries = new Int32Array(capacity);
    this.top = new Int32Array(capacity);
    this.last = new Int32Array(capacity);
    this.giveUpRow = new Int32Array(capacity).fill(-1);
  }
}

/** TOUCHes, a list per delivery: newest first. */
export class Touches {
  readonly row: number[] = [];
  readonly before: number[] = [];

  add(row: number, before: number): number {
    this.row.push(row);
    this.before.push(before);
    return this.row.length - 1;
  }
}

/** Sizes the tables: one look at the kinds and message numbers. */
export function measure(history: History): { readonly messages: number; readonly deliveries: number } {
  let highest = 0;
  let deliveries = 0;
  const { kind, msg, length } = history;
  for (let row = 0; row < length; row += 1) {
    if (kind[row] === KIND.deliver) deliveries += 1;
    else if (kind[row] === KIND.publish && msg[row]! > highest) highest = msg[row]!;
  }
  return { messages: highest + 1, deliveries };
}
