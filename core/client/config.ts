import { unreachable } from "../assert.ts";
import { nearestName } from "../nearest.ts";
import { formatGoDuration, parseGoDuration } from "../nsqd/duration.ts";
import type { TlsVersion } from "../host.ts";
import { MILLISECOND, SECOND, msToMicros, type Micros } from "../time.ts";

const MINUTE: Micros = 60 * SECOND;

/** Settings of a producer or a consumer: go-nsq's, in camel case (client semantics §4). Durations in µs. */
export interface ClientConfig {
  readonly dialTimeout: Micros;
  /** Silence after which the connection is given up; heartbeats are not silence. */
  readonly readTimeout: Micros;
  /** How long the socket may refuse bytes before the connection is given up. */
  readonly writeTimeout: Micros;
  /** Also the interval between attempts to reconnect to an nsqd that was given by its address. */
  readonly lookupdPollInterval: Micros;
  readonly lookupdPollJitter: number;
  readonly lookupdPollTimeout: Micros;
  /** True, against its name: the secret is sent to nsqlookupds as well, as go-nsq does. */
  readonly skipLookupdAuthorization: boolean;
  readonly maxRequeueDelay: Micros;
  /** Multiplied by the attempts of the message. */
  readonly defaultRequeueDelay: Micros;
  readonly backoffStrategy: BackoffStrategy;
  /** 0: no backoff. */
  readonly maxBackoffDuration: Micros;
  readonly backoffMultiplier: Micros;
  /** Deliveries after which a message is given up (finished without a handler). 0: never. */
  readonly maxAttempts: number;
  readonly lowRdyIdleTimeout: Micros;
  readonly lowRdyTimeout: Micros;
  readonly rdyRedistributeInterval: Micros;
  /** "": the name of the host up to its first dot. */
  readonly clientId: string;
  /** "": the name of the host. */
  readonly hostname: string;
  readonly userAgent: string;
  readonly topologyRegion: string;
  readonly topologyZone: string;
  /** Negative: off (producers only). */
  readonly heartbeatInterval: Micros;
  /** Per cent of the messages to receive; 0: all. */
  readonly sampleRate: number;
  /** Bytes; 0: the server's default, -1: unbuffered. */
  readonly outputBufferSize: number;
  /** 0: the server's default, negative: no timer. */
  readonly outputBufferTimeout: Micros;
  readonly maxInFlight: number;
  /** 0: the server's default. */
  readonly msgTimeout: Micros;
  /** Largest frame that is accepted, in bytes; 0: no limit. */
  readonly maxMsgSize: number;
  readonly authSecret: string;
  /** TLS; where a server does not offer it, no connection. */
  readonly tlsV1: boolean;
  /** PEM file of the authorities that servers' certificates must come from; "": those that the system knows. */
  readonly tlsRootCaFile: string;
  /** Take any certificate, of anybody. */
  readonly tlsInsecureSkipVerify: boolean;
  /** PEM files of this client's own certificate and key; "": none. */
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly tlsMinVersion: TlsVersion;
  /** Compression, where a server and the host offer it. */
  readonly deflate: boolean;
  readonly deflateLevel: number;
  readonly snappy: boolean;
}

export type BackoffStrategy = "exponential" | "full_jitter";

export const DEFAULT_CLIENT_CONFIG: ClientConfig = {
  dialTimeout: SECOND,
  readTimeout: MINUTE,
  writeTimeout: SECOND,
  lookupdPollInterval: MINUTE,
  lookupdPollJitter: 0.3,
  lookupdPollTimeout: MINUTE,
  skipLookupdAuthorization: true,
  maxRequeueDelay: 15 * MINUTE,
  defaultRequeueDelay: 90 * SECOND,
  backoffStrategy: "exponential",
  maxBackoffDuration: 2 * MINUTE,
  backoffMultiplier: SECOND,
  maxAttempts: 5,
  lowRdyIdleTimeout: 10 * SECOND,
  lowRdyTimeout: 30 * SECOND,
  rdyRedistributeInterval: 5 * SECOND,
  clientId: "",
  hostname: "",
  userAgent: "nsqlab/0.1.0",
  topologyRegion: "",
  topologyZone: "",
  heartbeatInterval: 30 * SECOND,
  sampleRate: 0,
  outputBufferSize: 16_384,
  outputBufferTimeout: 250 * MILLISECOND,
  maxInFlight: 1,
  msgTimeout: 0,
  maxMsgSize: 0,
  authSecret: "",
  tlsV1: false,
  tlsRootCaFile: "",
  tlsInsecureSkipVerify: false,
  tlsCert: "",
  tlsKey: "",
  tlsMinVersion: "tls1.2",
  deflate: false,
  deflateLevel: 6,
  snappy: false,
};

