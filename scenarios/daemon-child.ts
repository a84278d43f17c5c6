import { type ChildProcess, spawn } from "node:child_process";
import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "./bench/program.ts";

const START_LIMIT_MS = 15_000;
/** Between two tries whether it answers. */
const RETRY_MS = 2;
const STOP_LIMIT_MS = 10_000;
const KEPT_LOG_CHARACTERS = 4_000;

/** A daemon in a process of its own, started at once. */
export class DaemonChild {
  readonly program: Program;
  private readonly child: ChildProcess;
  private log = "";

  constructor(program: Program, flags: readonly string[]) {
    this.program = program;
    this.child = spawn(program.command, [...program.args, ...flags], { stdio: ["ignore", "ignore", "pipe"] });
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.log = (this.log + chunk.toString("utf8")).slice(-KEPT_LOG_CHARACTERS);
    });
    this.child.on("error", (error) => {
      this.log += error.message;
    });
  }

  get isRunning(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Its process id. */
  get pid(): number {
    return this.child.pid!;
  }

  /**
   * Resolves when its HTTP side answers /ping.
   *
   * @throws Error with the end of its log when it cannot be started, exits, or does not answer in time
   */
  async serving(httpAddress: string): Promise<void> {
    const limitMs = performance.now() + START_LIMIT_MS;
    while (!(await answersPing(httpAddress))) {
      if (this.child.pid === undefined) throw this.complaint("cannot be started");
      if (!this.isRunning) throw this.complaint(`exited with code ${this.child.exitCode}`);
      if (performance.now() > limitMs) throw this.complaint(`did not answer /ping within ${START_LIMIT_MS / 1_000} s`);
      await sleep(RETRY_MS);
    }
  }

  /** Sends a signal. False: it was not running. */
  signal(name: "SIGKILL" | "SIGSTOP" | "SIGCONT"): boolean {
    return this.isRunning && this.child.kill(name);
  }

  /** SIGTERM, and SIGKILL when that is not enough; resolves when it has exited. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const exited = new Promise<void>((resolve) => {
      this.child.once("exit", () => resolve());
    });
    this.child.kill("SIGTERM");
    const limit = setTimeout(() => this.child.kill("SIGKILL"), STOP_LIMIT_MS);
    await exited;
    clearTimeout(limit);
  }

  private complaint(what: string): Error {
    return new Error(`${this.program.label}: ${what}\n${this.log}`);
  }
}

function answersPing(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(`http://${address}/ping`, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once("error", () => resolve(false));
  });
}
