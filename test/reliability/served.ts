import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { bundleDaemon, Daemon } from "../daemon.ts";

/** An nsqd in a process of its own with an empty data path, and what can be seen of it from outside. Linux only. */
export class Served {
  readonly tcp: string;
  readonly http: string;
  private readonly daemon: Daemon;
  private readonly folder: string;

  private constructor(daemon: Daemon, folder: string, { tcp, http }: { tcp: string; http: string }) {
    this.daemon = daemon;
    this.folder = folder;
    this.tcp = tcp;
    this.http = http;
  }

  static async start(flags: readonly string[] = []): Promise<Served> {
    const folder = mkdtempSync(path.join(os.tmpdir(), "nsqlab-reliability-"));
    const addresses = ["--tcp-address=127.0.0.1:0", "--http-address=127.0.0.1:0", "--https-address=127.0.0.1:0"];
    const daemon = new Daemon(bundleDaemon(folder), [...addresses, "--data-path=.", ...flags], folder);
    return new Served(daemon, folder, await daemon.serving());
  }

  get tcpPort(): number {
    return Number(this.tcp.split(":")[1]);
  }

  get httpPort(): number {
    return Number(this.http.split(":")[1]);
  }

  /** 0: there is no HTTPS. */
  get httpsPort(): number {
    return Number(/HTTPS: listening on \S+:(\d+)/.exec(this.daemon.output)?.[1] ?? 0);
  }

  /** Bytes of memory. */
  get resident(): number {
    const status = readFileSync(`/proc/${this.daemon.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
  }

  /** Connections that it has not let go of, and its listeners. */
  get sockets(): number {
    const folder = `/proc/${this.daemon.pid}/fd`;
    return readdirSync(folder).filter((name) => targetOf(path.join(folder, name)).startsWith("socket:")).length;
  }

  /** The text of an answer. @throws unless its status is 200 */
  async ask(target: string): Promise<string> {
    const response = await fetch(`http://${this.http}${target}`, { headers: { connection: "close" } });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`GET ${target}: ${response.status} ${text}`);
    return text;
  }

  /** Bytes of memory, without what is merely not collected yet. */
  async residentAfterCollection(): Promise<number> {
    // As from nsqd, the answer is a 500 when it has been done.
    await fetch(`http://${this.http}/debug/freememory`, { method: "POST", headers: { connection: "close" } });
    return this.resident;
  }

  /** SIGTERM. @throws what it printed unless that ends it cleanly */
  async stop(): Promise<void> {
    this.daemon.signal("SIGTERM");
    const exit = await this.daemon.exited;
    rmSync(this.folder, { recursive: true });
    if (exit !== 0) throw new Error(`the daemon ended with ${String(exit)}: ${this.daemon.output.slice(-4000)}`);
  }
}

/** What a descriptor stands for; one that is being closed stands for nothing. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}
