import type { Host } from "../host.ts";
import type { Micros } from "../time.ts";

/** The rest of work that was too much for one step: done in a later step of the same instant, asked for once. */
export class Continuation {
  private readonly host: Host;
  private readonly resume: () => void;
  private isPending = false;

  /** `work` is called with the monotonic clock of its step. */
  constructor(host: Host, work: (now: Micros) => void) {
    this.host = host;
    this.resume = (): void => {
      this.isPending = false;
      work(host.now());
    };
  }

  later(now: Micros): void {
    if (this.isPending) return;
    this.isPending = true;
    this.host.timer(now, this.resume);
  }
}
