import { type FlagValue, OptionError, parseFlags } from "../flags/parse.ts";
import type { LogFormat, LogLevel } from "../host.ts";
import { MILLISECOND, SECOND, type Micros } from "../time.ts";
import { FLAGS } from "./flags.ts";

export { type FlagValue, OptionError };

/**
 * How an nsqd behaves: one field per flag, spelled in camel case. Sizes in bytes, times in microseconds.
 * Source: nsqd-semantics §15.
 */
export interface NsqdOptions {
  /** What we say we are in IDENTIFY, /info and /stats. Not a flag. */
  readonly version: string;
  /**
   * What is done where NSQ leaves it open or is known to be flawed: `exact` timers and a disk queue that loses nothing, or
   * the scan lottery and go-diskqueue as in nsqd 1.3. Our own flag.
   */
  readonly profile: Profile;
  readonly logLevel: LogLevel;
  readonly logPrefix: string;
  /** Our own flag. */
  readonly logFormat: LogFormat;
  /** 0..1023, part of every message id. */
  readonly nodeId: number;

  /** `host:port`, or the path of a unix socket. */
  readonly tcpAddress: string;
  /** `host:port`, the path of a unix socket, or empty: no HTTP. */
  readonly httpAddress: string;
  readonly httpsAddress: string;
  /** Empty: the host's name. */
  readonly broadcastAddress: string;
  readonly broadcastTcpPort: number;
  readonly broadcastHttpPort: number;
  readonly lookupdTcpAddresses: readonly string[];
  readonly httpClientConnectTimeout: Micros;
  readonly httpClientRequestTimeout: Micros;

  /** Directory of nsqd.dat; empty: the working directory. */
  readonly dataPath: string;
  /** Messages in memory, per topic and per channel. */
  readonly memQueueSize: number;
  readonly maxBytesPerFile: number;
  readonly syncEvery: number;
  readonly syncTimeout: Micros;
  readonly queueScanWorkerPoolMax: number;
  readonly queueScanSelectionCount: number;

  readonly msgTimeout: Micros;
  readonly maxMsgTimeout: Micros;
  readonly maxMsgSize: number;
  readonly maxReqTimeout: Micros;
  readonly maxBodySize: number;
  readonly maxHeartbeatInterval: Micros;
  readonly maxRdyCount: number;
  readonly maxOutputBufferSize: number;
  readonly maxOutputBufferTimeout: Micros;
  readonly minOutputBufferTimeout: Micros;
  readonly outputBufferTimeout: Micros;
  /** 0: no limit. */
  readonly maxChannelConsumers: number;

  readonly statsdAddress: string;
  readonly statsdInterval: Micros;
  readonly statsdMemStats: boolean;
  readonly statsdPrefix: string;
  readonly statsdUdpPacketSize: number;
  readonly statsdExcludeEphemeral: boolean;
  readonly e2eProcessingLatencyPercentiles: readonly number[];
  readonly e2eProcessingLatencyWindowTime: Micros;

  readonly authHttpAddresses: readonly string[];
  readonly authHttpRequestMethod: string;
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly tlsClientAuthPolicy: string;
  readonly tlsRootCaFile: string;
  readonly tlsRequired: string;
  readonly tlsMinVersion: string;
  readonly deflate: boolean;
  readonly maxDeflateLevel: number;
  readonly snappy: boolean;

  readonly topologyRegion: string;
  readonly topologyZone: string;
  readonly experiments: readonly string[];
}

export type Profile = "exact" | "nsqd-1.3";

