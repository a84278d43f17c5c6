import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NsqdSpec } from "../../sim/scenario/types.ts";
import { ownNsqd } from "../bench/program.ts";
import { DaemonChild } from "../daemon-child.ts";
import { freePorts } from "../ports.ts";

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
  private child: DaemonChild | null = null;

  constructor(spec: NsqdSpec) {
    this.name = spec.name;
    this.spec = spec;
    this.dataPath = mkdtempSync(join(tmpdir(), `nsqlab-${spec.name}-`));
  }

  get isRunning(): boolean {
    return this.child?.isRunning === true;
  }

  /**
   * Starts it, on the same ports each time, and waits until it serves.
   *
   * @throws Error with the end of its log when it does not
   */
  async start(): Promise<void> {
    this.endpoint ??= await freeEndpoint();
    const child = new DaemonChild({ ...ownNsqd(), label: this.name }, this.flags(this.endpoint));
    this.child = child;
    try {
      await child.serving(this.endpoint.httpAddress);
    } catch (error) {
      this.kill();
      throw error;
    }
  }

  /** kill -9. False: it was not running. */
  kill(): boolean {
    return this.child?.signal("SIGKILL") === true;
  }

  /** SIGTERM; resolves when it has exited. */
  async stop(): Promise<void> {
    await this.child?.stop();
  }

  /** SIGSTOP. False: it was not running. */
  pause(): boolean {
    return this.child?.signal("SIGSTOP") === true;
  }

  /** SIGCONT. */
  resume(): void {
    this.child?.signal("SIGCONT");
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

async function freeEndpoint(): Promise<Endpoint> {
  const [tcpPort, httpPort] = await freePorts();
  return { host: "127.0.0.1", tcpPort, httpAddress: `127.0.0.1:${httpPort}` };
}
