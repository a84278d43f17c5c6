import { type FlagValue, parseNsqdOptions } from "../nsqd/options.ts";
import type { NsqdStats, StatsFilter } from "../nsqd/stats.ts";
import { machineDefaults } from "./defaults.ts";
import { createNodeHost } from "./host.ts";
import { lockDataPath } from "./lock.ts";
import type { LogSink } from "./log.ts";
import { startAndWait } from "./start.ts";

export { HostError } from "../host.ts";
export { OptionError } from "../nsqd/options.ts";
export type { FlagValue, LogSink, NsqdStats, StatsFilter };

export interface ServerOptions {
  /**
   * nsqd's flags, without dashes: `{ "mem-queue-size": 100, "msg-timeout": "5s" }`. Addresses default to port 0 of
   * 127.0.0.1. Without `data-path` nothing is written to disk.
   */
  readonly flags?: Readonly<Record<string, FlagValue>>;
  /** Where log lines go. Default: nowhere. */
  readonly log?: LogSink;
}

/** A broker that runs in this process. */
export interface Server {
  /** `host:port` for clients. */
  readonly tcpAddress: string;
  /** `host:port` of the HTTP interface; empty when `http-address` is. */
  readonly httpAddress: string;
  /** `host:port` of HTTPS; empty without the flags `tls-cert` and `tls-key`. */
  readonly httpsAddress: string;
  /** What /stats?format=json would say, without the memory of the process. */
  stats(filter?: StatsFilter): NsqdStats;
  /**
   * Stops cleanly: drops the clients, saves what `data-path` is to keep, and frees the ports. Calling it again waits for
   * the same stop.
   */
  close(): Promise<void>;
}

/**
 * Starts a broker in this process, on free ports: for tests of programs that use NSQ.
 *
 * ```ts
 * const server = await startServer({ flags: { "msg-timeout": "1s" } });
 * // … point your client at server.tcpAddress …
 * await server.close();
 * ```
 *
 * @throws OptionError for a flag that is unknown, malformed or not available
 * @throws HostError when an address cannot be bound (`code` EADDRINUSE, …), or the data path is missing, in use
 *   (EWOULDBLOCK) or has an nsqd.dat that cannot be read
 */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const free = "127.0.0.1:0";
  const defaults = { ...machineDefaults(), tcpAddress: free, httpAddress: free, httpsAddress: free };
  const parsed = parseNsqdOptions(options.flags ?? {}, defaults);
  const { dataPath, logLevel } = parsed;
  const files = dataPath === "" ? {} : { filesPath: dataPath };
  const host = createNodeHost({ ...files, logLevel, log: options.log ?? (() => {}) });
  const lock = dataPath === "" ? null : await lockDataPath(dataPath);
  const { program, addresses } = await startAndWait(host, parsed).catch((error: unknown) => {
    lock?.release();
    throw error;
  });
  const stop = (): Promise<void> => new Promise((resolve) => program.stop(resolve));
  let closing: Promise<void> | null = null;
  return {
    tcpAddress: addresses.tcpAddress,
    httpAddress: addresses.httpAddress,
    httpsAddress: addresses.httpsAddress,
    stats: (filter) => program.stats(filter),
    close: () => (closing ??= stop().finally(() => lock?.release())),
  };
}
