import type { LogLevel } from "../host.ts";
import { nearestName } from "../nearest.ts";
import { MILLISECOND, SECOND, type Micros } from "../time.ts";
import { FLAGS, type Flag, type FlagType } from "./flags.ts";
import { formatGoDuration, parseGoDuration } from "./duration.ts";

/**
 * How an nsqd behaves: one field per flag, spelled in camel case. Sizes in bytes, times in microseconds.
 * Source: nsqd-semantics §15.
 */
export interface NsqdOptions {
  /** What we say we are in IDENTIFY, /info and /stats. Not a flag. */
  readonly version: string;
  /** When things happen that NSQ leaves open: `exact` timers, or the scan lottery of nsqd 1.3. Our own flag. */
  readonly profile: Profile;
  readonly logLevel: LogLevel;
  readonly logPrefix: string;
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

/** A flag that cannot be obeyed. The message is a whole sentence for a person. */
export class OptionError extends Error {
  override readonly name = "OptionError";
  /** As the user spelled it, without dashes. */
  readonly flag: string;
  readonly value: unknown;
  /** What would have been right. */
  readonly expected: string;
  /** The flag is well-formed, but nsqd will not start with it (exit 1 rather than 2). */
  readonly refusedAtStart: boolean;

  constructor(flag: string, value: unknown, expected: string, message: string, refusedAtStart = false) {
    super(message);
    this.flag = flag;
    this.value = value;
    this.expected = expected;
    this.refusedAtStart = refusedAtStart;
  }
}

/** A flag's value: lists may also be given as arrays. */
export type FlagValue = string | number | boolean | readonly (string | number)[];

/**
 * Options from flags as nsqd spells them: `{ "mem-queue-size": 100, "msg-timeout": "1m30s" }`. Used for scenario
 * files and, through `parseArguments`, for the command line. Strings are read as Go reads them.
 *
 * @param defaults for the flags that are not given
 * @throws OptionError for an unknown flag (naming the nearest valid one), a malformed or impossible value, or a flag
 *   whose feature this build does not have
 */
export function parseNsqdOptions(
  flags: Readonly<Record<string, FlagValue>>,
  defaults: NsqdOptions = DEFAULT_OPTIONS,
): NsqdOptions {
  const options: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(flags)) {
    const flag = findFlag(name);
    options[flag.key] = parseValue(flag, value);
  }
  const parsed = options as unknown as NsqdOptions;
  refuseImpossible(parsed);
  for (const name of Object.keys(flags)) refuseUnavailable(findFlag(name), parsed);
  return parsed;
}

function findFlag(name: string): Flag {
  const flag = FLAGS.find((candidate) => candidate.name === name);
  if (flag === undefined) throw unknownFlag(name);
  return flag;
}

/** The error for a flag that nsqd does not have; it names the nearest one. */
export function unknownFlag(name: string): OptionError {
  const names = FLAGS.map((flag) => flag.name);
  const nearest = nearestName(name, names);
  const expected = nearest === null ? "a flag of nsqd" : `did you mean --${nearest}?`;
  return new OptionError(name, null, expected, `flag provided but not defined: --${name} (${expected})`);
}

function parseValue(flag: Flag, value: FlagValue): unknown {
  if (flag.type.startsWith("list")) {
    const items = Array.isArray(value) ? (value as readonly (string | number)[]) : [value as string | number | boolean];
    return items.flatMap((item) => parseItems(flag, item));
  }
  if (Array.isArray(value)) throw badValue(flag, value, SYNTAX[flag.type]);
  return parseScalar(flag, flag.type, value as string | number | boolean);
}

function parseItems(flag: Flag, item: string | number | boolean): unknown[] {
  if (flag.type !== "list<float>") return [parseScalar(flag, "string", item)];
  return String(item)
    .split(",")
    .map((part) => {
      const number = Number(part.trim());
      if (part.trim() === "" || !Number.isFinite(number)) throw badValue(flag, item, SYNTAX["list<float>"]);
      return number;
    });
}

