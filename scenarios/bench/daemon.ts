import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DaemonChild } from "../daemon-child.ts";
import { freePorts } from "../ports.ts";
import type { Program } from "./program.ts";

/** A running nsqd, on loopback ports of its own and an empty data path. */
export interface Daemon {
  readonly program: Program;
  readonly tcpPort: number;
  readonly httpPort: number;
  /** From its start until it answered /ping. */
  readonly startMs: number;
  /** POST to the HTTP side; throws unless the answer is 200. */
  post(target: string): Promise<void>;
  /** Messages that wait in a channel. */
  depth(topic: string, channel: string): Promise<number>;
  /** Processor time of all its threads, of user and kernel. NaN where there is no Linux. */
  processorUs(): Promise<number>;
  /** Resident memory in bytes. */
  residentBytes(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts it and waits until it answers /ping. Throws with the end of its log when it does not. */
export async function startDaemon(program: Program, flags: readonly string[]): Promise<Daemon> {
  const dataPath = await mkdtemp(join(tmpdir(), "nsqlab-bench-"));
  const [tcpPort, httpPort] = await freePorts();
  const begunMs = performance.now();
  const child = new DaemonChild(program, [
    `--tcp-address=127.0.0.1:${tcpPort}`,
    `--http-address=127.0.0.1:${httpPort}`,
    `--data-path=${dataPath}`,
    "--log-level=error",
    ...flags,
  ]);
  const stop = async (): Promise<void> => {
    await child.stop();
    await rm(dataPath, { recursive: true, force: true });
  };
  try {
    await child.serving(`127.0.0.1:${httpPort}`);
  } catch (error) {
    await stop();
    throw error;
  }
  const startMs = performance.now() - begunMs;
  return {
    program,
    tcpPort,
    httpPort,
    startMs,
    stop,
    async post(target) {
      const response = await fetch(`http://127.0.0.1:${httpPort}${target}`, { method: "POST" });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`${program.label}: POST ${target}: ${response.status} ${text}`);
    },
    async depth(topic, channel) {
      const query = `format=json&topic=${topic}&channel=${channel}&include_clients=false&include_mem=false`;
      const response = await fetch(`http://127.0.0.1:${httpPort}/stats?${query}`);
      const { topics } = (await response.json()) as StatsPart;
      return topics?.[0]?.channels?.[0]?.depth ?? 0;
    },
    processorUs: () => processorUs(child.pid),
    async residentBytes() {
      const status = await readFile(`/proc/${child.pid}/status`, "utf8");
      const match = /^VmRSS:\s+(\d+) kB$/m.exec(status);
      if (match === null) throw new Error("no VmRSS in /proc: memory can be measured on Linux only");
      return Number(match[1]) * 1024;
    },
  };
}

interface StatsPart {
  readonly topics?: readonly { readonly channels?: readonly { readonly depth: number }[] | null }[] | null;
}

async function processorUs(pid: number): Promise<number> {
  try {
    let nanoseconds = 0;
    for (const thread of await readdir(`/proc/${pid}/task`))
      nanoseconds += Number((await readFile(`/proc/${pid}/task/${thread}/schedstat`, "latin1")).split(" ", 1)[0]);
    return nanoseconds / 1000;
  } catch {
    return Number.NaN;
  }
}
