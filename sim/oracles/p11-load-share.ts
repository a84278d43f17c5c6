import type { NsqdOptions } from "../../core/nsqd/options.ts";
import type { Micros } from "../../core/time.ts";
import { KIND } from "../history.ts";
import type { Evidence, Verdict } from "../result.ts";
import type { Connection } from "./connections.ts";
import { Findings } from "./findings.ts";
import type { Lives } from "./lives.ts";
import { livesOf } from "./read.ts";
import { at, count, seconds } from "./words.ts";

/** One consumer in so many may be passed over for longer than the bound of a drawing by lot. */
const LOTTERY_MISS = 1e-9;

/**
 * P11, load share: the consumers of a channel share its messages; nobody with room is passed over while others are
 * served. While a connection has RDY above what it has in flight, nsqd sends no more messages to others of the channel
 * than the profile's bound. `exact` serves in turn: one message to each of the others. `nsqd-1.3` leaves it to Go's
 * scheduler, about as good as a lot among the ready: of n others so many that being passed over is less likely than one
 * in 10^9, about 20 (n + 1). How many each gets in all is nobody's promise: who answers faster gets more.
 *
 * Sees: rdy, deliver, finish, requeue, close, process and fault rows. A message to another counts when nsqd certainly had
 * the room of this one before it sent it, and this one's own would certainly have been seen since.
 * Licences: none. A disturbed connection waits anew from the end of the disturbance.
 * Blind: connections that take a sample, or whose socket may be full; an nsqd that prefers its own zone; a wait that is
 * shorter than a round trip and the output buffer. That a message goes to one consumer of the channel is P5 and P8.
 */
export function judgeP11(evidence: Evidence): Verdict {
  const lives = livesOf(evidence);
  const findings = new Findings();
  new Waits(lives, findings).run();
  const saw = `${count(findings.looked, "delivery")} on channels with several consumers`;
  return findings.verdict("P11", saw, "no channel had two consumers");
}

/** Goes through a history and looks at every stretch in which a connection had room and got nothing. */
class Waits {
  private readonly lives: Lives;
  private readonly findings: Findings;
  /** By connection: RDY, what it has not answered, since when it waits (-1: it does not), and from which delivery on. */
  private readonly rdy: Int32Array;
  private readonly unanswered: Int32Array;
  private readonly since: Float64Array;
  private readonly from: Int32Array;
  /** By place: deliveries so far. */
  private readonly delivered: Int32Array;
  /** Connection of the answer in each row, plus 1. */
  private readonly answers: Int32Array;
  private readonly current = new Map<number, Connection>();

  constructor(lives: Lives, findings: Findings) {
    this.lives = lives;
    this.findings = findings;
    const size = lives.connections.length;
    this.rdy = new Int32Array(size);
    this.unanswered = new Int32Array(size);
    this.since = new Float64Array(size).fill(-1);
    this.from = new Int32Array(size);
    this.delivered = new Int32Array(lives.places.length);
    this.answers = new Int32Array(lives.rows);
  }

  run(): void {
    const { lives, answers } = this;
    const { deliveries, history, connections } = lives;
    if (!lives.places.some((place) => place.paths.length > 1)) return;
    for (let delivery = 0; delivery < deliveries.count; delivery += 1) {
      const row = deliveries.answerRow[delivery]!;
      if (row >= 0) answers[row] = deliveries.connection[delivery]! + 1;
    }
    let next = 0;
    let opened = 0;
    for (let row = 0; row < lives.rows; row += 1) {
      for (; connections[opened]?.openRow === row; opened += 1) this.open(connections[opened]!);
      const kind = history.kind[row]!;
      if (kind === KIND.deliver && deliveries.row[next] === row) this.deliver(next++, history.at[row]!);
      else if (kind === KIND.rdy) this.change(this.connectionOf(row), history.value[row]!, history.at[row]!);
      else if (answers[row]! > 0) this.answered(connections[answers[row]! - 1]!, history.at[row]!);
      else if (kind === KIND.process && history.strings[history.note[row]!] === "stop") this.stop(row);
    }
    for (const connection of connections) this.endWait(connection, history.at[lives.rows - 1]!);
  }

  /** From here on the row's numbers mean this connection. */
  private open(connection: Connection): void {
    this.current.set(keyOf(connection.client, connection.nsqd, connection.number), connection);
  }

  private connectionOf(row: number): Connection {
    const { history } = this.lives;
    return this.current.get(keyOf(history.process[row]!, history.peer[row]!, history.conn[row]!))!;
  }

