import { msToMicros, SECOND, type Micros } from "../../core/time.ts";
import type { FaultAction, FaultSpec } from "../scenario/types.ts";
import { Intervals } from "./intervals.ts";
import type { Lives } from "./lives.ts";
import { longest } from "./terms.ts";

/** Trips that are under way when a disturbance ends, and cause others. */
const TRIPS = 6;
/** nsqd waits so long for an nsqlookupd: what was begun in a disturbance may fail so much later (nsqlookupd §B). */
const DEADLINE: Micros = SECOND;

/**
 * When processes and links were left alone: no fault of whatever kind acted on them, and they ran. What a disturbance has
 * begun must be over too: see {@link grace}.
 */
export class Calm {
  /** One way over an undisturbed link. */
  readonly trip: Micros;
  /** So long before a span of calm nothing may have been disturbed. */
  readonly grace: Micros;
  private readonly lives: Lives;
  private readonly processes: (Intervals | undefined)[] = [];
  private readonly links = new Map<number, Intervals>();

  constructor(lives: Lives, trip: Micros) {
    this.lives = lives;
    this.trip = trip;
    this.grace = DEADLINE + TRIPS * trip;
  }

  /** Reads a `fault` row. */
  noteFault(row: number): void {
    const { history, evidence } = this.lives;
    const process = history.process[row]!;
    const peer = history.peer[row]!;
    const spans = peer === 0 ? this.process(process) : this.link(process, peer);
    const at = history.at[row]!;
    if (history.detail[row] === 1) {
      spans.begin(at);
      return;
    }
    const faults = evidence.scenario.faults ?? [];
    const action = faults[history.value[row]!]?.do;
    spans.end(at, action === undefined ? 0 : aftermath(action, faults));
  }

  /** Disturbances of a process other than that it does not run, by the number of its name. */
  process(name: number): Intervals {
    return (this.processes[name] ??= new Intervals());
  }

  /** Whether a process ran undisturbed. */
  holds(name: number, from: Micros, to: Micros): boolean {
    const since = from - this.grace;
    return !this.process(name).overlaps(since, to) && !this.lives.weather.process(name).away.overlaps(since, to);
  }

  /** Whether nothing disturbed what two processes send each other, whether they run or not. */
  linkHolds(one: number, other: number, from: Micros, to: Micros): boolean {
    const since = from - this.grace;
    return !this.link(one, other).overlaps(since, to) && !this.lives.weather.link(one, other).overlaps(since, to);
  }

  /** Both, and the link between them. */
  pairHolds(one: number, other: number, from: Micros, to: Micros): boolean {
    return this.holds(one, from, to) && this.holds(other, from, to) && this.linkHolds(one, other, from, to);
  }

  private link(one: number, other: number): Intervals {
    const key = one < other ? one * 0x1_0000 + other : other * 0x1_0000 + one;
    let spans = this.links.get(key);
    if (spans === undefined) this.links.set(key, (spans = new Intervals()));
    return spans;
  }
}

/** How long after its end a fault may still act on what was under way. */
function aftermath(action: FaultAction, faults: readonly FaultSpec[]): Micros {
  if (action.kind === "latency") return longest(action.latency);
  if (!("process" in action) || !action.kind.startsWith("lookup-")) return 0;
  // An answer that one has changed may be delayed by others, one after the other.
  let sum = 0;
  for (const { trigger, do: other } of faults) {
    if (other.kind === "lookup-slow" && other.process === action.process)
      sum += msToMicros(other.delayMs) * (trigger.repeat?.times ?? 1);
  }
  return sum;
}
