import type { Host, Timer } from "../../host.ts";
import type { Micros } from "../../time.ts";
import type { DeadlinePolicy, DeadlineWatch, Expiring } from "./deadlines.ts";

/** Deadlines handled in one step; the rest follow in the next one, so that sockets get their turn in between. */
const EXPIRE_PER_STEP = 4096;

/** Every deadline at its instant: one timer of the host per channel, for the earliest. */
export class ExactDeadlines implements DeadlinePolicy {
  private readonly host: Host;
  private readonly watches = new Set<ExactWatch>();

  constructor(host: Host) {
    this.host = host;
  }

  watch(channel: Expiring): DeadlineWatch {
    const watch = new ExactWatch(this.host, channel, this.watches);
    this.watches.add(watch);
    return watch;
  }

  stop(): void {
    for (const watch of this.watches) watch.cancel();
  }
}

class ExactWatch implements DeadlineWatch {
  private readonly host: Host;
  private readonly channel: Expiring;
  private readonly all: Set<ExactWatch>;
  private readonly fire = (): void => this.expire();
  private timer: Timer | null = null;
  private armedFor: Micros = Infinity;

  constructor(host: Host, channel: Expiring, all: Set<ExactWatch>) {
    this.host = host;
    this.channel = channel;
    this.all = all;
  }

  added(at: Micros): void {
    // The timer is not moved when the earliest deadline goes away: it fires, finds nothing, and is set anew.
    if (at < this.armedFor) this.arm(at);
  }

  cancel(): void {
    this.timer?.cancel();
    this.timer = null;
    this.armedFor = -1;
    this.all.delete(this);
  }

  private arm(at: Micros): void {
    this.timer?.cancel();
    this.armedFor = at;
    this.timer = this.host.timer(at, this.fire);
  }

  private expire(): void {
    const now = this.host.now();
    this.timer = null;
    // Deadlines added meanwhile need no timer: the next one is asked for at the end.
    this.armedFor = -1;
    this.channel.expire(now, EXPIRE_PER_STEP);
    if (!this.all.has(this)) return;
    this.armedFor = Infinity;
    const next = this.channel.nextDeadline();
    if (next !== Infinity) this.arm(Math.max(next, now));
  }
}
