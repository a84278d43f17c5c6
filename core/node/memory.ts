import { PerformanceObserver } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { MemoryFigures } from "../host.ts";

/** How many of the last pauses count, as in Go's runtime. */
const PAUSES_KEPT = 256;

/**
 * The figures of Go's runtime as far as V8 has them: heap sizes, and the pauses of the last 256 collections. V8 does
 * not count objects nor give back memory it could name, and has no size for the next collection: these are 0.
 */
export class MemoryWatch {
  private readonly pauses: number[] = [];
  private runs = 0;
  private readonly observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) this.pauses[this.runs++ % PAUSES_KEPT] = entry.duration * 1000;
  });

  constructor() {
    this.observer.observe({ entryTypes: ["gc"] });
  }

  figures(): MemoryFigures {
    const heap = getHeapStatistics();
    const sorted = [...this.pauses].sort((a, b) => a - b);
    return {
      heap_objects: 0,
      heap_idle_bytes: heap.total_heap_size - heap.used_heap_size,
      heap_in_use_bytes: heap.used_heap_size,
      heap_released_bytes: 0,
      gc_pause_usec_100: percentile(sorted, 100),
      gc_pause_usec_99: percentile(sorted, 99),
      gc_pause_usec_95: percentile(sorted, 95),
      next_gc_bytes: 0,
      gc_total_runs: this.runs,
    };
  }
}

function percentile(sorted: readonly number[], percent: number): number {
  const index = Math.min(Math.floor((percent / 100) * sorted.length + 0.5), sorted.length - 1);
  return Math.round(sorted[index] ?? 0);
}
