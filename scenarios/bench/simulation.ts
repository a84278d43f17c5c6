import type { Benchmark, Measure } from "./benchmark.ts";
import type { LocalJob } from "./local/main.ts";
import type { SimulationJob } from "./local/simulation.ts";
import { startWorker } from "./worker.ts";

const MEASURES: readonly (Measure & { readonly name: SimulationJob })[] = [
  {
    name: "delivered",
    about: "messages delivered per second of real time, full history, all oracles",
    unit: "msg/s",
    better: "more",
    goal: 150_000,
  },
  { name: "events", about: "agenda events per second, history off", unit: "events/s", better: "more", goal: 1_000_000 },
  {
    name: "ten-minutes",
    about: "real time of ten simulated minutes, 100 msg/s, full history, all oracles",
    unit: "s",
    better: "less",
    goal: 1,
  },
  {
    name: "virtual",
    about: "virtual seconds per second of real time, in the median scenario of the catalogue",
    unit: "s/s",
    better: "more",
    goal: 10_000,
  },
  {
    name: "small-worlds",
    about: "seeds of `nsqlab campaign` per second of one processor",
    unit: "seeds/s",
    better: "more",
    goal: 200,
  },
  {
    name: "big-worlds",
    about: "the same with --size swarm: 3 nsqds, 2,000 messages, 10 faults, all oracles",
    unit: "seeds/s",
    better: "more",
    goal: 60,
  },
];

/** How fast the simulated world runs, on one core. */
export const simulation: Benchmark = {
  name: "simulation",
  overTcp: false,
  measures: MEASURES,
  async prepare() {
    const worker = startWorker<LocalJob, number>("./local/main");
    const run = async (): Promise<number[]> => {
      const values: number[] = [];
      for (const { name } of MEASURES) values.push(await worker.perform({ simulation: name }));
      return values;
    };
    try {
      await run();
    } catch (error) {
      worker.stop();
      throw error;
    }
    return { run, done: () => Promise.resolve(worker.stop()) };
  },
};
