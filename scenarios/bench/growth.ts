import type { Benchmark, Measure } from "./benchmark.ts";
import type { Held } from "./local/growth.ts";
import type { LocalJob } from "./local/main.ts";
import { startWorker } from "./worker.ts";

const FEW = 1_000;
const MANY = 1_000_000;
const OPERATIONS = 200_000;

const HELD: readonly Held[] = ["queued", "in-flight", "deferred"];

/** What an operation costs when a million messages are held, against a thousand. A process for each figure. */
export const growth: Benchmark = {
  name: "growth",
  overTcp: false,
  measures: HELD.map((held): Measure => ({
    name: held,
    about: `cost of an operation with 1 M messages ${held} / with 1 k`,
    unit: "×",
    better: "less",
    goal: 2,
  })),
  async prepare() {
    return {
      async run() {
        const ratios: number[] = [];
        for (const held of HELD) ratios.push((await cost(held, MANY)) / (await cost(held, FEW)));
        return ratios;
      },
      done: () => Promise.resolve(),
    };
  },
};

async function cost(held: Held, count: number): Promise<number> {
  const worker = startWorker<LocalJob, number>("./local/main");
  try {
    return await worker.perform({ growth: { held, count, operations: OPERATIONS } });
  } finally {
    worker.stop();
  }
}
