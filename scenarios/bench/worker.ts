import { fork } from "node:child_process";
import { modulePath, nodeArguments } from "./program.ts";

const JOB_LIMIT_MS = 120_000;

/** A process that performs jobs, one at a time; seen from the process that gives them. */
export interface Worker<Job, Result> {
  /** Rejects with the job's error, when the process dies, and when it takes longer than two minutes. */
  perform(job: Job): Promise<Result>;
  stop(): void;
}

type Reply<Result> = { readonly result: Result } | { readonly error: string };

/** Starts a module of this folder (its path without ending) that calls {@link serveJobs}. */
export function startWorker<Job extends object, Result>(module: string): Worker<Job, Result> {
  const child = fork(modulePath(module), [], {
    execArgv: [...nodeArguments(), "--max-old-space-size=4096"],
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
        const answered = (reply: Reply<Result>): void =>
          settle(() => ("error" in reply ? reject(new Error(`${module}: ${reply.error}`)) : resolve(reply.result)));
        const exited = (code: number | null): void =>
          settle(() => reject(new Error(`${module} exited with code ${code}`)));
        const timer = setTimeout(() => {
          child.kill("SIGKILL");
          settle(() => reject(new Error(`${module}: no result after ${JOB_LIMIT_MS / 1000} s`)));
        }, JOB_LIMIT_MS);
        child.on("message", answered);
        child.on("exit", exited);
        child.send(job);
      });
    },
    stop() {
      if (child.connected) child.disconnect();
    },
  };
}

/** The other side: performs what the parent sends, and ends when the parent is gone. */
export function serveJobs(perform: (job: never) => unknown): void {
  const serve = async (job: unknown): Promise<void> => {
    try {
      reply({ result: await perform(job as never) });
    } catch (error) {
      reply({ error: error instanceof Error ? error.message : String(error) });
    }
  };
  process.on("message", (job) => void serve(job));
  process.on("disconnect", () => process.exit(0));
}

function reply(message: Reply<unknown>): void {
  process.send?.(message);
}
