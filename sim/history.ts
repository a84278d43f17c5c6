import type { Micros } from "../core/time.ts";

/**
 * What happened in a run, in the order in which it happened: one row per event, kept in columns.
 *
 * Rows are what clients could see, the fault log, and `broker-*` rows, which only explain: no oracle judges by them.
 * The same rows come from the simulator, from our server over TCP, and from any other nsqd.
 *
 * | kind | process | peer | place | msg | conn | value | detail | text |
 * |---|---|---|---|---|---|---|---|---|
 * | publish | producer | nsqd | topic | number | connection | delay µs | message it retries, or -1 | PUB, MPUB, DPUB |
 * | publish-ok | producer | nsqd | topic | number | connection | | | |
 * | publish-error | producer | nsqd | topic | number | connection | | | error frame |
 * | publish-unknown | producer | nsqd | topic | number | connection | | | reason |
 * | deliver | consumer | nsqd | topic/channel | number | connection | attempts | publish timestamp µs | |
 * | handle | consumer | nsqd | topic/channel | number | connection | attempts | | |
 * | handled | consumer | nsqd | topic/channel | number | connection | attempts | | ok, known (a store says it was handled before), fail, throw, requeue, silent or the error |
 * | finish, requeue, touch | consumer | nsqd | topic/channel | number | connection | requeue: delay µs | | |
 * | give-up | consumer | nsqd | topic/channel | number | connection | attempts | | |
 * | answer-error | consumer | nsqd | topic/channel | number | connection | | | error frame |
 * | rdy | consumer | nsqd | topic/channel | -1 | connection | count | | |
 * | connect, subscribe | client | nsqd | topic/channel | -1 | connection | subscribe: msg timeout µs | | |
 * | connect-failed | client | nsqd | | -1 | connection | | | cause |
 * | close | client | nsqd | | -1 | connection | | | cause |
 * | backoff | consumer | | topic/channel | -1 | -1 | level | wait µs | enter, wait, test, leave |
 * | lookup | consumer | nsqlookupd | topic/channel | -1 | -1 | nsqds that have the topic, -1 without an answer | | their names, or why there is no answer |
 * | operate | operator | nsqd or nsqlookupd | topic or topic/channel | -1 | -1 | HTTP status, 0 while unanswered | | create, delete, empty, pause, unpause; "tombstone" and an nsqd; "config lookupd" and nsqlookupds, "config log_level" and a level |
 * | process | any | | | -1 | -1 | start: 1 + index of the fault that changed how it starts | | start, kill, stop, stopped, pause, resume, block, unblock |
 * | fault | target | other end | | -1 | -1 | index in the scenario | 1 begins, 0 ends | description |
 * | phase | | | | -1 | -1 | | | run, heal, end |
 * | disk | nsqd | | | -1 | -1 | | | what failed there: `write`, a file, its error; or `rot`, a file, a byte |
 * | gauge | nsqd | | topic or topic/channel | -1 | -1 | number | at most so old, µs | depth, in-flight, deferred, messages, requeues, timeouts, rdy |
 * | survey | nsqd | | | -1 | -1 | records that it must find on its disk | how it had ended: 0 by itself, 1 killed, 2 without power | what is wrong with the files |
 * | kept | nsqd | | topic or topic/channel | number; -1: the place itself, in nsqd.dat | -1 | attempts | 1: beyond the saved position of the writer | |
 * | unkept | nsqd | | topic or topic/channel | number | -1 | attempts | | unsynced, ignored, damaged, lost |
 * | broker-accept, broker-fan-out, broker-send, broker-finish, broker-requeue, broker-timeout, broker-defer, broker-due, broker-drop | nsqd | | topic or topic/channel | number | -1 | attempts, or delay µs | | cause of a drop |
 * | effect | consumer | store that did it, or none | topic/channel | number | connection | attempts | business id | its name, if it has one |
 * | dead-letter | consumer | nsqd it is published to | topic/channel | number | connection | attempts | number of the dead letter | what it carries: JSON |
 *
 * `msg` is the number a workload gave to the message (it travels in the body), the same for every channel's copy. A
 * retried publish gets a number of its own, and shares the business id: the number of what was published first. `idHigh`/`idLow` is the broker's message id where a row shows one.
 */
