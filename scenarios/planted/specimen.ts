import { type ChildProcess, fork } from "node:child_process";
import type { Size } from "../../sim/generate/limits.ts";

/** The module that specimens are made of, from the root of the sources. */
export const SPECIMEN_ENTRY = "scenarios/planted/process.ts";

/** A run that takes longer, of which most take milliseconds, will not end: its messages go round and round. */
const PATIENCE_MS = 30_000;

/** What such a run fails by. */
const ENDLESS = "endless";

export interface Question {
  readonly seed: number;
  readonly size: Size;
}

export interface Answer {
  /** `Failure.id`s; empty: it passed. */
  readonly failures: readonly string[];
  /** Processor time of the process since its start. */
  readonly cpuMs: number;
}

/** A process that runs a script of a nursery. */
export class Specimen {
  private readonly path: string;
  private child: ChildProcess | null = null;
  private cpuMs = 0;

  /** @param path of the script */
  constructor(path: string) {
    this.path = path;
  }

  /** What fails in the scenario of a seed, and the processor time that it took. Rejects when the process dies. */
  async judge(question: Question): Promise<Answer> {
    if (this.child === null) await this.start();
    const before = this.cpuMs;
    const answer = await this.answerTo(question);
    if (answer === null) {
      this.stop();
      return { failures: [ENDLESS], cpuMs: PATIENCE_MS };
    }
    this.cpuMs = answer.cpuMs;
    return { failures: answer.failures, cpuMs: answer.cpuMs - before };
  }

  stop(): void {
    this.child?.removeAllListeners();
    this.child?.kill("SIGKILL");
    this.child = null;
  }

  private async start(): Promise<void> {
    this.child = fork(this.path, [], { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const first = await this.answerTo(null);
    if (first === null) throw new Error(`${this.path} did not start`);
    this.cpuMs = first.cpuMs;
  }

  /** Null: it took too long. */
  private answerTo(question: Question | null): Promise<Answer | null> {
    const child = this.child!;
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        act();
      };
      const timer = setTimeout(() => settle(() => resolve(null)), PATIENCE_MS);
      child.on("message", (answer: Answer) => settle(() => resolve(answer)));
      child.on("error", (error) => settle(() => reject(error)));
      child.on("exit", (code, signal) => settle(() => reject(new Error(`${this.path}: ${signal ?? `exit ${code}`}`))));
      if (question !== null) child.send(question);
    });
  }
}
