import { unreachable } from "../core/assert.ts";
import { msToMicros, type Micros } from "../core/time.ts";
import { Duration } from "./duration.ts";
import { KIND, type EventKind, type History } from "./history.ts";
import type { FaultAction, FaultSpec } from "./scenario/types.ts";

/** What faults act on. The simulator's classes fit these shapes; so do those of a world in real time. */
export interface FaultTargets {
  readonly agenda: { readonly now: Micros; add(at: Micros, what: { due(): void }): unknown };
  readonly network: { link(first: string, second: string): FaultLink };
  process(name: string): FaultProcess;
}

/** The link between two processes. */
export interface FaultLink {
  readonly connections: { readonly size: number };
  /** The lane that leaves this process. */
  from(process: string): FaultLane;
  /** Bytes of existing connections are held. Returns what lets them go. */
  stall(lanes: readonly FaultLane[]): () => void;
  /** Bytes vanish. Returns what ends that and resets the connections. */
  cut(lanes: readonly FaultLane[]): () => void;
  reset(): void;
  /** This process forgets its connections; the other side is not told. */
  forget(process: string): void;
}

/** One direction of a link. */
export interface FaultLane {
  /** The latest latency that was set counts, until it is unset. */
  setLatency(latency: Duration): void;
  unsetLatency(latency: Duration): void;
  block(): void;
  unblock(): void;
}

export interface FaultProcess {
  readonly running: boolean;
  readonly restartsAtHeal: boolean;
  readonly wall: { offset: Micros };
  start(): void;
  /** `powerLoss`: the peers are not told, and nothing reaches the machine until {@link start}. */
  kill(powerLoss: boolean): boolean;
  stop(stopped: () => void): boolean;
  /** Returns what lets it run again; null: it was not running. */
  freeze(begin: "pause" | "block", end: "resume" | "unblock"): (() => void) | null;
}

/** How a fault goes on once it has begun. */
interface Effect {
  /** Undoes it. Null: nothing can, or nothing need. */
  readonly undo: (() => void) | null;
  /** When it ends by itself; null: at the heal. */
  readonly duration: Micros | null;
  /** It has no end: what it destroyed stays so. */
  readonly forever?: boolean;
}

/** Begins a fault; `end` ends it earlier than {@link Effect} says. */
type Act = (end: () => void) => Effect;

const AT_ONCE: Effect = { undo: null, duration: null };

interface Active {
  readonly fault: number;
  undo: (() => void) | null;
  over: boolean;
}

/** Makes the faults of a scenario happen, and records each in the history when it acts and when it ends. */
export class Faults {
  /** Faults that acted. */
  fired = 0;
  private readonly specs: readonly FaultSpec[];
  private readonly targets: FaultTargets;
  private readonly history: History | null;
  private readonly active = new Set<Active>();
  private healed = false;

  constructor(specs: readonly FaultSpec[], targets: FaultTargets, history: History | null) {
    this.specs = specs;
    this.targets = targets;
    this.history = history;
    for (let index = 0; index < specs.length; index += 1) this.arm(index);
  }

  /** Ends every fault; none begins any more. */
  heal(): void {
    this.healed = true;
    for (const active of this.active) this.end(active);
  }

  private arm(index: number): void {
    const { trigger } = this.specs[index]!;
    const { agenda } = this.targets;
    if ("atMs" in trigger) {
      const times = trigger.repeat?.times ?? 1;
      const every = trigger.repeat?.everyMs ?? 0;
      for (let round = 0; round < times; round += 1)
        agenda.add(msToMicros(trigger.atMs + round * every), { due: () => this.begin(index) });
      return;
    }
    const { history } = this;
    if (history === null) return;
    const { after } = trigger;
    const kind = KIND[after.kind as EventKind];
    const process = after.process === undefined ? -1 : history.intern(after.process);
    const nth = after.nth ?? 1;
    const limit = nth * (trigger.repeat?.times ?? 1);
    const delay = msToMicros(trigger.delayMs ?? 0);
    let seen = 0;
    // A row is written within a step of a program: the fault acts after that step, at the same instant.
    history.watch((row) => {
      if (history.kind[row] !== kind || seen >= limit) return;
      if (process >= 0 && history.process[row] !== process) return;
      seen += 1;
      if (seen % nth === 0) agenda.add(agenda.now + delay, { due: () => this.begin(index) });
    });
  }

  private begin(index: number): void {
    if (this.healed) return;
    const act = this.prepare(this.specs[index]!.do);
    if (act === null) return;
    this.fired += 1;
    // The row comes first: what the fault causes at once is recorded behind it.
    this.record(index, 1);
    const active: Active = { fault: index, undo: null, over: false };
    const { undo, duration, forever } = act(() => this.end(active));
    if (undo === null) {
      if (forever !== true) this.record(index, 0);
      return;
    }
    active.undo = undo;
    this.active.add(active);
    if (duration === null) return;
    const { agenda } = this.targets;
    agenda.add(agenda.now + duration, { due: () => this.end(active) });
  }

