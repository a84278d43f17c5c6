import { readdirSync } from "node:fs";
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import type { RuntimeFigures } from "../host.ts";

const RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;
const NS_PER_SECOND = 1e9;

/**
 * {@link Host.runtime}. Measuring the event loop wakes it a hundred times a second, so that begins with the first look;
 * each look tells of the time since the one before.
 */
export class RuntimeWatch {
  private delays: IntervalHistogram | null = null;

  figures(): RuntimeFigures {
    const { user, system } = process.cpuUsage();
    return {
      eventLoopLag: this.lag(),
      heapUsedBytes: process.memoryUsage().heapUsed,
      residentBytes: process.memoryUsage.rss(),
      processorSeconds: (user + system) / 1e6,
      openFiles: openFiles(),
    };
  }

  private lag(): RuntimeFigures["eventLoopLag"] {
    if (this.delays === null) {
      this.delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      this.delays.enable();
    }
    const { delays } = this;
    // What is recorded is the time between two ticks that should be the resolution apart.
    const late = (ns: number): number =>
      delays.count === 0 ? 0 : Math.max(0, ns - RESOLUTION_MS * NS_PER_MS) / NS_PER_SECOND;
    const lags = { p50: late(delays.percentile(50)), p99: late(delays.percentile(99)), max: late(delays.max) };
    delays.reset();
    return lags;
  }
}

/** Null where the system does not tell. */
function openFiles(): number | null {
  try {
    // One of them is the listing itself.
    return readdirSync("/proc/self/fd").length - 1;
  } catch {
    return null;
  }
}
