import { consume } from "./consume.ts";
import type { EndToEndJob, JobResult } from "./job.ts";
import { publish } from "./publish.ts";

/** Publishes and consumes at the same time; the clock is the consumer's, from RDY to the last FIN. */
export async function endToEnd(job: EndToEndJob): Promise<JobResult> {
  const [consumed] = await Promise.all([
    consume({ ...job, kind: "consume" }),
    publish({ ...job, kind: "publish", connections: 1 }),
  ]);
  return consumed;
}
