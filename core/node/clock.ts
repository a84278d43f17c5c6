import type { Micros } from "../time.ts";

/** How often the wall clock is compared with the operating system's. */
const CHECK_EVERY: Micros = 100_000;

/** The machine's clocks, in integer microseconds. */
export class NodeClock {
  private wallMinusMonotonic: Micros = Math.floor(performance.timeOrigin * 1000);
  private checkedAt: Micros = -CHECK_EVERY;

  /** Microseconds since the process started. */
  now(): Micros {
    return Math.floor(performance.now() * 1000);
  }

  /**
   * Microseconds since the Unix epoch. Node offers the wall clock in milliseconds only; the digits below come from
   * the monotonic clock, and the sum is kept within the millisecond that the system shows, so that a step of the wall
   * clock is followed after at most 100 ms.
   */
  wallNow(): Micros {
    const now = this.now();
    if (now - this.checkedAt >= CHECK_EVERY) this.compare(now);
    return now + this.wallMinusMonotonic;
  }

  private compare(now: Micros): void {
    const systemWall = Date.now() * 1000;
    const ours = now + this.wallMinusMonotonic;
    const within = Math.min(Math.max(ours, systemWall), systemWall + 999);
    this.wallMinusMonotonic += within - ours;
    this.checkedAt = now;
  }
}
