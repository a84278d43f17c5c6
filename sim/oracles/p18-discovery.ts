import { MILLISECOND, SECOND, type Micros } from "../../core/time.ts";
import { KIND } from "../history.ts";
import type { Evidence, Verdict } from "../result.ts";
import { type Answer, Directory, type Hint, type Leave, type Order } from "./directory.ts";
import { Findings } from "./findings.ts";
import { livesOf } from "./read.ts";
import { count, seconds, span } from "./words.ts";

/** nsqd says that it is there this often. */
const PING: Micros = 15 * SECOND;
/** A ping finds a dead connection and only closes it, the next one registers; each may wait for its deadline (nsqlookupd §B). */
const PINGS = 2;
/** Connection, IDENTIFY, SUB, a layer of compression, each there and back; and one to spare. */
const JOIN_TRIPS = 10;
/** nsqlookupds that one poll asks at most (client semantics §3.2). */
const TRIES = 3;

/**
 * P18, discovery: every consumer that asks nsqlookupds is connected to every live nsqd that has its topic, within
 * poll × (1 + jitter), and what it takes nsqd to register and the two to connect.
 *
 * Judged step by step, each within its own bound, so that a failure names who failed: the consumer asks in time; an
 * nsqlookupd names the nsqds that register with it, and none that is gone or tombstoned; the consumer connects to whom it
 * is told of, stays though nobody names that nsqd any more, and notices within its read timeout that a connection is dead.
 *
 * Sees: lookup, connect, subscribe, close, connect-failed, answer-error, publish-ok, operate, process and fault rows.
 * Licences: none is counted. A step is judged where nothing disturbed the processes and links concerned for as long as it
 * may take: no fault of any kind, no kill, pause or stop; no tombstone, no deletion, no change of configuration.
 * Blind: ephemeral topics; nsqds and nsqlookupds that are started with other options; a topic whose only sign of life is
 * older than a kill by less than nsqd may take to write it down; networks slower than nsqd's deadlines.
 */
export function judgeP18(evidence: Evidence): Verdict {
  const findings = new Findings();
  const asks = evidence.scenario.consumers.some(({ lookupd = [] }) => lookupd.length > 0);
  if (!asks) return findings.verdict("P18", "", "no consumer asks an nsqlookupd");
  const judge = new Judge(new Directory(livesOf(evidence)), findings);
  judge.silences();
  for (const answer of judge.directory.answers) judge.answer(answer);
  for (const hint of judge.directory.hints) judge.hint(hint);
  for (const leave of judge.directory.leaves) judge.leave(leave);
  judge.beliefs();
  return findings.verdict("P18", judge.saw, "nothing was left alone for long enough");
}

class Judge {
  readonly directory: Directory;
  private readonly findings: Findings;
  private readonly end: Micros;
  /** Instants since when an nsqd is known to be registered with an nsqlookupd; null: it was, and may not be any more. */
  private readonly registered = new Map<number, Micros | null>();
  private readonly excluded: ReadonlySet<number>;
  /** Since when an nsqlookupd names an nsqd for a topic, undisturbed. */
  private readonly namedAt = new Map<string, Micros>();
  private named = 0;
  private joined = 0;
  /** The longest way from the sign of a topic to the subscription there, and what it might have taken. */
  private slowest: { readonly took: Micros; readonly allowed: Micros } | null = null;

  constructor(directory: Directory, findings: Findings) {
    this.directory = directory;
    this.findings = findings;
    const { history, evidence } = directory.lives;
    this.end = history.at[directory.lives.rows - 1] ?? 0;
    const changed = (evidence.scenario.faults ?? []).flatMap(({ do: action }) =>
      "restartWith" in action && action.restartWith !== undefined ? [action.process] : [],
    );
    this.excluded = new Set(changed.map((name) => history.strings.indexOf(name)));
  }

  get saw(): string {
    const slowest = this.slowest;
    const pace =
      slowest === null ? "" : `, the slowest within ${span(slowest.took)} of ${span(slowest.allowed)} allowed`;
    return `${count(this.named, "entry")} of nsqlookupds, ${count(this.joined, "connection")} to whom they named${pace}`;
  }