export const EVENT_KINDS = [
  "publish",
  "publish-ok",
  "publish-error",
  "publish-unknown",
  "deliver",
  "handle",
  "handled",
  "finish",
  "requeue",
  "touch",
  "give-up",
  "answer-error",
  "rdy",
  "connect",
  "subscribe",
  "connect-failed",
  "close",
  "backoff",
  "lookup",
  "operate",
  "process",
  "fault",
  "phase",
  "gauge",
  "broker-accept",
  "broker-fan-out",
  "broker-send",
  "broker-finish",
  "broker-requeue",
  "broker-timeout",
  "broker-defer",
  "broker-due",
  "broker-drop",
  "survey",
  "kept",
  "unkept",
  "effect",
  "dead-letter",
  "disk",
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

/** Kind to its number in {@link History.kind}. */
export const KIND = Object.fromEntries(EVENT_KINDS.map((name, index) => [name, index])) as Readonly<
  Record<EventKind, number>
>;

/** One row, as an object. Absent values: "" and -1 (`msg`, `conn`), 0 elsewhere. */
export interface HistoryEvent {
  readonly seq: number;
  readonly atUs: Micros;
  readonly kind: EventKind;
  readonly process: string;
  readonly peer: string;
  readonly place: string;
  readonly msg: number;
  readonly conn: number;
  readonly value: number;
  readonly detail: number;
  readonly text: string;
  /** 16 hex digits, or "". */
  readonly id: string;
}

const FIRST_CAPACITY = 1024;

/** Grows by doubling; columns are public so that oracles walk them without making objects. */
export class History {
  length = 0;
  at: Float64Array;
  kind: Uint8Array;
  /** Numbers of strings: see {@link strings}. */
  process: Int32Array;
  peer: Int32Array;
  place: Int32Array;
  msg: Int32Array;
  conn: Int32Array;
  value: Float64Array;
  detail: Float64Array;
  note: Int32Array;
  idHigh: Uint32Array;
  idLow: Uint32Array;

  /** Every string that occurs, by number; number 0 is "". */
  readonly strings: string[] = [""];
  private readonly numbers = new Map<string, number>([["", 0]]);
  /** The string asked for last: often the next one too. */
  private latestText = "";
  private latestNumber = 0;
  private readonly watchers: ((row: number) => void)[] = [];

  /** @param capacity rows to make room for; more are possible, at the price of copying. */
  constructor(capacity = FIRST_CAPACITY) {
    this.at = new Float64Array(capacity);
    this.kind = new Uint8Array(capacity);
    this.process = new Int32Array(capacity);
    this.peer = new Int32Array(capacity);
    this.place = new Int32Array(capacity);
    this.msg = new Int32Array(capacity);
    this.conn = new Int32Array(capacity);
    this.value = new Float64Array(capacity);
    this.detail = new Float64Array(capacity);
    this.note = new Int32Array(capacity);
    this.idHigh = new Uint32Array(capacity);
    this.idLow = new Uint32Array(capacity);
  }

  /** The number of a string, given on first sight. Look the common ones up once. */
  intern(text: string): number {
    if (text === this.latestText) return this.latestNumber;
    let number = this.numbers.get(text);
    if (number === undefined) {
      number = this.strings.length;
      this.strings.push(text);
      this.numbers.set(text, number);
    }
    this.latestText = text;
    this.latestNumber = number;
    return number;
  }

  /** Appends a row; strings by number. Returns its row number. */
  add(
    at: Micros,
    kind: number,
    process: number,
    peer: number,
    place: number,
    msg: number,
    conn: number,
    value: number,
    detail: number,
    note: number,
    idHigh = 0,
    idLow = 0,
  ): number {
    const row = this.length;
    if (row === this.at.length) this.grow();
    this.at[row] = at;
    this.kind[row] = kind;
    this.process[row] = process;
    this.peer[row] = peer;
    this.place[row] = place;
    this.msg[row] = msg;
    this.conn[row] = conn;
    this.value[row] = value;
    this.detail[row] = detail;
    this.note[row] = note;
    this.idHigh[row] = idHigh;
    this.idLow[row] = idLow;
    this.length = row + 1;
    const { watchers } = this;
    for (let index = 0; index < watchers.length; index += 1) watchers[index]!(row);
    return row;
  }

  /** Appends a row given as an object: for what happens rarely, and for recorded histories. */
  record(event: Partial<Omit<HistoryEvent, "seq">> & { readonly atUs: Micros; readonly kind: EventKind }): number {
    const id = event.id ?? "";
    return this.add(
      event.atUs,
      KIND[event.kind],
      this.intern(event.process ?? ""),
      this.intern(event.peer ?? ""),
      this.intern(event.place ?? ""),
      event.msg ?? -1,
      event.conn ?? -1,
      event.value ?? 0,
      event.detail ?? 0,
      this.intern(event.text ?? ""),
      id === "" ? 0 : Number.parseInt(id.slice(0, 8), 16),
      id === "" ? 0 : Number.parseInt(id.slice(8), 16),
    );
  }

  /** Calls `watch` after each row that is added (event-triggered faults). */
  watch(watch: (row: number) => void): void {
    this.watchers.push(watch);
  }

  event(row: number): HistoryEvent {
    const high = this.idHigh[row]!;
    const low = this.idLow[row]!;
    return {
      seq: row,
      atUs: this.at[row]!,
      kind: EVENT_KINDS[this.kind[row]!]!,
      process: this.strings[this.process[row]!]!,
      peer: this.strings[this.peer[row]!]!,
      place: this.strings[this.place[row]!]!,
      msg: this.msg[row]!,
      conn: this.conn[row]!,
      value: this.value[row]!,
      detail: this.detail[row]!,
      text: this.strings[this.note[row]!]!,
      id: high === 0 && low === 0 ? "" : hex32(high) + hex32(low),
    };
  }

  /** All rows as objects, in order. */
  *events(): IterableIterator<HistoryEvent> {
    for (let row = 0; row < this.length; row += 1) yield this.event(row);
  }

  /** Fingerprint of everything in the history, 16 hex digits; equal on every machine for equal rows. */
  hash(): string {
    const { length, at, kind, process, peer, place, msg, conn, value, detail, note, idHigh, idLow } = this;
    const mixer = new Mixer();
    for (let row = 0; row < length; row += 1) {
      mixer.number(at[row]!);
      mixer.pair(kind[row]!, process[row]!);
      mixer.pair(peer[row]!, place[row]!);
      mixer.pair(msg[row]!, conn[row]!);
      mixer.number(value[row]!);
      mixer.number(detail[row]!);
      mixer.pair(note[row]!, idHigh[row]!);
      mixer.pair(idLow[row]!, row);
    }
    for (const text of this.strings) {
      mixer.pair(text.length, 0);
      for (let index = 0; index < text.length; index += 1) mixer.pair(text.charCodeAt(index), index);
    }
    return mixer.hex();
  }

  private grow(): void {
    const capacity = this.at.length * 2;
    this.at = grown(this.at, new Float64Array(capacity));
    this.kind = grown(this.kind, new Uint8Array(capacity));
    this.process = grown(this.process, new Int32Array(capacity));
    this.peer = grown(this.peer, new Int32Array(capacity));
    this.place = grown(this.place, new Int32Array(capacity));
    this.msg = grown(this.msg, new Int32Array(capacity));
    this.conn = grown(this.conn, new Int32Array(capacity));
    this.value = grown(this.value, new Float64Array(capacity));
    this.detail = grown(this.detail, new Float64Array(capacity));
    this.note = grown(this.note, new Int32Array(capacity));
    this.idHigh = grown(this.idHigh, new Uint32Array(capacity));
    this.idLow = grown(this.idLow, new Uint32Array(capacity));
  }
}

function grown<T extends Float64Array | Uint8Array | Int32Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, "0");
}

/**
 * Two 32-bit multiply-xor lanes that take two integers at a time, each lane both of them. Numbers enter by arithmetic,
 * never by their bytes: no dependence on byte order.
 */
class Mixer {
  private a = 0x811c9dc5 | 0;
  private b = 0x9e3779b9 | 0;

  pair(first: number, second: number): void {
    const a = Math.imul(this.a ^ first, 0x01000193) ^ second;
    const b = Math.imul(this.b ^ second, 0x85ebca6b) ^ first;
    this.a = Math.imul(a ^ (a >>> 15), 0xc2b2ae35);
    this.b = Math.imul(b ^ (b >>> 13), 0x27d4eb2f);
  }

  number(value: number): void {
    this.pair(value | 0, Math.floor(value / 0x1_0000_0000) | 0);
  }

  hex(): string {
    return hex32(this.a >>> 0) + hex32(this.b >>> 0);
  }
}
