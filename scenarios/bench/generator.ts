import { fork } from "node:child_process";
import type { Job, JobReply, JobResult } from "./load/job.ts";
import { modulePath, nodeArguments } from "./program.ts";

const JOB_LIMIT_MS = 60_000;

/** The load generator's process, seen from here. */
export interface Generator {
  perform(job: Job): Promise<JobResult>;
  stop(): void;
}

export function startGenerator(): Generator {
  const child = fork(modulePath("./load/main"), [], {
    execArgv: nodeArguments(),
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  return {
    perform(job) {
      return new Promise((resolve, reject) => {
        const settle = (act: () => void): void => {
          clearTimeout(timer);
          child.off("message", answered);
          child.off("exit", exited);
          act();
        };
        const answered = (reply: JobReply): void =>
          settle(() =>
            "error" in reply ? reject(new Error(`load generator: ${reply.error}`)) : resolve(reply.result),
          );
        const exited = (code: number | null): void =>
          settle(() => reject(new Error(`load generator exited with code ${code}`)));
        const timer = setTimeout(
          () => settle(() => reject(new Error(`load generator: no result after ${JOB_LIMIT_MS / 1000} s`))),
          JOB_LIMIT_MS,
        );
        child.on("message", answered);
        child.on("exit", exited);
        child.send(job);
      });
    },
    stop() {
      child.disconnect();
    },
  };
}
