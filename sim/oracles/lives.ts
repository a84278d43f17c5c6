import type { NsqdOptions } from "../../core/nsqd/options.ts";
import type { Micros } from "../../core/time.ts";
import { type History, KIND } from "../history.ts";
import type { Evidence } from "../result.ts";
import { Connection } from "./connections.ts";
import { OptionsOverTime } from "./options.ts";
import { paceOf, type Pace } from "./pace.ts";
import { Place, TopicHere } from "./places.ts";
import { Weather } from "./processes.ts";
import { Surveys } from "./surveys.ts";
import { ANSWER, Deliveries, LifeTable, measure, Messages, Touches } from "./tables.ts";
import { readTerms, type Flags, type Terms } from "./terms.ts";

/**
 * One history, read: every message's publish, every delivery with what became of it, and the connections, places and
 * processes around them. Read once per history and shared by the ledger and all oracles.
 */
export class Lives {
  readonly evidence: Evidence;
  readonly history: History;
  readonly terms: Terms;
  readonly weather: Weather;
  readonly messages: Messages;
  readonly deliveries: Deliveries;
  readonly lives: LifeTable;
  readonly touches = new Touches();
  /** Lives of messages that a killed nsqd found twice on its disks. */
  readonly twins = new Set<number>();
  readonly connections: Connection[] = [];
  /** Those with the process at either end, by the number of its name. */
  readonly connectionsOf: Connection[][] = [];
  readonly places: Place[] = [];
  readonly topics: TopicHere[] = [];
  /** Number of places by nsqd. */
  readonly channelsOf: number[] = [];
  /** Deliveries of something that nobody had published before, by row. */
  readonly strays: number[] = [];
  readonly rdyRows: number[] = [];
  /** Per entry of {@link rdyRows}: the sum of RDY over the consumer's connections after it. */
  readonly rdySums: number[] = [];
  /** That sum now, by process. */
  readonly rdySum: number[] = [];
  readonly gaugeRows: number[] = [];
  /** Rows of operations that were asked for and not answered yet, by what they are and where. */
  readonly questions = new Map<string, number>();
  /** What the files of each nsqd held, by the number of its name. */
  private readonly surveyTable: (Surveys | undefined)[] = [];
  /** Number of rows that are read. */
  readonly rows: number;
  readonly counts = { published: 0, accepted: 0, failed: 0, unknown: 0 };
  healRow = -1;
  endRow = -1;

  private readonly optionsByName: (OptionsOverTime | undefined)[] = [];
  private readonly paces: (Pace | undefined)[] = [];
  private readonly connectionTable: (Connection | undefined)[][][] = [];
  private readonly placeTable: (Place | undefined)[][] = [];
  private readonly topicTable: (TopicHere | undefined)[][] = [];
  private readonly topicsByName = new Map<string, TopicHere>();

  constructor(evidence: Evidence) {
    this.evidence = evidence;
    this.history = evidence.history;
    this.rows = evidence.history.length;
    this.terms = readTerms(evidence);
    this.weather = new Weather(evidence.history, evidence.scenario);
    const sizes = measure(evidence.history);
    this.messages = new Messages(sizes.messages);
    this.deliveries = new Deliveries(sizes.deliveries);
    this.lives = new LifeTable(sizes.deliveries);
  }

  /**
   * Options of an nsqd that were in force at an instant, by the number of its name; the defaults for one that the
   * scenario does not have. Without an instant: the latest that were read of.
   */
  optionsOf(nsqd: number, at: Micros = Infinity): NsqdOptions {
    return this.optionsOver(nsqd).at(at);
  }

  /** Options of an incarnation that ended at an instant: the next one may begin there. */
  optionsUntil(nsqd: number, end: Micros): NsqdOptions {
    return this.optionsOver(nsqd).at(end - 1);
  }

  /** How fast the clock of a process runs, by the number of its name. */
  paceOf(process: number): Pace {
    return (this.paces[process] ??= paceOf(this.evidence.scenario, this.history.strings[process]!));
  }

  /** See {@link OptionsOverTime.memQueueSize}. */
  memQueueSize(nsqd: number): number {
    return this.optionsOver(nsqd).memQueueSize;
  }

  /** The nsqd was started again with these options changed. */
  changeOptions(nsqd: number, changes: Flags, at: Micros): void {
    this.optionsOver(nsqd).change(changes, at);
  }

  /** What is known of the files of an nsqd, by the number of its name. */
  surveysOf(nsqd: number): Surveys {
    return (this.surveyTable[nsqd] ??= new Surveys());
  }

  /** The connection that a row names; made at its first row. */
  connectionAt(row: number): Connection {
    const { history } = this;
    const client = history.process[row]!;
    const nsqd = history.peer[row]!;
    const number = history.conn[row]!;
    const numbered = ((this.connectionTable[client] ??= [])[nsqd] ??= []);
    const known = numbered[number];
    // A restarted client counts from 0 again.
    if (known !== undefined && (history.kind[row] !== KIND.connect || known.openRow === row)) return known;
    const made = this.makeConnection(row, client, nsqd, number);
    numbered[number] = made;
    this.connections.push(made);
    (this.connectionsOf[client] ??= []).push(made);
    (this.connectionsOf[nsqd] ??= []).push(made);
    return made;
  }

