import { parseNsqlookupdOptions } from "../../core/nsqlookupd/options.ts";
import type { Micros } from "../../core/time.ts";
import { EVENT_KINDS, type EventKind, KIND } from "../history.ts";
import { Calm } from "./calm.ts";
import { Holdings } from "./holdings.ts";
import type { Lives } from "./lives.ts";
import type { ConsumerTerms } from "./terms.ts";

/** Bytes of an IDENTIFY or an answer, about: with smaller socket buffers each takes several trips. */
const LARGEST_TALK = 1_024;

/** An nsqlookupd that was asked: its answer, or the lack of one. */
export interface Answer {
  readonly row: number;
  readonly at: Micros;
  readonly asker: Asker;
  /** Number of the name of the nsqlookupd. */
  readonly lookupd: number;
  /** The nsqds of the scenario that it names. */
  readonly named: readonly number[];
}

/** A consumer that asks nsqlookupds. */
export interface Asker {
  readonly name: number;
  readonly terms: ConsumerTerms;
  readonly topic: string;
  readonly lookupds: readonly number[];
  /** Instants from which to which it did not ask; `row`: what ended that. */
  readonly silences: { readonly from: Micros; readonly to: Micros; readonly row: number }[];
  /** When it last asked, or began to run; -1: it does not run. */
  askedAt: Micros;
  startedAt: Micros;
  latest: Answer | null;
  /** Its connection to each nsqd, as it believes: the row of its connect. */
  readonly connected: Map<number, number>;
  /** When its last attempt at an nsqd ended. */
  readonly failedAt: Map<number, Micros>;
  /** Of the nsqds that it was told of and has not subscribed to. */
  readonly waiting: Map<number, Hint[]>;
}

/** A consumer was told of an nsqd that it had no connection to. */
export interface Hint {
  readonly answer: Answer;
  readonly nsqd: number;
  /** When it was certainly not trying already. */
  readonly freeSince: Micros;
  /** Infinity: it never subscribed. */
  subscribedAt: Micros;
  /** nsqd refused something meanwhile. */
  isRefused: boolean;
}

/** A consumer saw its connection close. */
export interface Leave {
  readonly row: number;
  readonly at: Micros;
  readonly asker: Asker;
  readonly nsqd: number;
  readonly openedAt: Micros;
  readonly answer: Answer | null;
}

/** An operator told an nsqlookupd something: asked at `from`, done by `to`, Infinity when that was never answered. */
export interface Order {
  readonly lookupd: number;
  readonly topic: string;
  /** The nsqd that is tombstoned; -1: all are forgotten. */
  readonly nsqd: number;
  readonly from: Micros;
  to: Micros;
}

/** Where an nsqd registers, from an instant on. */
interface Enrolment {
  readonly from: Micros;
  readonly lookupds: readonly number[];
}

/** Discovery as clients saw it: who asked whom and was told what, who has what, and what an operator did about it. */
export class Directory {
  readonly lives: Lives;
  readonly calm: Calm;
  readonly holdings = new Holdings();
  readonly askers = new Map<number, Asker>();
  readonly answers: Answer[] = [];
  readonly hints: Hint[] = [];
  readonly leaves: Leave[] = [];
  readonly orders: Order[] = [];
  /** Row of the close that a client saw, by the row of the connect. */
  readonly closeRows = new Map<number, number>();
  /** nsqds of the scenario that show in the history. */
  readonly nsqds: number[] = [];
  /** `tombstone-lifetime` and `inactive-producer-timeout`. */
  readonly lifetimes = new Map<number, { readonly tombstone: Micros; readonly inactive: Micros }>();
  /** When each nsqd was last started. */
  private readonly startedAt = new Map<number, Micros>();
  /** nsqds that have ended and are not started again yet. */
  private readonly dead = new Set<number>();
  /** Machines that lost their power. */
  private readonly darkened = new Set<number>();
  /** When one end of a link last forgot its connections, by both names. */
  private readonly halfOpenAt = new Map<string, Micros>();
  private readonly numbers: ReadonlyMap<string, number>;
  /** nsqds by what they tell others to connect to. */
  private readonly advertised = new Map<number, number>();
  private readonly enrolments = new Map<number, Enrolment[]>();
  private readonly namedBy = new Map<number, readonly number[]>();
  /** Row of the connect of each connection that may be open, by client, nsqd and number. */
  private readonly openRows = new Map<string, number>();
  /** Topics that an nsqd was seen to have, to look no further. */
  private readonly seen: (true | undefined)[][] = [];

