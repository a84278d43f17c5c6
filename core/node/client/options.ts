import { parseClientConfig, type ClientConfig } from "../../client/config.ts";
import { ClientError } from "../../client/error.ts";
import type { Host } from "../../host.ts";
import { createNodeHost } from "../host.ts";
import type { LogSink } from "../log.ts";

/**
 * Settings by their go-nsq names, `_` and `-` interchangeable; durations as `"1m30s"` or milliseconds:
 * `{ msg_timeout: "30s", heartbeat_interval: "10s", max_attempts: 0 }`.
 */
export type ClientSettings = Readonly<Record<string, string | number | boolean>>;

export interface ClientOptions {
  /** Default: go-nsq's defaults. */
  readonly settings?: ClientSettings;
  /** What this client calls itself to nsqd, unless `settings` say otherwise. Default: the machine's host name. */
  readonly hostname?: string;
  /** Where log lines go. Default: nowhere. */
  readonly log?: LogSink;
  /** When it aborts, the client closes gracefully. */
  readonly signal?: AbortSignal;
}

/** The world of one client, and its settings. `extra` overrides. */
export function openHost(options: ClientOptions, extra: ClientSettings): { host: Host; config: ClientConfig } {
  const config = parseClientConfig({ ...options.settings, ...extra });
  const log = options.log ?? ((): void => {});
  const host = createNodeHost(options.hostname === undefined ? { log } : { log, name: options.hostname });
  return { host, config };
}

/** @throws {ClientError} `invalid-argument` unless it is `host:port`. */
export function checkAddress(address: string): string {
  const match = /^.+:(\d{1,5})$/.exec(address);
  if (match === null || Number(match[1]) < 1 || Number(match[1]) > 65_535) {
    throw new ClientError("invalid-argument", `an address is host:port, not ${JSON.stringify(address)}`);
  }
  return address;
}

/** Calls `close` when the signal aborts, at once if it has. */
export function closeOnAbort(signal: AbortSignal | undefined, close: () => Promise<void>): void {
  if (signal === undefined) return;
  if (signal.aborted) void close();
  else signal.addEventListener("abort", () => void close(), { once: true });
}