  private deliver(delivery: number, now: Micros): void {
    const connection = this.lives.connections[this.lives.deliveries.connection[delivery]!]!;
    const { place, index } = connection;
    this.endWait(connection, now);
    if (place !== null) {
      this.delivered[place.index]! += 1;
      if (place.paths.length > 1) this.findings.looked += 1;
    }
    this.unanswered[index]! += 1;
    this.beginWait(connection, now);
  }

  private answered(connection: Connection, now: Micros): void {
    this.unanswered[connection.index]! -= 1;
    this.beginWait(connection, now);
  }

  private change(connection: Connection, rdy: number, now: Micros): void {
    const { index } = connection;
    this.rdy[index] = rdy;
    if (rdy <= this.unanswered[index]!) this.endWait(connection, now);
    else this.beginWait(connection, now);
  }

  /** A consumer that stops has sent CLS: nothing more is for it. */
  private stop(row: number): void {
    const { history, connectionsOf } = this.lives;
    for (const connection of connectionsOf[history.process[row]!] ?? [])
      if (connection.client === history.process[row]) this.change(connection, 0, history.at[row]!);
  }

  private beginWait(connection: Connection, now: Micros): void {
    const { index, place } = connection;
    if (place === null || this.since[index]! >= 0 || this.rdy[index]! <= this.unanswered[index]!) return;
    this.since[index] = now;
    this.from[index] = this.delivered[place.index]!;
  }

  private endWait(connection: Connection, now: Micros): void {
    const { index, place } = connection;
    const since = this.since[index]!;
    this.since[index] = -1;
    if (since < 0 || place === null || place.paths.length < 2) return;
    // Most waits are too short for anything: only the others are looked at closely.
    if (this.delivered[place.index]! - this.from[index]! > this.bound(connection, 1)) this.look(connection, since, now);
  }

  private look(connection: Connection, since: Micros, now: Micros): void {
    const { lives } = this;
    const { place, travelMax, bufferMax } = connection;
    const terms = lives.terms.consumers.get(connection.clientLife.name);
    const options = lives.optionsOf(connection.nsqd);
    if (terms === undefined || !terms.isBounded || terms.config.sampleRate > 0 || isChoosy(options)) return;
    const to = Math.min(now, connection.endAt);
    const disturbed = connection.lastDisturbance(since, to);
    if (disturbed >= to) return;
    // Then nsqd knows that it has room; and what it sends to it after `last` may not have come yet.
    const known = connection.arrivalHigh(Math.max(since, disturbed));
    const last = to - travelMax - bufferMax;
    const { deliveries, history } = lives;
    const others = new Map<number, number>();
    const rows: number[] = [];
    for (let delivery = firstAfter(lives, known); delivery < deliveries.count; delivery += 1) {
      const row = deliveries.row[delivery]!;
      if (history.at[row]! >= last) break;
      const other = deliveries.connection[delivery]!;
      if (lives.connections[other]!.place !== place || other === connection.index) continue;
      // At that very instant nsqd may have sent it first.
      if (deliveries.sentLow[delivery]! <= known) continue;
      others.set(other, (others.get(other) ?? 0) + 1);
      rows.push(row);
    }
    const bound = this.bound(connection, others.size);
    if (rows.length <= bound) return;
    this.findings.violation(history.msg[rows[0]!]!, [rows[0]!, rows.at(-1)!], () => {
      const who = `${connection.clientLife.name} (connection ${connection.number}) on ${place!.name}`;
      const when = `from ${seconds(known)} to ${seconds(at(lives, rows.at(-1)!))}`;
      const served = `${count(rows.length, "message")} went to ${count(others.size, "other connection")}`;
      return `${who} had room ${when} and got nothing, while ${served}: more than ${bound}`;
    });
  }

  /** How many messages may go to that many others while a connection has room. */
  private bound(connection: Connection, others: number): number {
    if (this.lives.optionsOf(connection.nsqd).profile === "exact") return others;
    return Math.ceil(Math.log(LOTTERY_MISS) / Math.log(others / (others + 1)));
  }
}

/** It prefers the consumers of its own zone. */
function isChoosy({ experiments }: NsqdOptions): boolean {
  return experiments.includes("topology-aware-consumption");
}

function keyOf(client: number, nsqd: number, connection: number): number {
  return (client * 0x1_0000 + nsqd) * 0x10_0000 + connection + 1;
}

/** The first delivery that arrived no earlier. */
function firstAfter({ deliveries, history }: Lives, instant: Micros): number {
  let low = 0;
  let high = deliveries.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (history.at[deliveries.row[middle]!]! < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}
