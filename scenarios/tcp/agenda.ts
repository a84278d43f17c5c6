import type { Host, Timer } from "../../core/host.ts";
import type { Micros } from "../../core/time.ts";

/** Something planned for an instant of the run. */
export interface Due {
  due(): void;
}

/** What is planned for a run in real time, in microseconds since its start. */
export class RealAgenda {
  private readonly host: Host;
  private readonly start: Micros;
  private readonly timers = new Set<Timer>();
  private atOnce: Due[] = [];
  private stopped = false;

  constructor(host: Host) {
    this.host = host;
    this.start = host.now();
  }

  get now(): Micros {
    return this.host.now() - this.start;
  }

  /** What is due already runs after the step under way, or at {@link runAtOnce}. */
  add(at: Micros, what: Due): void {
    if (this.stopped) return;
    if (at <= this.now) {
      this.atOnce.push(what);
      this.host.endOfStep(() => this.runAtOnce());
      return;
    }
    const timer = this.host.timer(this.start + at, () => {
      this.timers.delete(timer);
      what.due();
    });
    this.timers.add(timer);
  }

  /** Runs what became due in this very step: a fault triggered by a byte acts before the byte is passed on. */
  runAtOnce(): void {
    const ready = this.atOnce;
    this.atOnce = [];
    for (const what of ready) what.due();
  }

  /** Nothing planned happens any more. */
  stop(): void {
    this.stopped = true;
    this.atOnce = [];
    for (const timer of this.timers) timer.cancel();
    this.timers.clear();
  }
}
