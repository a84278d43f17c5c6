/**
 * The load generator: a process of its own, so that it competes with the broker for cores, not for an event loop. It
 * speaks raw TCP with pre-encoded bytes and reads no more of a reply than it must: it measures the broker, not a client.
 */
import { consume } from "./consume.ts";
import type { Job, JobReply, JobResult } from "./job.ts";
import { latency } from "./latency.ts";
import { publish } from "./publish.ts";

function perform(job: Job): Promise<JobResult> {
  if (job.kind === "publish") return publish(job);
  if (job.kind === "consume") return consume(job);
  return latency(job);
}

function reply(message: JobReply): void {
  process.send?.(message);
}

process.on("message", (job: Job) => {
  perform(job).then(
    (result) => reply({ result }),
    (error: unknown) => reply({ error: error instanceof Error ? error.message : String(error) }),
  );
});
// The parent is gone: nothing left to do.
process.on("disconnect", () => process.exit(0));
