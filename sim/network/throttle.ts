import { SECOND, type Micros } from "../../core/time.ts";

/** How many bytes a second one direction of a link takes, from all its connections together. */
export class Throttle {
  /** Bytes per second; 0: no limit. */
  rate = 0;
  private readonly rates: number[] = [];
  /** Until then the bytes are on it that were sent before. */
  private busyUntil: Micros = 0;

  /** From now on no more than so many bytes a second; the lowest limit counts. Returns what ends it. */
  limit(bytesPerSecond: number): () => void {
    this.rates.push(bytesPerSecond);
    this.rate = Math.min(...this.rates);
    return () => {
      this.rates.splice(this.rates.indexOf(bytesPerSecond), 1);
      this.rate = this.rates.length === 0 ? 0 : Math.min(...this.rates);
      this.busyUntil = 0;
    };
  }

  /** When so many bytes that are sent now have gone. */
  send(bytes: number, now: Micros): Micros {
    if (this.rate === 0 || bytes === 0) return now;
    this.busyUntil = Math.max(this.busyUntil, now) + Math.ceil((bytes * SECOND) / this.rate);
    return this.busyUntil;
  }
}
