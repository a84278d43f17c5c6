import type { Micros } from "../../core/time.ts";
import type { History } from "../history.ts";

interface RunClock {
  readonly now: Micros;
}

/** Where the workload programs of a run write what they see. Shared by all of them. */
export class Recorder {
  /** Null: nothing is recorded. */
  readonly history: History | null;
  /** Time since the start of the run, whatever the clocks of its processes say. */
  readonly clock: RunClock;
  /** What the clocks of its processes showed at its start. */
  readonly start: Micros;
  /** Messages numbered so far; numbers start at 1. */
  messages = 0;
  /** Deliveries so far. */
  deliveries = 0;

  constructor(history: History | null, clock: RunClock, start: Micros) {
    this.history = history;
    this.clock = clock;
    this.start = start;
  }

  nextMessage(): number {
    this.messages += 1;
    return this.messages;
  }

  intern(text: string): number {
    return this.history === null ? 0 : this.history.intern(text);
  }
}

/** The rows of one process: what is the same in all of them is looked up once. */
export class Rows {
  private readonly history: History | null;
  private readonly clock: RunClock;
  private readonly process: number;

  constructor(recorder: Recorder, process: string) {
    this.history = recorder.history;
    this.clock = recorder.clock;
    this.process = recorder.intern(process);
  }

  /** A row of this process; `kind`, `peer` and `place` as numbers. See the table in `sim/history.ts`. */
  add(
    kind: number,
    peer: number,
    place: number,
    msg: number,
    conn: number,
    value: number,
    detail = 0,
    text = "",
    idHigh = 0,
    idLow = 0,
  ): void {
    const { history } = this;
    if (history === null) return;
    const note = text === "" ? 0 : history.intern(text);
    history.add(this.clock.now, kind, this.process, peer, place, msg, conn, value, detail, note, idHigh, idLow);
  }

  /**
   * The message of this process's last delivery with this id, or -1. Topics number their messages each for itself, so that
   * another process may have one of the same id. Error frames come soon after: the search is short.
   */
  messageOf(idHigh: number, idLow: number): number {
    const { history, process } = this;
    if (history === null || (idHigh === 0 && idLow === 0)) return -1;
    for (let row = history.length - 1; row >= 0; row -= 1) {
      if (history.idLow[row] !== idLow || history.idHigh[row] !== idHigh || history.msg[row]! < 0) continue;
      if (history.process[row] === process) return history.msg[row]!;
    }
    return -1;
  }
}