  /** Every consumer asks, again and again. */
  silences(): void {
    const { askers, calm, lives } = this.directory;
    for (const { name, terms, lookupds, silences } of askers.values()) {
      const { lookupdPollInterval, lookupdPollJitter, lookupdPollTimeout } = terms.config;
      const allowed = Math.ceil(lookupdPollInterval * (1 + lookupdPollJitter)) + 2 * calm.trip + MILLISECOND;
      for (const { from, to, row } of silences) {
        if (to - from <= allowed || !calm.holds(name, from, to)) continue;
        const isClear = lookupds.every((lookupd) => calm.pairHolds(name, lookupd, from, to));
        const limit = isClear ? allowed : allowed + TRIES * lookupdPollTimeout;
        if (to - from <= limit) continue;
        this.findings.violation(-1, [row], () => {
          const who = lives.history.strings[name]!;
          return `${who} asks no nsqlookupd from ${seconds(from)} to ${seconds(to)}; it may wait ${span(limit)}`;
        });
      }
    }
  }

  answer(answer: Answer): void {
    const { calm, nsqds } = this.directory;
    const { asker, lookupd, at } = answer;
    if (this.excluded.has(lookupd) || !this.directory.lifetimes.has(lookupd)) return;
    // It may have been on its way for one trip, and no longer.
    const made = at - calm.trip;
    if (!calm.pairHolds(asker.name, lookupd, made, at)) return;
    for (const nsqd of nsqds) {
      if (this.excluded.has(nsqd)) continue;
      const isNamed = answer.named.includes(nsqd);
      const since = this.registeredSince(nsqd, answer, isNamed);
      if (asker.topic.endsWith("#ephemeral")) continue;
      if (isNamed) this.mustBeThere(nsqd, answer);
      if (!this.mustBeNamed(nsqd, answer, since)) continue;
      this.named += 1;
      this.findings.looked += 1;
      if (!isNamed) this.missing(nsqd, answer);
    }
  }

  /** Whom it is told of a consumer connects to at once; one that it is told by address too it may be waiting to try again. */
  hint({ answer, nsqd, freeSince, subscribedAt, isRefused }: Hint): void {
    const { calm, lives } = this.directory;
    const { asker, at, row } = answer;
    const { config, spec, travelMax } = asker.terms;
    const isTold = spec.nsqd.includes(lives.history.strings[nsqd]!);
    const by = at + JOIN_TRIPS * travelMax + MILLISECOND + (isTold ? config.lookupdPollInterval : 0);
    if (this.excluded.has(nsqd) || isRefused || by > this.end) return;
    // An attempt from before may be hanging still.
    const since = Math.max(freeSince, at - config.dialTimeout - config.readTimeout - by + at);
    if (!calm.pairHolds(asker.name, nsqd, Math.min(since, at), by) || this.isDeletedAbout(nsqd, asker.topic, at, by))
      return;
    if (this.diesWithin(asker.name, at, by)) return;
    this.joined += 1;
    this.findings.looked += 1;
    if (subscribedAt <= by) {
      this.notePace(answer, nsqd, subscribedAt);
      return;
    }
    this.findings.violation(-1, [row], () => {
      const who = lives.history.strings[asker.name]!;
      return `${who} is told of ${this.directory.tellNsqd(nsqd)} at ${seconds(at)} and has not subscribed there by ${seconds(by)}`;
    });
  }

  /** A consumer does not leave an nsqd because nobody names it any more. */
  leave({ row, at, asker, nsqd, openedAt, answer }: Leave): void {
    const { calm, lives } = this.directory;
    if (answer === null || answer.named.includes(nsqd) || this.excluded.has(nsqd)) return;
    const { history } = lives;
    const { readTimeout, heartbeatInterval } = asker.terms.config;
    const since = Math.max(openedAt, at - Math.max(readTimeout, 2 * heartbeatInterval));
    if (!calm.pairHolds(asker.name, nsqd, since, at)) return;
    if (this.isDeletedAbout(nsqd, asker.topic, since, at) || this.diesWithin(asker.name, since, at)) return;
    const text = history.strings[history.note[row]!]!;
    if (/ after E_/.test(text)) return;
    this.findings.looked += 1;
    this.findings.violation(-1, [answer.row, row], () => {
      const [who, whom, lookupd] = [asker.name, nsqd, answer.lookupd].map((name) => history.strings[name]!);
      return `${who} leaves ${whom} at ${seconds(at)} (${text}), which ${lookupd} did not name at ${seconds(answer.at)}`;
    });
  }