  constructor(lives: Lives) {
    this.lives = lives;
    const { history } = lives;
    const { scenario } = lives.evidence;
    this.numbers = new Map(history.strings.map((text, number) => [text, number]));
    const windows = Math.ceil(LARGEST_TALK / (scenario.network?.sendBufferBytes ?? LARGEST_TALK));
    this.calm = new Calm(lives, lives.terms.latencyMax * (2 * windows - 1));
    for (const { name, options } of scenario.nsqlookupd ?? []) {
      const { tombstoneLifetime, inactiveProducerTimeout } = parseNsqlookupdOptions(options ?? {});
      this.lifetimes.set(this.number(name), { tombstone: tombstoneLifetime, inactive: inactiveProducerTimeout });
    }
    for (const { name, lookupd = [] } of scenario.nsqd) {
      const number = this.number(name);
      if (number < 0) continue;
      const { broadcastAddress } = lives.optionsOf(number);
      this.nsqds.push(number);
      this.advertised.set(number, number);
      if (broadcastAddress !== "") this.advertised.set(this.number(broadcastAddress), number);
      this.enrolments.set(number, [{ from: 0, lookupds: lookupd.map((one) => this.number(one)) }]);
    }
    for (const terms of lives.terms.consumers.values()) this.addAsker(terms);
    this.read();
  }

  /** Since when the nsqd has registered with the nsqlookupd, at `at`; Infinity: it does not. */
  enrolledSince(nsqd: number, lookupd: number, at: Micros): Micros {
    const enrolments = this.enrolments.get(nsqd)!;
    let since = Infinity;
    for (const { from, lookupds } of enrolments) {
      if (from > at) break;
      if (!lookupds.includes(lookupd)) since = Infinity;
      else if (since === Infinity) since = from;
    }
    return since;
  }

  /**
   * Whether the process ended at that instant, and its kernel closed every connection that `peer` had to it. One from before
   * a loss of power, or that it had forgotten, stays.
   */
  saidGoodbye(process: number, peer: number, at: Micros): boolean {
    const { weather, history } = this.lives;
    const { away, kills } = weather.process(process);
    if (away.beganBefore(at) !== at || this.darkened.has(process)) return false;
    return this.forgottenAt(process, peer) === -Infinity && kills.some((row) => history.at[row] === at);
  }

  /** An nsqd, and what it tells others to connect to where that is another name. */
  tellNsqd(nsqd: number): string {
    const { broadcastAddress } = this.lives.optionsOf(nsqd);
    const name = this.lives.history.strings[nsqd]!;
    return broadcastAddress === "" || broadcastAddress === name ? name : `${name} (${broadcastAddress})`;
  }

  /** When one of two processes last forgot their connections and the other was not told; -Infinity: never. */
  forgottenAt(one: number, other: number): Micros {
    return this.halfOpenAt.get(`${one} ${other}`) ?? -Infinity;
  }

  /** Number of a name in the history; -1: it does not occur. */
  private number(name: string): number {
    return this.numbers.get(name) ?? -1;
  }

  private addAsker(terms: ConsumerTerms): void {
    const { spec } = terms;
    const name = this.number(spec.name);
    if (name < 0 || spec.lookupd === undefined || spec.lookupd.length === 0) return;
    this.askers.set(name, {
      name,
      terms,
      topic: spec.topic,
      lookupds: spec.lookupd.map((one) => this.number(one)),
      silences: [],
      askedAt: -1,
      startedAt: -1,
      latest: null,
      connected: new Map(),
      failedAt: new Map(),
      waiting: new Map(),
    });
  }

  private read(): void {
    if (this.askers.size === 0) return;
    const readers: Partial<Record<EventKind, (row: number) => void>> = {
      "publish-ok": (row) => this.readPublish(row),
      connect: (row) => void this.openRows.set(this.connectionKey(row), row),
      subscribe: (row) => this.readSubscribe(row),
      close: (row) => this.readEnd(row),
      "connect-failed": (row) => this.readEnd(row),
      "answer-error": (row) => this.readRefusal(row),
      lookup: (row) => this.readLookup(row),
      operate: (row) => this.readOperation(row),
      process: (row) => this.readProcess(row),
      fault: (row) => this.readFault(row),
    };
    const byKind = EVENT_KINDS.map((kind) => readers[kind]);
    const { kind } = this.lives.history;
    for (let row = 0; row < this.lives.rows; row += 1) byKind[kind[row]!]?.(row);
    for (const asker of this.askers.values()) this.silence(asker, this.lives.rows - 1, -1);
  }