/** A client setting that does not exist, or whose value is not acceptable. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** The setting, as it was given. */
  readonly setting: string;
  readonly value: unknown;
  /** What would have been accepted. */
  readonly expected: string;

  constructor(setting: string, value: unknown, expected: string) {
    super(`client setting ${setting}: ${JSON.stringify(value)} is not acceptable, expected ${expected}`);
    this.setting = setting;
    this.value = value;
    this.expected = expected;
  }
}

type Rule =
  | { readonly kind: "duration"; readonly min?: Micros; readonly max?: Micros; readonly orOff?: true }
  | { readonly kind: "integer"; readonly min: number; readonly max: number }
  | { readonly kind: "ratio" }
  | { readonly kind: "text" }
  | { readonly kind: "flag" }
  | { readonly kind: "word"; readonly words: readonly string[] };

const LONGEST: Micros = Number.MAX_SAFE_INTEGER;
const INT32_MAX = 0x7fff_ffff;

/** What each setting accepts (client semantics §4). */
const RULES: Readonly<Record<keyof ClientConfig, Rule>> = {
  dialTimeout: { kind: "duration", min: 1 },
  readTimeout: { kind: "duration", min: 100 * MILLISECOND, max: 5 * MINUTE },
  writeTimeout: { kind: "duration", min: 100 * MILLISECOND, max: 5 * MINUTE },
  lookupdPollInterval: { kind: "duration", min: 10 * MILLISECOND, max: 5 * MINUTE },
  lookupdPollJitter: { kind: "ratio" },
  lookupdPollTimeout: { kind: "duration", min: 1 },
  skipLookupdAuthorization: { kind: "flag" },
  maxRequeueDelay: { kind: "duration", max: 60 * MINUTE },
  defaultRequeueDelay: { kind: "duration", max: 60 * MINUTE },
  backoffStrategy: { kind: "word", words: ["exponential", "full_jitter"] },
  maxBackoffDuration: { kind: "duration", max: 60 * MINUTE },
  backoffMultiplier: { kind: "duration", max: 60 * MINUTE },
  maxAttempts: { kind: "integer", min: 0, max: 65_535 },
  lowRdyIdleTimeout: { kind: "duration", min: SECOND, max: 5 * MINUTE },
  lowRdyTimeout: { kind: "duration", min: SECOND, max: 5 * MINUTE },
  rdyRedistributeInterval: { kind: "duration", min: MILLISECOND, max: 5 * SECOND },
  clientId: { kind: "text" },
  hostname: { kind: "text" },
  userAgent: { kind: "text" },
  topologyRegion: { kind: "text" },
  topologyZone: { kind: "text" },
  heartbeatInterval: { kind: "duration", min: MILLISECOND, orOff: true },
  sampleRate: { kind: "integer", min: 0, max: 99 },
  outputBufferSize: { kind: "integer", min: -1, max: INT32_MAX },
  outputBufferTimeout: { kind: "duration", orOff: true },
  maxInFlight: { kind: "integer", min: 0, max: INT32_MAX },
  msgTimeout: { kind: "duration" },
  maxMsgSize: { kind: "integer", min: 0, max: INT32_MAX },
  authSecret: { kind: "text" },
  tlsV1: { kind: "flag" },
  tlsRootCaFile: { kind: "text" },
  tlsInsecureSkipVerify: { kind: "flag" },
  tlsCert: { kind: "text" },
  tlsKey: { kind: "text" },
  tlsMinVersion: { kind: "word", words: ["ssl3.0", "tls1.0", "tls1.1", "tls1.2", "tls1.3"] },
  deflate: { kind: "flag" },
  deflateLevel: { kind: "integer", min: 1, max: 9 },
  snappy: { kind: "flag" },
};

/** go-nsq's spelling to ours. */
const KEY_OF_NAME: ReadonlyMap<string, keyof ClientConfig> = new Map(
  (Object.keys(RULES) as (keyof ClientConfig)[]).map((key) => [
    key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    key,
  ]),
);

/** Settings of go-nsq that are no text, or need another socket: only "off" is accepted. */
const ONLY_OFF: ReadonlySet<string> = new Set(["tls_config", "local_addr"]);