  /** The topic that a publish row or an operator's row names. */
  topicAt(name: number, nsqd: number): TopicHere {
    const table = (this.topicTable[name] ??= []);
    return (table[nsqd] ??= this.topicNamed(this.history.strings[name]!, nsqd));
  }

  /** The channel that a row names as its place. */
  placeAt(name: number, nsqd: number): Place {
    const table = (this.placeTable[name] ??= []);
    let place = table[nsqd];
    if (place === undefined) {
      const text = this.history.strings[name]!;
      const topic = this.topicNamed(text.slice(0, text.indexOf("/")), nsqd);
      place = new Place(text, this.places.length, topic);
      place.minTimeout = this.shortestTimeout(text, nsqd);
      table[nsqd] = place;
      this.places.push(place);
      this.channelsOf[nsqd] = (this.channelsOf[nsqd] ?? 0) + 1;
      topic.places.push(place);
    }
    return place;
  }

  /** The same, undefined for a channel that no client and no operator ever named. */
  knownPlace(name: number, nsqd: number): Place | undefined {
    return this.placeTable[name]?.[nsqd];
  }

  /** True when the message was answered OK. */
  accepted(msg: number): boolean {
    const row = this.messages.outcomeRow[msg]!;
    return row >= 0 && this.history.kind[row] === KIND["publish-ok"];
  }

  /**
   * Latest instant at which the FIN in that row, which ended a life, has reached nsqd; Infinity when it may have been
   * lost.
   */
  arrivedBy(row: number, life: number): Micros {
    // Not by its number: a client that was started again has used that anew.
    const connection = this.connections[this.deliveries.connection[this.lives.top[life]!]!]!;
    const arrival = connection.arrivalHigh(this.history.at[row]!);
    return arrival + connection.travelMax < connection.endAt ? arrival : Infinity;
  }

  /** True when nsqd's answer to what a client sent in that row has certainly come back before anything ended. */
  wouldHear(connection: Connection, row: number): boolean {
    const heard = connection.arrivalHigh(connection.arrivalHigh(this.history.at[row]!));
    return heard < connection.endAt && heard <= this.history.at[this.rows - 1]!;
  }

  /**
   * The finish row that ended a life, or -1. A FIN of an earlier delivery to the same connection counts for the last
   * one: ids are per message, not per delivery (surprises: guarantees §2.1, ownership).
   */
  finishRow(life: number): number {
    const { deliveries } = this;
    const top = this.lives.top[life]!;
    const connection = deliveries.connection[top]!;
    for (let delivery = this.lives.last[life]!; delivery >= 0; delivery = deliveries.earlier[delivery]!) {
      if (deliveries.connection[delivery] !== connection) continue;
      if (deliveries.answer[delivery] === ANSWER.finish && deliveries.refusalRow[delivery]! < 0) {
        return deliveries.answerRow[delivery]!;
      }
    }
    return -1;
  }

  /** Shortest msg timeout that a consumer of a channel may have. */
  private shortestTimeout(place: string, nsqd: number): Micros {
    let shortest = Infinity;
    for (const { spec, config } of this.terms.consumers.values()) {
      if (`${spec.topic}/${spec.channel}` !== place) continue;
      shortest = Math.min(shortest, config.msgTimeout > 0 ? config.msgTimeout : this.optionsOf(nsqd).msgTimeout);
    }
    return shortest === Infinity ? this.optionsOf(nsqd).msgTimeout : shortest;
  }

  private optionsOver(nsqd: number): OptionsOverTime {
    return (this.optionsByName[nsqd] ??= new OptionsOverTime(this.terms.nsqds.get(this.history.strings[nsqd]!)));
  }

  private topicNamed(text: string, nsqd: number): TopicHere {
    const key = `${nsqd}/${text}`;
    let topic = this.topicsByName.get(key);
    if (topic === undefined) {
      topic = new TopicHere(nsqd, text, this.topics.length);
      this.topicsByName.set(key, topic);
      this.topics.push(topic);
    }
    return topic;
  }

  private makeConnection(row: number, client: number, nsqd: number, number: number): Connection {
    const { history, weather, terms } = this;
    const consumer = terms.consumers.get(history.strings[client]!);
    const configured = consumer?.config.msgTimeout ?? 0;
    return new Connection(
      this.connections.length,
      client,
      nsqd,
      number,
      row,
      history.at[row]!,
      { client: weather.process(client), nsqd: weather.process(nsqd), link: weather.link(client, nsqd) },
      {
        travelMax: consumer?.travelMax ?? terms.latencyMax,
        bufferMax: this.paceOf(nsqd).latest(consumer?.bufferMax ?? 0),
        isBounded: consumer?.isBounded ?? true,
        msgTimeout: configured > 0 ? configured : this.optionsOf(nsqd, history.at[row]).msgTimeout,
      },
    );
  }
}