  private readPublish(row: number): void {
    const { history, messages } = this.lives;
    const nsqd = history.peer[row]!;
    const topic = history.place[row]!;
    const seen = (this.seen[nsqd] ??= []);
    if (seen[topic] === true) return;
    const asked = messages.publishRow[history.msg[row]!] ?? -1;
    if (asked < 0) return;
    if (this.shown(nsqd, history.strings[topic]!, asked, row)) seen[topic] = true;
  }

  private readSubscribe(row: number): void {
    const { history } = this.lives;
    const at = history.at[row]!;
    const nsqd = this.advertised.get(history.peer[row]!);
    if (nsqd === undefined) return;
    const openRow = this.openRows.get(this.connectionKey(row)) ?? row;
    const place = history.strings[history.place[row]!]!;
    this.shown(nsqd, place.slice(0, place.indexOf("/")), openRow, row);
    const asker = this.askers.get(history.process[row]!);
    if (asker === undefined) return;
    asker.connected.set(nsqd, openRow);
    for (const hint of asker.waiting.get(nsqd) ?? []) hint.subscribedAt = at;
    asker.waiting.delete(nsqd);
  }

  /** Word of an nsqd that is gone meanwhile says nothing of the one that comes after it: clients may read it late. */
  private shown(nsqd: number, topic: string, askedRow: number, row: number): boolean {
    const { at } = this.lives.history;
    if (this.dead.has(nsqd) || at[askedRow]! < (this.startedAt.get(nsqd) ?? 0)) return false;
    return this.holdings.shown(nsqd, topic, at[askedRow]!, at[row]!);
  }

  private readEnd(row: number): void {
    const { history } = this.lives;
    const asker = this.askers.get(history.process[row]!);
    const nsqd = this.advertised.get(history.peer[row]!);
    if (asker === undefined || nsqd === undefined) return;
    const at = history.at[row]!;
    asker.failedAt.set(nsqd, at);
    if (history.kind[row] !== KIND.close) return;
    const openRow = this.openRows.get(this.connectionKey(row)) ?? row;
    this.closeRows.set(openRow, row);
    if (asker.connected.get(nsqd) === openRow) asker.connected.delete(nsqd);
    this.leaves.push({ row, at, asker, nsqd, openedAt: history.at[openRow]!, answer: asker.latest });
  }

  private connectionKey(row: number): string {
    const { process, peer, conn } = this.lives.history;
    return `${process[row]} ${peer[row]} ${conn[row]}`;
  }

  private readRefusal(row: number): void {
    const { history } = this.lives;
    const nsqd = this.advertised.get(history.peer[row]!) ?? -1;
    for (const hint of this.askers.get(history.process[row]!)?.waiting.get(nsqd) ?? []) hint.isRefused = true;
  }

  private readLookup(row: number): void {
    const { history } = this.lives;
    const asker = this.askers.get(history.process[row]!);
    if (asker === undefined) return;
    const at = history.at[row]!;
    const named = history.value[row]! > 0 ? this.namesIn(history.note[row]!) : [];
    const answer = { row, at, asker, lookupd: history.peer[row]!, named };
    this.answers.push(answer);
    asker.latest = answer;
    this.silence(asker, row, at);
    for (const nsqd of named) {
      if (asker.connected.has(nsqd)) continue;
      const freeSince = Math.max(asker.startedAt, asker.failedAt.get(nsqd) ?? asker.startedAt);
      const hint = { answer, nsqd, freeSince, subscribedAt: Infinity, isRefused: false };
      this.hints.push(hint);
      const waiting = asker.waiting.get(nsqd);
      if (waiting === undefined) asker.waiting.set(nsqd, [hint]);
      else waiting.push(hint);
    }
  }

  private namesIn(note: number): readonly number[] {
    let named = this.namedBy.get(note);
    if (named === undefined) {
      const names = this.lives.history.strings[note]!.split(" ");
      named = names.flatMap((name) => this.advertised.get(this.number(name)) ?? []);
      this.namedBy.set(note, named);
    }
    return named;
  }