  private end(active: Active): void {
    if (active.over) return;
    active.over = true;
    this.active.delete(active);
    active.undo?.();
    this.record(active.fault, 0);
  }

  /** What the action does, or null when it finds nothing to act on. */
  private prepare(action: FaultAction): Act | null {
    if ("link" in action) return this.prepareLink(action);
    const process = this.targets.process(action.process);
    switch (action.kind) {
      case "kill":
        return process.running ? () => this.kill(process, action) : null;
      case "stop":
        return process.running ? (end) => this.stop(process, action.restartAfterMs, end) : null;
      case "pause":
      case "block":
        return process.running ? () => freeze(process, action) : null;
      case "clock-step":
        return () => {
          process.wall.offset += msToMicros(action.byMs);
          return AT_ONCE;
        };
      default:
        return unreachable(action);
    }
  }

  private kill(process: FaultProcess, { restartAfterMs, powerLoss }: KillAction): Effect {
    process.kill(powerLoss === true);
    if (restartAfterMs === undefined && !process.restartsAtHeal) return { undo: null, duration: null, forever: true };
    const duration = restartAfterMs === undefined ? null : msToMicros(restartAfterMs);
    return { undo: () => process.start(), duration };
  }

  private stop(process: FaultProcess, restartAfterMs: number | undefined, end: () => void): Effect {
    const { agenda } = this.targets;
    let healed = false;
    process.stop(() => {
      if (healed) process.start();
      else if (restartAfterMs !== undefined) agenda.add(agenda.now + msToMicros(restartAfterMs), { due: end });
    });
    if (restartAfterMs === undefined && !process.restartsAtHeal) return { undo: null, duration: null, forever: true };
    return {
      undo: () => {
        // A process that is still stopping at the heal comes back when it has exited.
        healed = true;
        process.start();
      },
      duration: null,
    };
  }

  private prepareLink(action: LinkAction): Act | null {
    const { network } = this.targets;
    const [first, second] = action.link;
    const link = network.link(first, second);
    const lanes = lanesOf(link.from(first), link.from(second), "direction" in action ? action.direction : undefined);
    const duration = "forMs" in action && action.forMs !== undefined ? msToMicros(action.forMs) : null;
    const connected = link.connections.size > 0;
    switch (action.kind) {
      case "partition":
        return () => {
          for (const lane of lanes) lane.block();
          return { undo: () => lanes.forEach((lane) => lane.unblock()), duration };
        };
      case "stall":
        return connected ? () => ({ undo: link.stall(lanes), duration }) : null;
      case "cut":
        return connected ? () => ({ undo: link.cut(lanes), duration }) : null;
      case "latency":
        return () => ({ undo: changeLatency(lanes, new Duration(action.latency)), duration });
      case "reset":
      case "half-open":
        if (!connected) return null;
        return () => {
          if (action.kind === "reset") link.reset();
          else link.forget(first);
          return AT_ONCE;
        };
      default:
        return unreachable(action);
    }
  }

  private record(index: number, phase: 0 | 1): void {
    const { history } = this;
    if (history === null) return;
    const action = this.specs[index]!.do;
    const [process, peer] = "link" in action ? action.link : [action.process, ""];
    const text = describeFault(action);
    history.record({ atUs: this.targets.agenda.now, kind: "fault", process, peer, value: index, detail: phase, text });
  }
}

type KillAction = Extract<FaultAction, { kind: "kill" }>;

type LinkAction = Extract<FaultAction, { link: readonly [string, string] }>;

function lanesOf(
  forward: FaultLane,
  backward: FaultLane,
  direction: "both" | "forward" | "backward" | undefined,
): FaultLane[] {
  if (direction === "forward") return [forward];
  if (direction === "backward") return [backward];
  return forward === backward ? [forward] : [forward, backward];
}

function changeLatency(lanes: readonly FaultLane[], latency: Duration): () => void {
  for (const lane of lanes) lane.setLatency(latency);
  return () => {
    for (const lane of lanes) lane.unsetLatency(latency);
  };
}

function freeze(process: FaultProcess, action: { readonly kind: "pause" | "block"; readonly forMs: number }): Effect {
  const undo = action.kind === "pause" ? process.freeze("pause", "resume") : process.freeze("block", "unblock");
  return { undo, duration: msToMicros(action.forMs) };
}

/** A fault in a few words, without its target. */
function describeFault(action: FaultAction): string {
  const words: string[] = [action.kind];
  if ("direction" in action && action.direction !== undefined && action.direction !== "both")
    words.push(action.direction);
  if ("forMs" in action && action.forMs !== undefined) words.push(`for ${action.forMs} ms`);
  if ("restartAfterMs" in action && action.restartAfterMs !== undefined)
    words.push(`restart after ${action.restartAfterMs} ms`);
  if (action.kind === "kill" && action.powerLoss === true) words.push("by loss of power");
  if ("byMs" in action) words.push(`by ${action.byMs} ms`);
  return words.join(" ");
}