export const DEFAULT_OPTIONS: NsqdOptions = {
  version: "1.3.0",
  profile: "exact",
  logLevel: "info",
  logPrefix: "[nsqd] ",
  logFormat: "text",
  nodeId: 0,
  tcpAddress: "0.0.0.0:4150",
  httpAddress: "0.0.0.0:4151",
  httpsAddress: "0.0.0.0:4152",
  broadcastAddress: "",
  broadcastTcpPort: 0,
  broadcastHttpPort: 0,
  lookupdTcpAddresses: [],
  httpClientConnectTimeout: 2 * SECOND,
  httpClientRequestTimeout: 5 * SECOND,
  dataPath: "",
  memQueueSize: 10_000,
  maxBytesPerFile: 104_857_600,
  syncEvery: 2500,
  syncTimeout: 2 * SECOND,
  queueScanWorkerPoolMax: 4,
  queueScanSelectionCount: 20,
  msgTimeout: 60 * SECOND,
  maxMsgTimeout: 900 * SECOND,
  maxMsgSize: 1_048_576,
  maxReqTimeout: 3600 * SECOND,
  maxBodySize: 5_242_880,
  maxHeartbeatInterval: 60 * SECOND,
  maxRdyCount: 2500,
  maxOutputBufferSize: 65_536,
  maxOutputBufferTimeout: 30 * SECOND,
  minOutputBufferTimeout: 25 * MILLISECOND,
  outputBufferTimeout: 250 * MILLISECOND,
  maxChannelConsumers: 0,
  statsdAddress: "",
  statsdInterval: 60 * SECOND,
  statsdMemStats: true,
  statsdPrefix: "nsq.%s",
  statsdUdpPacketSize: 508,
  statsdExcludeEphemeral: false,
  e2eProcessingLatencyPercentiles: [],
  e2eProcessingLatencyWindowTime: 600 * SECOND,
  authHttpAddresses: [],
  authHttpRequestMethod: "get",
  tlsCert: "",
  tlsKey: "",
  tlsClientAuthPolicy: "",
  tlsRootCaFile: "",
  tlsRequired: "false",
  tlsMinVersion: "tls1.0",
  deflate: true,
  maxDeflateLevel: 6,
  snappy: true,
  topologyRegion: "",
  topologyZone: "",
  experiments: [],
};

/**
 * Options from flags as nsqd spells them: `{ "mem-queue-size": 100, "msg-timeout": "1m30s" }`. Used for scenario
 * files and, through `parseArguments`, for the command line. Strings are read as Go reads them.
 *
 * @param defaults for the flags that are not given
 * @throws OptionError for an unknown flag (naming the nearest valid one), or a malformed or impossible value
 */
export function parseNsqdOptions(
  flags: Readonly<Record<string, FlagValue>>,
  defaults: NsqdOptions = DEFAULT_OPTIONS,
): NsqdOptions {
  const parsed = parseFlags(FLAGS, flags, defaults);
  refuseImpossible(parsed);
  // Who asks clients for certificates does not serve those who cannot show one.
  const isImplied = parsed.tlsClientAuthPolicy !== "" && parsed.tlsRequired === "false";
  return isImplied ? { ...parsed, tlsRequired: "true" } : parsed;
}

/** What nsqd itself checks when it is made (nsqd-semantics §11, startup errors), in its words. */
function refuseImpossible(options: NsqdOptions): void {
  if (options.nodeId < 0 || options.nodeId >= 1024) {
    throw refusal("node-id", options.nodeId, "0 to 1023", "--node-id must be [0,1024)");
  }
  if (options.maxDeflateLevel < 1 || options.maxDeflateLevel > 9) {
    throw refusal("max-deflate-level", options.maxDeflateLevel, "1 to 9", "--max-deflate-level must be [1,9]");
  }
  if (
    (options.tlsRequired !== "false" || options.tlsClientAuthPolicy !== "") &&
    options.tlsCert + options.tlsKey === ""
  ) {
    const message = "cannot require TLS client connections without TLS key and cert";
    throw refusal("tls-required", options.tlsRequired, "--tls-cert and --tls-key as well", message);
  }
  const method = options.authHttpRequestMethod;
  if (method !== "get" && method !== "post") {
    const message = "--auth-http-request-method must be post or get";
    throw refusal("auth-http-request-method", method, "get or post", message);
  }
  for (const percentile of options.e2eProcessingLatencyPercentiles) {
    if (percentile > 0 && percentile <= 1) continue;
    const message = `invalid E2E processing latency percentile: ${percentile}`;
    throw refusal("e2e-processing-latency-percentile", percentile, "more than 0, at most 1", message);
  }
}

function refusal(flag: string, value: unknown, expected: string, message: string): OptionError {
  return new OptionError(flag, value, expected, message, true);
}
