import type { Benchmark } from "./benchmark.ts";
import { startDaemon } from "./daemon.ts";

/** A daemon with an empty data path, from its start until it serves. */
export const start: Benchmark = {
  name: "start",
  overTcp: true,
  measures: [
    {
      name: "time",
      about: "start to the first answer of /ping, empty data path",
      unit: "ms",
      better: "less",
      goal: 200,
    },
    { name: "cpu", about: "processor time of the broker for it", unit: "ms", better: "less", goal: 200 },
  ],
  prepare(program) {
    return Promise.resolve({
      async run() {
        const daemon = await startDaemon(program, []);
        const processorUs = await daemon.processorUs();
        await daemon.stop();
        return [daemon.startMs, processorUs / 1000];
      },
      done: () => Promise.resolve(),
    });
  },
};