  /** A consumer notices that a connection is dead when it has read nothing for its read timeout. */
  beliefs(): void {
    const { askers, calm, lives, closeRows } = this.directory;
    for (const { openRow, client, nsqd, endRow, endAt, place } of lives.connections) {
      const asker = askers.get(client);
      if (asker === undefined || endRow < 0 || place === null || lives.history.kind[endRow] === KIND.close) continue;
      const by = endAt + asker.terms.config.readTimeout + 2 * calm.trip + MILLISECOND;
      const closedAt = lives.history.at[closeRows.get(openRow) ?? -1] ?? Infinity;
      if (by > this.end || this.diesWithin(client, endAt, by) || !calm.holds(client, endAt, by)) continue;
      this.findings.looked += 1;
      if (closedAt <= by) continue;
      this.findings.violation(-1, [endRow], () => {
        const [who, whom] = [client, nsqd].map((name) => lives.history.strings[name]!);
        return `${who} believes at ${seconds(by)} in a connection to ${whom} that was broken at ${seconds(endAt)}`;
      });
    }
  }

  /** Instant since when the nsqd is known to be registered, or null. */
  private registeredSince(nsqd: number, { lookupd, at }: Answer, isNamed: boolean): Micros | null {
    const { calm, lives } = this.directory;
    const key = nsqd * 0x1_0000 + lookupd;
    let since = this.registered.get(key);
    // At the start of a run the nsqlookupds listen before the nsqds begin.
    if (since === undefined) since = lives.history.at[lives.weather.process(nsqd).starts[0] ?? -1] ?? null;
    if (since !== null && !calm.pairHolds(nsqd, lookupd, since, at)) since = null;
    const made = at - calm.trip;
    // An nsqlookupd may name for long whom it has a dead connection to.
    const isAlive = made > this.directory.forgottenAt(nsqd, lookupd) + PINGS * (PING + SECOND) + calm.grace;
    if (since === null && isNamed && isAlive && calm.pairHolds(nsqd, lookupd, made, at)) since = made;
    this.registered.set(key, since);
    return since;
  }

  private mustBeNamed(nsqd: number, { asker, lookupd, at }: Answer, registeredSince: Micros | null): boolean {
    const { calm, holdings, lives, orders } = this.directory;
    const made = at - calm.trip;
    const had = Math.max(holdings.since(nsqd, asker.topic, at), this.directory.enrolledSince(nsqd, lookupd, at));
    // Slower than that, and nsqd's own deadlines keep it from registering.
    if (had > made || 2 * calm.trip >= SECOND) return false;
    if (orders.some((order) => order.lookupd === lookupd && this.excuses(order, nsqd, asker.topic, made))) return false;
    const commands = lives.places.length + lives.topics.length;
    const soon = 2 * calm.trip * (3 + commands) + MILLISECOND;
    if (registeredSince !== null && Math.max(had, registeredSince) + soon <= made) return true;
    const late = PINGS * (PING + SECOND) + soon;
    return had + late <= made && calm.pairHolds(nsqd, lookupd, made - late, at);
  }

  private missing(nsqd: number, { row, asker, lookupd, at }: Answer): void {
    const { history } = this.directory.lives;
    this.findings.violation(-1, [row], () => {
      const [whom, who, told] = [nsqd, lookupd, asker.name].map((name) => history.strings[name]!);
      const since = seconds(this.directory.holdings.since(nsqd, asker.topic, at));
      return `${who} does not name ${whom} to ${told} at ${seconds(at)}, which has had ${asker.topic} since ${since} at the latest`;
    });
  }

