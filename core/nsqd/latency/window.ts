import type { Host } from "../../host.ts";
import { readUint32, TIMESTAMP_AT } from "../../protocol/frame.ts";
import type { Micros } from "../../time.ts";
import { Timestamp } from "../guid.ts";
import type { NsqdOptions } from "../options.ts";
import type { LatencyStats } from "../stats.ts";
import { TargetedQuantiles } from "./quantiles.ts";

/**
 * End-to-end latencies of one channel, from publish to FIN, over the last `e2eProcessingLatencyWindowTime`: two sketches
 * that each cover half of it and take turns (nsqd-semantics §13). In nanoseconds; negative after a step of the wall clock.
 */
export class LatencyWindow {
  private readonly host: Host;
  private readonly half: Micros;
  /** The first is the one that is being filled. */
  private sketches: [TargetedQuantiles, TargetedQuantiles];
  private filledSince: Micros;
  private readonly time = new Timestamp();

  constructor(host: Host, options: NsqdOptions) {
    const { e2eProcessingLatencyPercentiles: quantiles, e2eProcessingLatencyWindowTime: window } = options;
    this.host = host;
    this.half = Math.max(1, Math.floor(window / 2));
    this.sketches = [new TargetedQuantiles(quantiles), new TargetedQuantiles(quantiles)];
    this.filledSince = host.now();
  }

  /** The message whose frame is at `offset` is finished. */
  finished(page: Uint8Array, offset: number): void {
    this.rotate();
    this.time.set(this.host.wallNow());
    const high = this.time.high - readUint32(page, offset + TIMESTAMP_AT);
    this.sketches[0].insert(high * 2 ** 32 + (this.time.low - readUint32(page, offset + TIMESTAMP_AT + 4)));
  }

  /** Adds what the window holds. */
  addTo(sum: TargetedQuantiles): void {
    this.rotate();
    for (const sketch of this.sketches) sum.merge(sketch);
  }

  private rotate(): void {
    const now = this.host.now();
    // After two turns nothing is left that a third could drop.
    for (let turns = 0; turns < 2 && now - this.filledSince > this.half; turns += 1) {
      const [current, other] = this.sketches;
      other.clear();
      this.sketches = [other, current];
      this.filledSince += this.half;
    }
    if (now - this.filledSince > this.half) this.filledSince = now;
  }
}

const NOT_TRACKED: LatencyStats = { count: 0, percentiles: null };

/** The latencies of several channels together, as /stats shows them. */
export function latencyStats(windows: Iterable<LatencyWindow | null>, options: NsqdOptions): LatencyStats {
  const quantiles = options.e2eProcessingLatencyPercentiles;
  if (quantiles.length === 0) return NOT_TRACKED;
  const sum = new TargetedQuantiles(quantiles);
  for (const window of windows) window?.addTo(sum);
  return {
    count: sum.count,
    percentiles: quantiles.map((quantile) => ({ quantile, value: sum.query(quantile) })),
  };
}
