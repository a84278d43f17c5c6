import { type Worker, startWorker } from "../worker.ts";
import type { Job, JobResult } from "./job.ts";

export type Generator = Worker<Job, JobResult>;

export function startGenerator(): Generator {
  return startWorker("./load/main");
}
