import type { Host, Timer } from "../../host.ts";
import { MILLISECOND, SECOND } from "../../time.ts";
import type { DeadlinePolicy, DeadlineWatch, Expiring } from "./deadlines.ts";

/** nsqd-semantics §3; none of these is a flag. */
const SCAN_INTERVAL = 100 * MILLISECOND;
const REFRESH_INTERVAL = 5 * SECOND;
/** More than this share of the chosen channels with work: another round at once. */
const DIRTY_SHARE = 0.25;

/**
 * nsqd 1.3: every 100 ms some channels, chosen at random from a list that is renewed every 5 s, are looked at
 * (nsqd-semantics §3). So a new channel's deadlines are up to 5 s late, and with more channels than are chosen per
 * round lateness is a matter of luck. Both phases count from the start of the process. nsqd's worker pool only spreads
 * a round over threads, so it has no counterpart here.
 */
export class LotteryDeadlines implements DeadlinePolicy {
  private readonly host: Host;
  private readonly selectionCount: number;
  private readonly channels = new Set<Expiring>();
  private listed: Expiring[] = [];
  private readonly timers: (Timer | null)[] = [null, null];

  constructor(host: Host, selectionCount: number) {
    this.host = host;
    this.selectionCount = selectionCount;
    this.every(0, SCAN_INTERVAL, () => this.scan());
    this.every(1, REFRESH_INTERVAL, () => {
      this.listed = [...this.channels];
    });
  }

  watch(channel: Expiring): DeadlineWatch {
    this.channels.add(channel);
    return {
      added: () => {},
      cancel: () => {
        this.channels.delete(channel);
      },
    };
  }

  stop(): void {
    for (const timer of this.timers) timer?.cancel();
  }

  /** A ticker: its phase is fixed, whatever a tick costs. */
  private every(index: number, interval: number, tick: () => void): void {
    let at = this.host.now() + interval;
    const fire = (): void => {
      at += interval;
      // Ticks that were missed (a paused process) are dropped, as Go's tickers do.
      const now = this.host.now();
      if (at <= now) at += Math.floor((now - at) / interval + 1) * interval;
      this.timers[index] = this.host.timer(at, fire);
      tick();
    };
    this.timers[index] = this.host.timer(at, fire);
  }

  private scan(): void {
    const count = Math.min(this.selectionCount, this.listed.length);
    if (count === 0) return;
    const now = this.host.now();
    const random = this.host.random("nsqd-scan");
    let dirty: number;
    do {
      dirty = 0;
      // The first `count` places of a shuffle.
      for (let index = 0; index < count; index += 1) {
        const chosen = random.integer(index, this.listed.length - 1);
        const channel = this.listed[chosen]!;
        this.listed[chosen] = this.listed[index]!;
        this.listed[index] = channel;
        if (channel.expire(now, Infinity) > 0) dirty += 1;
      }
    } while (dirty / count > DIRTY_SHARE);
  }
}