function parseScalar(flag: Flag, type: FlagType, value: string | number | boolean): unknown {
  const parsed = SCALARS[type](value);
  if (parsed === null) throw badValue(flag, value, SYNTAX[type]);
  if (flag.oneOf !== undefined && !flag.oneOf.includes(String(parsed))) {
    throw badValue(flag, value, `one of ${flag.oneOf.map((text) => JSON.stringify(text)).join(", ")}`);
  }
  if (typeof parsed === "number" && flag.checkedAtStart !== true) requireRange(flag, value, parsed);
  return parsed;
}

function requireRange(flag: Flag, value: unknown, number: number): void {
  const { least = 0, most = Infinity } = flag;
  if (number >= least && number <= most) return;
  const show = (limit: number): string => (flag.type === "duration" ? formatGoDuration(limit) : String(limit));
  throw badValue(flag, value, most === Infinity ? `at least ${show(least)}` : `${show(least)} to ${show(most)}`);
}

type Scalar = string | number | boolean;

const SCALARS: Readonly<Record<FlagType, (value: Scalar) => Scalar | null>> = {
  string: (value) => (typeof value === "string" ? value : typeof value === "boolean" ? String(value) : null),
  int: (value) => (typeof value === "number" ? integer(value) : typeof value === "string" ? parseGoInt(value) : null),
  bool: (value) => (typeof value === "boolean" ? value : typeof value === "string" ? parseGoBool(value) : null),
  duration: (value) => (typeof value === "string" ? parseGoDuration(value) : null),
  "list<string>": () => null,
  "list<float>": () => null,
};

const SYNTAX: Readonly<Record<FlagType, string>> = {
  string: "text",
  int: "an integer",
  bool: "true or false",
  duration: "a duration with a unit, such as 250ms or 1m30s",
  "list<string>": "text, repeatable",
  "list<float>": "numbers separated by commas",
};

function badValue(flag: Flag, value: unknown, expected: string): OptionError {
  const shown = typeof value === "string" ? JSON.stringify(value) : `"${String(value)}"`;
  return new OptionError(
    flag.name,
    value,
    expected,
    `invalid value ${shown} for flag --${flag.name}: expected ${expected}`,
  );
}

function integer(value: number): number | null {
  return Number.isSafeInteger(value) ? value : null;
}

/** Go's `strconv.ParseInt(text, 0, 64)`: decimal, or with the prefix 0x, 0o or 0b. */
function parseGoInt(text: string): number | null {
  const match = /^([+-]?)(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|\d+)$/.exec(text);
  if (match === null) return null;
  const digits = match[2] ?? "";
  const size = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return integer(match[1] === "-" && size !== 0 ? -size : size);
}

/** Go's `strconv.ParseBool`. */
function parseGoBool(text: string): boolean | null {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  return null;
}

/** What nsqd itself checks when it is made (nsqd-semantics §11, startup errors), in its words. */
function refuseImpossible(options: NsqdOptions): void {
  if (options.nodeId < 0 || options.nodeId >= 1024) {
    throw refusal("node-id", options.nodeId, "0 to 1023", "--node-id must be [0,1024)");
  }
  if (options.maxDeflateLevel < 1 || options.maxDeflateLevel > 9) {
    throw refusal("max-deflate-level", options.maxDeflateLevel, "1 to 9", "--max-deflate-level must be [1,9]");
  }
  if ((options.tlsRequired !== "false" || options.tlsClientAuthPolicy !== "") && options.tlsCert === "") {
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

/** A flag that would silently do nothing is worse than none. */
function refuseUnavailable(flag: Flag, options: NsqdOptions): void {
  if (flag.unavailable === undefined) return;
  const value = options[flag.key];
  if (JSON.stringify(value) === JSON.stringify(DEFAULT_OPTIONS[flag.key])) return;
  const message = `--${flag.name} is not available in this build: ${flag.unavailable}`;
  throw refusal(flag.name, value, "the default", message);
}
