import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../ports.ts";
import type { Program } from "./program.ts";

const START_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 10_000;
/** Between two tries whether it answers. */
const RETRY_MS = 2;
const KEPT_LOG_CHARACTERS = 4_000;

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
  const child = spawn(
    program.command,
    [
      ...program.args,
      `--tcp-address=127.0.0.1:${tcpPort}`,
      `--http-address=127.0.0.1:${httpPort}`,
      `--data-path=${dataPath}`,
      "--log-level=error",
      ...flags,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const log = keepLog(child);
  const stop = async (): Promise<void> => {
    await stopChild(child);
    await rm(dataPath, { recursive: true, force: true });
  };
  let startMs = 0;
  try {
    await answers(httpPort, child);
    startMs = performance.now() - begunMs;
  } catch (error) {
    await stop();
    throw new Error(`${program.label}: ${(error as Error).message}\n${log()}`, { cause: error });
  }
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
    processorUs: () => processorUs(child.pid!),
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

function keepLog(child: ChildProcess): () => string {
  let kept = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    kept = (kept + chunk.toString("utf8")).slice(-KEPT_LOG_CHARACTERS);
  });
  child.on("error", (error) => {
    kept += error.message;
  });
  return () => kept;
}

async function answers(port: number, child: ChildProcess): Promise<void> {
  const endMs = performance.now() + START_LIMIT_MS;
  while (performance.now() < endMs) {
    if (child.pid === undefined) throw new Error("cannot be started");
    if (child.exitCode !== null) throw new Error(`exited with code ${child.exitCode}`);
    if (await isServing(port)) return;
    await sleep(RETRY_MS);
  }
  throw new Error(`did not answer /ping within ${START_LIMIT_MS / 1000} s`);
}

function isServing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: "127.0.0.1", port, path: "/ping", agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once("error", () => resolve(false));
  });
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
  await exited;
  clearTimeout(timer);
}
