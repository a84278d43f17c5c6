/**
 * The load generator: a process of its own, so that it competes with the broker for cores, not for an event loop. It
 * speaks raw TCP with pre-encoded bytes and reads no more of a reply than it must: it measures the broker, not a client.
 */
import { serveJobs } from "../worker.ts";
import { consume } from "./consume.ts";
import { endToEnd } from "./end-to-end.ts";
import { postOverHttp } from "./http.ts";
import type { Job, JobResult } from "./job.ts";
import { latency } from "./latency.ts";
import { publish } from "./publish.ts";

serveJobs((job: Job): Promise<JobResult> => {
  if (job.kind === "publish") return publish(job);
  if (job.kind === "consume") return consume(job);
  if (job.kind === "end-to-end") return endToEnd(job);
  if (job.kind === "http") return postOverHttp(job);
  return latency(job);
});
