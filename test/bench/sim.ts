/**
 * How fast the simulated world runs: the figures of `nsqlab bench simulation`, run in this process, for a profiler.
 *
 *     node --import tsx test/bench/sim.ts [rounds]
 */
import { measureSimulation, type SimulationJob } from "../../scenarios/bench/local/simulation.ts";

const JOBS: readonly SimulationJob[] = ["delivered", "events", "ten-minutes"];
const rounds = Number(process.argv[2] ?? 5);

const figures = JOBS.map((job) => {
  const values: number[] = [];
  for (let round = 0; round < rounds; round += 1) values.push(measureSimulation(job));
  return [job, values] as const;
});
console.log(JSON.stringify(Object.fromEntries(figures)));