/**
 * Client settings from go-nsq names, `_` and `-` interchangeable, on top of {@link DEFAULT_CLIENT_CONFIG}.
 * Durations: `"1m30s"`, or a number of milliseconds; -1 turns `heartbeat_interval` and `output_buffer_timeout` off.
 *
 * @throws {ConfigError} for an unknown name (naming the nearest one), a value of the wrong type or out of its limits.
 */
export function parseClientConfig(settings: Readonly<Record<string, string | number | boolean>>): ClientConfig {
  const config: Record<string, string | number | boolean> = {};
  for (const [setting, value] of Object.entries(settings)) {
    const name = setting.replaceAll("-", "_");
    if (ONLY_OFF.has(name)) {
      if (value === false || value === "") continue;
      throw new ConfigError(
        setting,
        value,
        "it to be off: certificates are given as files, and local addresses are not available",
      );
    }
    const key = KEY_OF_NAME.get(name);
    if (key === undefined) throw unknownSetting(setting, value);
    config[key] = parseValue(setting, value, RULES[key]);
  }
  return checkTogether({ ...DEFAULT_CLIENT_CONFIG, ...config });
}

function unknownSetting(setting: string, value: unknown): ConfigError {
  const nearest = nearestName(setting, KEY_OF_NAME.keys());
  return new ConfigError(setting, value, nearest === null ? "a setting of go-nsq" : `the setting ${nearest}`);
}

function parseValue(setting: string, value: string | number | boolean, rule: Rule): string | number | boolean {
  switch (rule.kind) {
    case "duration":
      return parseDuration(setting, value, rule.min ?? 0, rule.max ?? LONGEST, rule.orOff === true);
    case "integer": {
      const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
      const fits = typeof number === "number" && Number.isInteger(number) && number >= rule.min && number <= rule.max;
      if (!fits) throw new ConfigError(setting, value, `an integer from ${rule.min} to ${rule.max}`);
      return number;
    }
    case "ratio": {
      const number = typeof value === "string" && /^\d*\.?\d+$/.test(value) ? Number(value) : value;
      const fits = typeof number === "number" && number >= 0 && number <= 1;
      if (!fits) throw new ConfigError(setting, value, "a number from 0 to 1");
      return number;
    }
    case "text":
      if (typeof value !== "string") throw new ConfigError(setting, value, "a string");
      return value;
    case "flag":
      if (value === true || value === "true") return true;
      if (value === false || value === "false") return false;
      throw new ConfigError(setting, value, "true or false");
    case "word":
      if (typeof value !== "string" || !rule.words.includes(value)) {
        throw new ConfigError(setting, value, rule.words.map((word) => JSON.stringify(word)).join(" or "));
      }
      return value;
    default:
      return unreachable(rule);
  }
}

function parseDuration(setting: string, value: unknown, min: Micros, max: Micros, orOff: boolean): Micros {
  const off = orOff ? ", or -1 for off" : "";
  const range =
    max === LONGEST ? `at least ${formatGoDuration(min)}` : `from ${formatGoDuration(min)} to ${formatGoDuration(max)}`;
  const wrong = (): ConfigError =>
    new ConfigError(setting, value, `a duration such as "1s", or a number of milliseconds, ${range}${off}`);
  if (orOff && (value === -1 || value === "-1" || value === "-1ms")) return -1;
  const duration =
    typeof value === "number" && Number.isFinite(value)
      ? msToMicros(value)
      : typeof value === "string"
        ? parseGoDuration(value)
        : null;
  if (duration === null || duration < min || duration > max) throw wrong();
  return duration;
}

/** Limits that tie two settings together. */
function checkTogether(config: ClientConfig): ClientConfig {
  if (config.heartbeatInterval > config.readTimeout) {
    throw new ConfigError(
      "heartbeat_interval",
      formatGoDuration(config.heartbeatInterval),
      `at most read_timeout, ${formatGoDuration(config.readTimeout)}`,
    );
  }
  if (config.backoffStrategy === "full_jitter" && config.backoffMultiplier === 0) {
    throw new ConfigError("backoff_multiplier", 0, "more than 0 with backoff_strategy full_jitter");
  }
  if (config.deflate && config.snappy) throw new ConfigError("snappy", true, "one compression, and deflate is on");
  if ((config.tlsCert === "") !== (config.tlsKey === "")) {
    const missing = config.tlsCert === "" ? "tls_cert" : "tls_key";
    throw new ConfigError(missing, "", "a file: a certificate and its key go together");
  }
  return config;
}
