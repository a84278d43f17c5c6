import { type FlagValue, parseFlags } from "../flags/parse.ts";
import type { LogFormat, LogLevel } from "../host.ts";
import { SECOND, type Micros } from "../time.ts";
import { LOOKUPD_FLAGS } from "./flags.ts";

/** How an nsqlookupd behaves: one field per flag, spelled in camel case. Times in microseconds. Source: nsqlookupd §A5. */
export interface NsqlookupdOptions {
  /** What we say we are in IDENTIFY and /info. Not a flag. */
  readonly version: string;
  readonly logLevel: LogLevel;
  readonly logPrefix: string;
  /** Our own flag. */
  readonly logFormat: LogFormat;
  /** `host:port`, or the path of a unix socket. */
  readonly tcpAddress: string;
  /** `host:port`, or the path of a unix socket. */
  readonly httpAddress: string;
  /** Empty: the host's name. */
  readonly broadcastAddress: string;
  readonly inactiveProducerTimeout: Micros;
  readonly tombstoneLifetime: Micros;
}

export const DEFAULT_LOOKUPD_OPTIONS: NsqlookupdOptions = {
  version: "1.3.0",
  logLevel: "info",
  logPrefix: "[nsqlookupd] ",
  logFormat: "text",
  tcpAddress: "0.0.0.0:4160",
  httpAddress: "0.0.0.0:4161",
  broadcastAddress: "",
  inactiveProducerTimeout: 300 * SECOND,
  tombstoneLifetime: 45 * SECOND,
};

/**
 * Options from flags as nsqlookupd spells them: `{ "inactive-producer-timeout": "1m" }`. For scenario files and the
 * command line.
 *
 * @param defaults for the flags that are not given
 * @throws OptionError for an unknown flag (naming the nearest valid one), or a malformed or impossible value
 */
export function parseNsqlookupdOptions(
  flags: Readonly<Record<string, FlagValue>>,
  defaults: NsqlookupdOptions = DEFAULT_LOOKUPD_OPTIONS,
): NsqlookupdOptions {
  return parseFlags(LOOKUPD_FLAGS, flags, defaults);
}
