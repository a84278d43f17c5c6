import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { NsqdSpec } from "../../sim/scenario/types.ts";
import { ownNsqd } from "../bench/program.ts";
import { freePorts } from "../ports.ts";

const START_LIMIT_MS = 15_000;
const START_POLL_MS = 10;
const STOP_LIMIT_MS = 5_000;
const KEPT_LOG_CHARACTERS = 4_000;

/** Where an nsqd of the run listens. */
export interface Endpoint {
  readonly host: string;
  readonly tcpPort: number;
  readonly httpAddress: string;
}

/** An nsqd of the run: a child process of ours, on loopback, with a data path of its own that survives its deaths. */
export class NsqdProcess {
  readonly name: string;
  endpoint: Endpoint | null = null;
  private readonly spec: NsqdSpec;
  private readonly dataPath: string;
  private child: ChildProcess | null = null;
  private log = "";

  constructor(spec: NsqdSpec) {
    this.name = spec.name;
    this.spec = spec;
    this.dataPath = mkdtempSync(join(tmpdir(), `nsqlab-${spec.name}-`));
  }

  get isRunning(): boolean {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }

  /**
   * Starts it, on the same ports each time, and waits until it serves.
   *
   * @throws Error with the end of its log when it does not
   */
  async start(): Promise<void> {
    this.endpoint ??= await freeEndpoint();
    const program = ownNsqd();
    const child = spawn(program.command, [...program.args, ...this.flags(this.endpoint)], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.child = child;
    child.stderr.on("data", (chunk: Buffer) => {
      this.log = (this.log + chunk.toString("utf8")).slice(-KEPT_LOG_CHARACTERS);
    });
    child.on("error", (error) => {
      this.log += error.message;
    });
    const limit = performance.now() + START_LIMIT_MS;
    while (!(await answers(this.endpoint.httpAddress))) {
      if (!this.isRunning || performance.now() > limit) {
        this.kill();
        throw new Error(`${this.name} did not start\n${this.log}`);
      }
      await sleep(START_POLL_MS);
    }
  }

  /** kill -9. False: it was not running. */
  kill(): boolean {
    return this.isRunning && this.child!.kill("SIGKILL");
  }

  /** SIGTERM; resolves when it has exited. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child === null || !this.isRunning) return;
    const exited = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
    });
    child.kill("SIGTERM");
    const limit = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    await exited;
    clearTimeout(limit);
  }

  /** SIGSTOP. False: it was not running. */
  pause(): boolean {
    return this.isRunning && this.child!.kill("SIGSTOP");
  }

  /** SIGCONT. */
  resume(): void {
    if (this.isRunning) this.child!.kill("SIGCONT");
  }

  /** Ends it for good and removes its files. */
  async dispose(): Promise<void> {
    this.resume();
    await this.stop();
    this.removeFiles();
  }

  /** {@link dispose} at once, for when this process itself is about to end. */
  abandon(): void {
    this.kill();
    this.removeFiles();
  }

  private removeFiles(): void {
    rmSync(this.dataPath, { recursive: true, force: true });
  }

  private flags(endpoint: Endpoint): string[] {
    const { spec } = this;
    return [
      `--tcp-address=${endpoint.host}:${endpoint.tcpPort}`,
      `--http-address=${endpoint.httpAddress}`,
      `--data-path=${this.dataPath}`,
      `--profile=${spec.profile ?? "exact"}`,
      "--log-level=error",
      ...Object.entries(spec.options ?? {}).map(([flag, value]) => `--${flag}=${value}`),
    ];
  }
}

async function answers(httpAddress: string): Promise<boolean> {
  try {
    const response = await fetch(`http://${httpAddress}/ping`);
    return response.status === 200;
  } catch {
    return false;
  }
}

async function freeEndpoint(): Promise<Endpoint> {
  const [tcpPort, httpPort] = await freePorts();
  return { host: "127.0.0.1", tcpPort, httpAddress: `127.0.0.1:${httpPort}` };
}
