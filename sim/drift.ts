import type { Micros } from "../core/time.ts";

const MILLION = 1_000_000;

/** A clock that may run too fast or too slow, and keeps what it has gained or lost. */
export class DriftingClock {
  /** Parts per million that it runs too fast; negative: too slow. */
  private ppm = 0;
  /** What it showed when its pace last changed, and when that was. */
  private shown: Micros = 0;
  private since: Micros = 0;

  /** What it shows at a true instant, not before its pace last changed. */
  at(instant: Micros): Micros {
    const passed = instant - this.since;
    return this.shown + passed + Math.floor((passed * this.ppm) / MILLION);
  }

  /** The first true instant at which it shows so much, or more. */
  when(shown: Micros): Micros {
    const toPass = shown - this.shown;
    let instant = this.since + Math.floor((toPass * MILLION) / (MILLION + this.ppm)) - 1;
    while (this.at(instant) < shown) instant += 1;
    return instant;
  }

  setPace(ppm: number, now: Micros): void {
    this.shown = this.at(now);
    this.since = now;
    this.ppm = ppm;
  }
}