  private readOperation(row: number): void {
    const { history } = this.lives;
    const status = history.value[row]!;
    const at = history.at[row]!;
    const target = history.peer[row]!;
    const place = history.strings[history.place[row]!]!;
    const [verb, ...words] = history.strings[history.note[row]!]!.split(" ");
    if (this.lifetimes.has(target)) {
      const nsqd = verb === "tombstone" ? this.number(words[0]!) : -1;
      if (place.includes("/") || (verb !== "tombstone" && verb !== "delete")) return;
      if (status === 0) this.orders.push({ lookupd: target, topic: place, nsqd, from: at, to: Infinity });
      else if (status < 300) this.answerOrder(target, place, nsqd, at);
    } else if (verb === "delete" && !place.includes("/")) {
      this.holdings.deleting(target, place, at, status === 0 ? Infinity : at);
      this.forget(target);
    } else if (verb === "config" && words[0] === "lookupd") {
      this.enrol(target, at, status, words.slice(1));
    }
  }

  private answerOrder(lookupd: number, topic: string, nsqd: number, at: Micros): void {
    const order = this.orders.find(
      (one) => one.lookupd === lookupd && one.topic === topic && one.nsqd === nsqd && one.to === Infinity,
    );
    if (order !== undefined) order.to = at;
  }

  /** While nsqd changes where it registers, that is not known. */
  private enrol(nsqd: number, at: Micros, status: number, names: readonly string[]): void {
    const spans = this.calm.process(nsqd);
    if (status === 0) spans.begin(at);
    else spans.end(at);
    if (status >= 200 && status < 300)
      this.enrolments.get(nsqd)?.push({ from: at, lookupds: names.map((one) => this.number(one)) });
  }

  private readProcess(row: number): void {
    const { history } = this.lives;
    const name = history.process[row]!;
    const at = history.at[row]!;
    const what = history.strings[history.note[row]!]!;
    const asker = this.askers.get(name);
    if (what === "kill" || what === "stopped") this.dead.add(name);
    if (what === "start") {
      this.dead.delete(name);
      if (this.enrolments.has(name)) this.startedAt.set(name, at);
      const [first] = this.enrolments.get(name) ?? [];
      if (first !== undefined && at > 0) this.enrolments.get(name)!.push({ ...first, from: at });
      if (asker === undefined) return;
      asker.askedAt = at;
      asker.startedAt = at;
    } else if (what === "kill" || what === "stop" || what === "stopped") {
      if (asker !== undefined) {
        this.silence(asker, row, -1);
        asker.latest = null;
        asker.connected.clear();
        asker.failedAt.clear();
        asker.waiting.clear();
      }
      if (what !== "kill" || !this.enrolments.has(name)) return;
      this.holdings.killed(name, at, this.hasDiskFaults(name));
      this.forget(name);
    }
  }

  private readFault(row: number): void {
    const { history, evidence } = this.lives;
    this.calm.noteFault(row);
    const action = evidence.scenario.faults?.[history.value[row]!]?.do;
    if (action?.kind === "kill" && action.powerLoss === true && history.detail[row] === 1)
      this.darkened.add(history.process[row]!);
    if (action?.kind === "half-open") {
      const [one, other, at] = [history.process[row]!, history.peer[row]!, history.at[row]!];
      this.halfOpenAt.set(`${one} ${other}`, at).set(`${other} ${one}`, at);
    }
  }

  /** Its topics must be seen anew. */
  private forget(nsqd: number): void {
    this.seen[nsqd] = [];
  }

  /** Faults that may have kept nsqd.dat from the disk, or lost it. */
  private hasDiskFaults(nsqd: number): boolean {
    const name = this.lives.history.strings[nsqd]!;
    return (this.lives.evidence.scenario.faults ?? []).some(({ do: action }) => {
      if (!("process" in action) || action.process !== name) return false;
      return /^(disk-|no-descriptors|bit-rot)/.test(action.kind) || "restartWith" in action || "powerLoss" in action;
    });
  }

  private silence(asker: Asker, row: number, next: Micros): void {
    const to = this.lives.history.at[row]!;
    if (asker.askedAt >= 0) asker.silences.push({ from: asker.askedAt, to, row });
    asker.askedAt = next;
  }
}
