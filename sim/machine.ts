import type { Micros } from "../core/time.ts";

/** What the machine of one process is like: its wall clock and its speed. It outlives the process. */
export class Machine {
  /** Wall clock minus monotonic clock, apart from where the wall clock of every run begins. */
  wallOffset: Micros;
  /** How many times its nominal cost everything takes. 0: work takes no time. */
  slowness = 0;
  private readonly factors: number[] = [];

  constructor(wallOffset: Micros) {
    this.wallOffset = wallOffset;
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
}