  /** Who is gone is not named for longer than it takes to find out; who is tombstoned is not named meanwhile. */
  private mustBeThere(nsqd: number, { row, asker, lookupd, at }: Answer): void {
    const { calm, lifetimes, lives } = this.directory;
    const made = at - calm.trip;
    const { inactive, tombstone } = lifetimes.get(lookupd)!;
    const goneAt = lives.weather.process(nsqd).away.beganBefore(made);
    const said = (why: () => string): void => {
      this.findings.violation(-1, [row], () => {
        const [who, whom, told] = [lookupd, nsqd, asker.name].map((name) => lives.history.strings[name]!);
        return `${who} names ${whom} to ${told} at ${seconds(at)}, ${why()}`;
      });
    };
    if (goneAt >= 0 && calm.holds(lookupd, goneAt, at) && calm.linkHolds(nsqd, lookupd, goneAt, at)) {
      const limit = this.directory.saidGoodbye(nsqd, lookupd, goneAt) ? calm.grace : inactive + calm.trip;
      this.findings.looked += 1;
      if (made - goneAt > limit)
        said(() => `gone since ${seconds(goneAt)}; it may take ${span(limit)} to find that out`);
    }
    const key = `${lookupd} ${nsqd} ${asker.topic}`;
    let namedAt = this.namedAt.get(key) ?? at;
    if (!calm.pairHolds(nsqd, lookupd, namedAt, at)) namedAt = at;
    this.namedAt.set(key, namedAt);
    for (const order of this.directory.orders) {
      const { from, to } = order;
      // Of whom an nsqlookupd does not know yet there is nothing to mark.
      if (namedAt > from) continue;
      if (order.nsqd !== nsqd || order.lookupd !== lookupd || order.topic !== asker.topic) continue;
      if (made <= to || at >= from + tombstone || !calm.pairHolds(nsqd, lookupd, from, at)) continue;
      if (this.isDeletedAbout(nsqd, asker.topic, from, at)) continue;
      this.findings.looked += 1;
      said(() => `tombstoned at ${seconds(from)} for ${span(tombstone)}`);
    }
  }

  /** A tombstone, or a topic that the nsqlookupd was told to forget, which nsqd does not notice (nsqlookupd §A4). */
  private excuses(
    { topic, nsqd: named, lookupd, from, to }: Order,
    nsqd: number,
    wanted: string,
    made: Micros,
  ): boolean {
    const { calm, lifetimes } = this.directory;
    if (topic !== wanted || made + calm.trip < from) return false;
    if (named === -1) return true;
    return named === nsqd && made <= to + lifetimes.get(lookupd)!.tombstone + calm.trip;
  }

  /** nsqd closes the connections of a topic or channel that an operator deletes. */
  private isDeletedAbout(nsqd: number, topic: string, from: Micros, to: Micros): boolean {
    const { lives, calm } = this.directory;
    const touches = (removal: { readonly text: string; readonly from: Micros; readonly to: Micros }): boolean =>
      removal.text === "deleted" && removal.from <= to && removal.to >= from - calm.grace;
    return lives.topics.some(
      (one) =>
        one.nsqd === nsqd &&
        one.name === topic &&
        [one, ...one.places].some(({ removals }) => removals.some((removal) => touches(removal))),
    );
  }

  /** A client is asked to stop, or is killed: nothing more is expected of it. */
  private diesWithin(client: number, from: Micros, to: Micros): boolean {
    const { lives } = this.directory;
    const { kills, stops } = lives.weather.process(client);
    return [...kills, ...stops].some((row) => lives.history.at[row]! >= from && lives.history.at[row]! <= to);
  }

  /** The first time that a consumer comes to an nsqd: how long after both and the topic were there. */
  private notePace({ asker, lookupd }: Answer, nsqd: number, subscribedAt: Micros): void {
    const { calm, holdings } = this.directory;
    const { lookupdPollInterval, lookupdPollJitter } = asker.terms.config;
    const there = Math.max(holdings.since(nsqd, asker.topic, subscribedAt), asker.startedAt);
    if (there >= subscribedAt || !calm.pairHolds(nsqd, lookupd, there, subscribedAt)) return;
    const took = subscribedAt - there;
    const polls = Math.ceil(lookupdPollInterval * (asker.lookupds.length + lookupdPollJitter));
    const allowed = polls + JOIN_TRIPS * asker.terms.travelMax + calm.grace;
    if (this.slowest === null || took > this.slowest.took) this.slowest = { took, allowed };
  }
}
