import { MILLISECOND, type Micros } from "../../core/time.ts";
import type { History } from "../history.ts";
import type { Scenario } from "../scenario/types.ts";
import { Intervals } from "./intervals.ts";
import { DEFAULT_LATENCY, DEFAULT_SEND_BUFFER, longest, type Flags } from "./terms.ts";

/** What happened to one process: from its `process` rows. */
export class ProcessLife {
  readonly name: string;
  /** Paused, blocked, slow, or not running. */
  readonly away = new Intervals();
  /** Rows of kill, and of stop (clean). */
  readonly kills: number[] = [];
  readonly stops: number[] = [];
  readonly starts: number[] = [];
  alive = true;
  /** Pauses and blocks in force. */
  freezes = 0;
  /** Faults in force that make its machine slow; they outlive the process. */
  slowed = 0;

  constructor(name: string) {
    this.name = name;
  }
}

/** What a fault row does to the connections of its link. */
export interface FaultEffect {
  /** Nothing passes on them any more. */
  readonly breaks: boolean;
  /** 1: they are held from now on; -1: one hold less. */
  readonly holds: number;
  /** What was on its way when the hold ended has arrived by then. */
  readonly until: Micros;
}

/** What piled up during a hold fills so many small socket buffers, and each of them takes a trip there and one back. */
const DRAINED_WINDOWS = 8;

const NO_EFFECT: FaultEffect = { breaks: false, holds: 0, until: 0 };

/**
 * Processes and links over time: when they ran, and when bytes between them were held or lost. From the `process` and
 * `fault` rows.
 */
export class Weather {
  private readonly history: History;
  private readonly scenario: Scenario;
  private readonly processes: (ProcessLife | undefined)[] = [];
  private readonly links = new Map<number, Intervals>();
  /** How long after a hold bytes may still wait for room in a socket. */
  private readonly drain: Micros;

  constructor(history: History, scenario: Scenario) {
    this.history = history;
    this.scenario = scenario;
    const { sendBufferBytes = DEFAULT_SEND_BUFFER, latency = DEFAULT_LATENCY } = scenario.network ?? {};
    const window = 2 * Math.max(longest(latency), MILLISECOND);
    this.drain = sendBufferBytes < DEFAULT_SEND_BUFFER ? DRAINED_WINDOWS * window : 0;
  }

  /** By the number of its name. */
  process(name: number): ProcessLife {
    return (this.processes[name] ??= new ProcessLife(this.history.strings[name]!));
  }

  /** By its name; undefined when nothing happened to it. */
  named(name: string): ProcessLife | undefined {
    return this.processes.find((life) => life !== undefined && life.name === name);
  }

  /** Disturbances of the link between two processes, by the numbers of their names. */
  link(one: number, other: number): Intervals {
    const key = one < other ? one * 0x1_0000 + other : other * 0x1_0000 + one;
    let intervals = this.links.get(key);
    if (intervals === undefined) {
      intervals = new Intervals();
      this.links.set(key, intervals);
    }
    return intervals;
  }

  /** Reads a `process` row. */
  noteProcess(row: number): void {
    const { history } = this;
    const life = this.process(history.process[row]!);
    const at = history.at[row]!;
    switch (history.strings[history.note[row]!]!) {
      case "pause":
      case "block":
        life.freezes += 1;
        return life.away.begin(at);
      case "resume":
      case "unblock":
        if (life.freezes === 0) return undefined;
        life.freezes -= 1;
        return life.away.end(at, this.drain);
      case "kill":
        life.kills.push(row);
        return this.leave(life, at);
      case "stop":
        life.stops.push(row);
        return undefined;
      case "stopped":
        return this.leave(life, at);
      case "start":
        life.starts.push(row);
        if (!life.alive) life.away.end(at);
        life.alive = true;
        return undefined;
      default:
        return undefined;
    }
  }

  /** The options that a `process` row says have changed, or null. */
  changesAt(row: number): Flags | null {
    const action = this.scenario.faults?.[this.history.value[row]! - 1]?.do;
    return action !== undefined && "restartWith" in action ? (action.restartWith?.options ?? null) : null;
  }

  /** Reads a `fault` row. */
  noteFault(row: number): FaultEffect {
    const { history } = this;
    const begins = history.detail[row] === 1;
    const action = this.scenario.faults?.[history.value[row]!]?.do;
    if (action?.kind === "slow") return this.noteSlow(this.process(history.process[row]!), history.at[row]!, begins);
    // What else befalls a process has rows of its own.
    if (history.peer[row] === 0 || action?.kind === "unresolvable") return NO_EFFECT;
    if (action?.kind === "refuse-connect" || action?.kind === "hang-connect") return NO_EFFECT;
    if (action?.kind === "reset" || action?.kind === "half-open" || action?.kind === "cut-after")
      return { ...NO_EFFECT, breaks: begins };
    const link = this.link(history.process[row]!, history.peer[row]!);
    const at = history.at[row]!;
    const before = link.open;
    const tail = this.drain + (action?.kind === "latency" ? longest(action.latency) : 0);
    if (begins) link.begin(at);
    else link.end(at, tail);
    return { breaks: begins && action?.kind === "cut", holds: link.open - before, until: begins ? at : at + tail };
  }

  private noteSlow(life: ProcessLife, at: Micros, begins: boolean): FaultEffect {
    life.slowed += begins ? 1 : -1;
    if (begins) life.away.begin(at);
    else life.away.end(at, this.drain);
    return { breaks: false, holds: begins ? 1 : -1, until: at };
  }

  private leave(life: ProcessLife, at: Micros): void {
    if (life.alive) life.away.begin(at);
    life.alive = false;
    // What froze the process is gone with it.
    for (; life.freezes > 0; life.freezes -= 1) life.away.end(at);
  }
}
