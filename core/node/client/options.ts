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

/** TLS of a client. Files are PEM. */
export interface TlsOptions {
  /** Authorities that the server's certificate must come from. Default: those that Node knows. */
  readonly caFile?: string;
  /** This client's own certificate and key. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Default: `tls1.2`. */
  readonly minVersion?: "tls1.0" | "tls1.1" | "tls1.2" | "tls1.3";
  /** False: any certificate will do. Default: true. */
  readonly verify?: boolean;
}

export interface ClientOptions {
  /** Default: go-nsq's defaults. */
  readonly settings?: ClientSettings;
  /** What this client calls itself to nsqd, unless `settings` say otherwise. Default: the machine's host name. */
  readonly hostname?: string;
  /** TLS; a server that does not offer it is not talked to. Default: none. */
  readonly tls?: boolean | TlsOptions;
  /** Compression with deflate, where the server offers it; a number is its level, 1 to 9. Default: none. */
  readonly deflate?: boolean | number;
  /** Compression with snappy, where the server offers it: faster than deflate, and less of it. Default: none. */
  readonly snappy?: boolean;
  /** What is shown to a server that wants AUTH. */
  readonly authSecret?: string;
  /** Where log lines go. Default: nowhere. */
  readonly log?: LogSink;
  /** When it aborts, the client closes gracefully. */
  readonly signal?: AbortSignal;
}

/** The world of one client, and its settings. `extra` overrides. */
export function openHost(options: ClientOptions, extra: ClientSettings): { host: Host; config: ClientConfig } {
  const config = parseClientConfig({ ...options.settings, ...layerSettings(options), ...extra });
  const log = options.log ?? ((): void => {});
  const host = createNodeHost(options.hostname === undefined ? { log } : { log, name: options.hostname });
  return { host, config };
}

/** What the options for layers mean in go-nsq's settings. */
function layerSettings({ tls = false, deflate, snappy, authSecret }: ClientOptions): ClientSettings {
  const settings: Record<string, string | number | boolean> = {};
  if (authSecret !== undefined) settings["auth_secret"] = authSecret;
  if (snappy !== undefined) settings["snappy"] = snappy;
  if (deflate !== undefined) settings["deflate"] = deflate !== false;
  if (typeof deflate === "number") settings["deflate_level"] = deflate;
  if (tls === false) return settings;
  const { caFile = "", certFile = "", keyFile = "", minVersion = "tls1.2", verify = true } = tls === true ? {} : tls;
  return {
    ...settings,
    tls_v1: true,
    tls_root_ca_file: caFile,
    tls_cert: certFile,
    tls_key: keyFile,
    tls_min_version: minVersion,
    tls_insecure_skip_verify: !verify,
  };
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
