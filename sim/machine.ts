import type { Micros } from "../core/time.ts";
import { DriftingClock } from "./drift.ts";

/** A timer that waits for an instant of a machine's monotonic clock. */
export interface MachineTimer {
  /** The clock's pace has changed: so has the true instant. */
  replan(): void;
}

/** What the machine of one process is like: its clocks and its speed. It outlives the process. */
export class Machine {
  /** Wall clock minus monotonic clock, apart from where the wall clock of every run begins. */
  wallOffset: Micros;
  /** How many times its nominal cost everything takes. 0: work takes no time. */
  slowness = 0;
  /** The monotonic clock; null: it is right, as of nearly every machine. */
  clock: DriftingClock | null = null;
  /** Timers that wait for it, in the order of their making. Kept only where the clock may drift. */
  readonly timers: Set<MachineTimer> | null;
  private readonly factors: number[] = [];
  private readonly paces: number[] = [];

  /** @param mayDrift {@link drift} may be called */
  constructor(wallOffset: Micros, mayDrift = false) {
    this.wallOffset = wallOffset;
    this.timers = mayDrift ? new Set() : null;
  }

  /** Everything takes so many times as long from now on; the latest counts. Returns what ends it. */
  slow(factor: number): () => void {
    this.factors.push(factor);
    this.slowness = factor;
    return () => {
      this.factors.splice(this.factors.lastIndexOf(factor), 1);
      this.slowness = this.factors.at(-1) ?? 0;
    };
  }

  /** Its clocks run so many parts per million too fast from now on; the latest counts. Returns what ends it. */
  drift(ppm: number, now: () => Micros): () => void {
    this.paces.push(ppm);
    this.setPace(now());
    return () => {
      this.paces.splice(this.paces.lastIndexOf(ppm), 1);
      this.setPace(now());
    };
  }

  private setPace(now: Micros): void {
    this.clock ??= new DriftingClock();
    this.clock.setPace(this.paces.at(-1) ?? 0, now);
    for (const timer of this.timers ?? []) timer.replan();
  }
}
