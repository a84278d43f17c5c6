import type { Micros } from "../../core/time.ts";
import { KIND, type History } from "../history.ts";
import { ENDING, type Ending } from "../shadow/surveyor.ts";
import type { Place } from "./places.ts";
import type { ProcessLife } from "./processes.ts";

/** Why the files do not lead to a message that is, or was, in them: `text` of an unkept row. */
export type UnkeptCause = "unsynced" | "ignored" | "damaged" | "lost";

interface Copies {
  /** Number of records with this message. */
  readonly count: number;
  /** All of them are beyond the saved position of the writer. */
  readonly isSalvaged: boolean;
}

interface Unkept {
  readonly row: number;
  readonly cause: UnkeptCause;
  readonly attempts: number;
  /** Number of records with this message. */
  readonly count: number;
}

/** What the files of an nsqd held when it was started again: from a `survey` row and the rows behind it. */
export class Survey {
  readonly row: number;
  readonly at: Micros;
  /** Row at which the incarnation before it ended: of its kill, or of the stop that it followed. */
  readonly endRow: number;
  /** How the incarnation before it had ended. */
  readonly ending: Ending;
  /** Messages that the files lead to. */
  readonly records: number;
  /** What is wrong with the files; "": nothing. */
  readonly problem: string;
  /** Topics and channels in nsqd.dat. */
  private readonly listed = new Set<string>();
  /** By queue and message. */
  private readonly kept = new Map<string, Map<number, Copies>>();
  private readonly unkept = new Map<string, Map<number, Unkept>>();
  /** Records of both kinds, by queue. */
  private readonly totals = new Map<string, number>();

  constructor(history: History, row: number, endRow: number) {
    this.row = row;
    this.endRow = endRow;
    this.at = history.at[row]!;
    this.ending = history.detail[row] as Ending;
    this.records = history.value[row]!;
    this.problem = history.strings[history.note[row]!]!;
  }

  get crashed(): boolean {
    return this.ending !== ENDING.stopped;
  }

  note(history: History, row: number): void {
    const queue = history.strings[history.place[row]!]!;
    const msg = history.msg[row]!;
    if (history.kind[row] === KIND.unkept || msg >= 0) this.totals.set(queue, (this.totals.get(queue) ?? 0) + 1);
    if (history.kind[row] === KIND.unkept) {
      const cause = history.strings[history.note[row]!] as UnkeptCause;
      const its = inner(this.unkept, queue);
      its.set(msg, { row, cause, attempts: history.value[row]!, count: (its.get(msg)?.count ?? 0) + 1 });
    } else if (msg < 0) {
      this.listed.add(queue);
    } else {
      const its = inner(this.kept, queue);
      const before = its.get(msg);
      const isSalvaged = history.detail[row] === 1 && before?.isSalvaged !== false;
      its.set(msg, { count: (before?.count ?? 0) + 1, isSalvaged });
    }
  }

  /** Records that may come to the consumers of a channel as this message. */
  copies(place: Place, msg: number): number {
    return (this.in(place.name, msg)?.count ?? 0) + (this.in(place.topic.name, msg)?.count ?? 0);
  }

  /** Records that may come to a channel: those in its files and in its topic's, even those that no state leads to. */
  recordsFor(place: Place): number {
    return (this.totals.get(place.name) ?? 0) + (this.totals.get(place.topic.name) ?? 0);
  }

  /** The channel is certain to have it: what waits in the topic goes to the channels of nsqd.dat, or to the only one. */
  keeps(place: Place, msg: number): boolean {
    if (this.in(place.name, msg) !== undefined) return true;
    const comes = this.listed.has(place.name) || place.topic.places.length === 1;
    return comes && this.in(place.topic.name, msg) !== undefined;
  }

  /** Its only records are beyond the saved position of the writer. */
  isSalvaged(place: Place, msg: number): boolean {
    return [place.name, place.topic.name].every((queue) => this.in(queue, msg)?.isSalvaged !== false);
  }

  /** Where it was, or is without being found; undefined: in no file. */
  whyGone(place: Place, msg: number): Unkept | undefined {
    return this.unkept.get(place.name)?.get(msg) ?? this.unkept.get(place.topic.name)?.get(msg);
  }

  /** Records with this message in files which no state leads to. */
  ignored(place: Place, msg: number): number {
    let count = 0;
    for (const queue of [place.name, place.topic.name]) {
      const its = this.unkept.get(queue)?.get(msg);
      if (its?.cause === "ignored") count += its.count;
    }
    return count;
  }

  private in(queue: string, msg: number): Copies | undefined {
    return this.kept.get(queue)?.get(msg);
  }
}

function inner<V>(outer: Map<string, Map<number, V>>, key: string): Map<number, V> {
  let map = outer.get(key);
  if (map === undefined) outer.set(key, (map = new Map<number, V>()));
  return map;
}

/** All surveys of one nsqd, in order. Without any, nothing is known of its files. */
export class Surveys {
  readonly list: Survey[] = [];
  /** What was found in damaged files when the run ended. */
  private readonly damaged = new Map<string, Map<number, number>>();

  /** Reads a survey row. */
  begin(history: History, row: number, { kills, stops, starts }: ProcessLife): void {
    const began = starts.at(-2) ?? -1;
    const ended = (history.detail[row] === ENDING.stopped ? stops : kills).at(-1) ?? -1;
    // One that could not even start ends without having been asked to.
    this.list.push(new Survey(history, row, Math.max(began, ended)));
  }

  /** Reads a kept or unkept row. */
  note(history: History, row: number): void {
    const last = this.list.at(-1);
    if (last !== undefined && last.at === history.at[row]) last.note(history, row);
    else inner(this.damaged, history.strings[history.place[row]!]!).set(history.msg[row]!, row);
  }

  /** The survey of the start at an instant, which a slow machine makes later; undefined: there is none. */
  atStart(at: Micros): Survey | undefined {
    return this.list.find((survey) => survey.at >= at);
  }

  /** What was kept before an incarnation that had begun by then; undefined: it is the first one, or nobody looked. */
  before(openedAt: Micros): Survey | undefined {
    return this.list.findLast((survey) => survey.at <= openedAt);
  }

  /** The row that says that it lies in a damaged file at the end, or -1. */
  damagedRow(place: Place, msg: number): number {
    return this.damaged.get(place.name)?.get(msg) ?? this.damaged.get(place.topic.name)?.get(msg) ?? -1;
  }
}
