/** Measures the code itself, without sockets, in a process of its own. */
import { serveJobs } from "../worker.ts";
import { type GrowthJob, measureGrowth } from "./growth.ts";
import { type SimulationJob, measureSimulation } from "./simulation.ts";

export type LocalJob = { readonly growth: GrowthJob } | { readonly simulation: SimulationJob };

serveJobs((job: LocalJob): number => ("growth" in job ? measureGrowth(job.growth) : measureSimulation(job.simulation)));
