import type { NsqdOptions } from "./options.ts";

export type FlagType = "string" | "int" | "bool" | "duration" | "list<string>" | "list<float>";

/** One flag of nsqd, as data: the parser, the help text and /config read this table. */
export interface Flag {
  readonly name: string;
  /** Where its value lives. */
  readonly key: keyof NsqdOptions;
  readonly type: FlagType;
  readonly group: FlagGroup;
  readonly help: string;
  /** The only values allowed. */
  readonly oneOf?: readonly string[];
  /** Smallest integer or duration (µs) allowed; 0 when absent. */
  readonly least?: number;
  readonly most?: number;
  /** The range is checked when nsqd starts, with nsqd's own message. */
  readonly checkedAtStart?: true;
  /** Why this build refuses any value but the default. */
  readonly unavailable?: string;
  /** Name in a configuration file and under /config, where it is not the flag's with `_` for `-`. */
  readonly configName?: string;
}

export type FlagGroup =
  | "Addresses"
  | "Timing"
  | "Messages and commands"
  | "Clients"
  | "Memory and disk"
  | "Discovery"
  | "Security"
  | "Compression"
  | "Measuring"
  | "Experiments"
  | "Logging";

const NO_DISK = "messages are kept in memory only, there is no disk queue yet";
const NO_LOOKUPD = "it does not register with nsqlookupd yet";
const NO_TLS = "it does not speak TLS yet";
const NO_AUTH = "it does not ask an auth server yet";
const NO_STATSD = "it does not push to statsd yet";
const NO_PERCENTILES = "it does not track latency percentiles yet";
const NO_TOPOLOGY = "it does not prefer near consumers yet";

/** Every flag of nsqd (nsqd-semantics §15), and `profile`, which is ours. */
export const FLAGS: readonly Flag[] = [
  {
    name: "tcp-address",
    key: "tcpAddress",
    type: "string",
    group: "Addresses",
    help: "host:port of the V2 protocol, or the path of a unix socket",
  },
  {
    name: "http-address",
    key: "httpAddress",
    type: "string",
    group: "Addresses",
    help: "host:port of HTTP, or the path of a unix socket; empty: no HTTP",
  },
  {
    name: "https-address",
    key: "httpsAddress",
    type: "string",
    group: "Addresses",
    help: "host:port of HTTPS, used only with a certificate",
  },
  {
    name: "node-id",
    key: "nodeId",
    type: "int",
    group: "Addresses",
    help: "number in every message id, 0..1023 (default: from the host name)",
    checkedAtStart: true,
    configName: "id",
  },

  {
    name: "profile",
    key: "profile",
    type: "string",
    group: "Timing",
    help: "when timeouts and delays fall due: exact, or nsqd-1.3 (its scan lottery)",
    oneOf: ["exact", "nsqd-1.3"],
  },
  {
    name: "msg-timeout",
    key: "msgTimeout",
    type: "duration",
    group: "Timing",
    help: "time to answer a message, for clients that ask for no other",
    least: 1,
  },
  {
    name: "max-msg-timeout",
    key: "maxMsgTimeout",
    type: "duration",
    group: "Timing",
    help: "longest time a client may ask for, and the limit for TOUCH",
    least: 1,
  },
  {
    name: "max-req-timeout",
    key: "maxReqTimeout",
    type: "duration",
    group: "Timing",
    help: "longest delay of REQ (cut) and of deferred publishing (refused)",
  },
  {
    name: "queue-scan-selection-count",
    key: "queueScanSelectionCount",
    type: "int",
    group: "Timing",
    help: "channels looked at per 100 ms scan; profile nsqd-1.3",
    least: 1,
  },
  {
    name: "queue-scan-worker-pool-max",
    key: "queueScanWorkerPoolMax",
    type: "int",
    group: "Timing",
    help: "most scan workers at a time; profile nsqd-1.3",
    least: 1,
  },

  {
    name: "max-msg-size",
    key: "maxMsgSize",
    type: "int",
    group: "Messages and commands",
    help: "largest message body in bytes",
  },
  {
    name: "max-body-size",
    key: "maxBodySize",
    type: "int",
    group: "Messages and commands",
    help: "largest command body and /mpub request in bytes",
  },

  { name: "max-rdy-count", key: "maxRdyCount", type: "int", group: "Clients", help: "largest RDY" },
  {
    name: "max-heartbeat-interval",
    key: "maxHeartbeatInterval",
    type: "duration",
    group: "Clients",
    help: "longest heartbeat interval a client may ask for",
  },
  {
    name: "max-output-buffer-size",
    key: "maxOutputBufferSize",
    type: "int",
    group: "Clients",
    help: "largest output buffer in bytes a client may ask for",
  },
  {
    name: "max-output-buffer-timeout",
    key: "maxOutputBufferTimeout",
    type: "duration",
    group: "Clients",
    help: "longest flush period a client may ask for",
  },
  {
    name: "min-output-buffer-timeout",
    key: "minOutputBufferTimeout",
    type: "duration",
    group: "Clients",
    help: "shortest flush period a client may ask for",
  },
  {
    name: "output-buffer-timeout",
    key: "outputBufferTimeout",
    type: "duration",
    group: "Clients",
    help: "flush period for clients that ask for no other",
    least: 1,
  },
  {
    name: "max-channel-consumers",
    key: "maxChannelConsumers",
    type: "int",
    group: "Clients",
    help: "most clients of one channel; 0: no limit",
  },

  {
    name: "mem-queue-size",
    key: "memQueueSize",
    type: "int",
    group: "Memory and disk",
    help: "messages held in memory, per topic and per channel",
  },
  {
    name: "data-path",
    key: "dataPath",
    type: "string",
    group: "Memory and disk",
    help: "directory of nsqd.dat; empty: the working directory",
  },
  {
    name: "max-bytes-per-file",
    key: "maxBytesPerFile",
    type: "int",
    group: "Memory and disk",
    help: "size of one disk queue file in bytes",
    unavailable: NO_DISK,
  },
  {
    name: "sync-every",
    key: "syncEvery",
    type: "int",
    group: "Memory and disk",
    help: "disk queue operations between two fsyncs",
    unavailable: NO_DISK,
  },
  {
    name: "sync-timeout",
    key: "syncTimeout",
    type: "duration",
    group: "Memory and disk",
    help: "longest time between two fsyncs of a disk queue",
    unavailable: NO_DISK,
  },

  {
    name: "broadcast-address",
    key: "broadcastAddress",
    type: "string",
    group: "Discovery",
    help: "address that clients are told (default: the host name)",
  },
  {
    name: "broadcast-tcp-port",
    key: "broadcastTcpPort",
    type: "int",
    group: "Discovery",
    help: "TCP port that clients are told; 0: the real one",
    most: 65_535,
    unavailable: NO_LOOKUPD,
  },
  {
    name: "broadcast-http-port",
    key: "broadcastHttpPort",
    type: "int",
    group: "Discovery",
    help: "HTTP port that clients are told; 0: the real one",
    most: 65_535,
    unavailable: NO_LOOKUPD,
  },
  {
    name: "lookupd-tcp-address",
    key: "lookupdTcpAddresses",
    type: "list<string>",
    group: "Discovery",
    help: "nsqlookupd to register with; repeatable",
    unavailable: NO_LOOKUPD,
    configName: "nsqlookupd_tcp_addresses",
  },
  {
    name: "http-client-connect-timeout",
    key: "httpClientConnectTimeout",
    type: "duration",
    group: "Discovery",
    help: "connect timeout of outgoing HTTP requests",
    unavailable: NO_LOOKUPD,
  },
  {
    name: "http-client-request-timeout",
    key: "httpClientRequestTimeout",
    type: "duration",
    group: "Discovery",
    help: "timeout of outgoing HTTP requests",
    unavailable: NO_LOOKUPD,
  },

  {
    name: "auth-http-address",
    key: "authHttpAddresses",
    type: "list<string>",
    group: "Security",
    help: "auth server; repeatable",
    unavailable: NO_AUTH,
    configName: "auth_http_addresses",
  },
  {
    name: "auth-http-request-method",
    key: "authHttpRequestMethod",
    type: "string",
    group: "Security",
    help: "get or post",
    unavailable: NO_AUTH,
  },
  {
    name: "tls-cert",
    key: "tlsCert",
    type: "string",
    group: "Security",
    help: "PEM certificate file",
    unavailable: NO_TLS,
  },
  {
    name: "tls-key",
    key: "tlsKey",
    type: "string",
    group: "Security",
    help: "PEM private key file",
    unavailable: NO_TLS,
  },
  {
    name: "tls-client-auth-policy",
    key: "tlsClientAuthPolicy",
    type: "string",
    group: "Security",
    help: "require, require-verify, or empty",
    oneOf: ["", "require", "require-verify"],
    unavailable: NO_TLS,
  },
  {
    name: "tls-root-ca-file",
    key: "tlsRootCaFile",
    type: "string",
    group: "Security",
    help: "PEM file of authorities",
    unavailable: NO_TLS,
  },
  {
    name: "tls-required",
    key: "tlsRequired",
    type: "string",
    group: "Security",
    help: "true, false or tcp-https",
    oneOf: ["true", "false", "tcp-https"],
    unavailable: NO_TLS,
  },
  {
    name: "tls-min-version",
    key: "tlsMinVersion",
    type: "string",
    group: "Security",
    help: "lowest TLS version",
    oneOf: ["ssl3.0", "tls1.0", "tls1.1", "tls1.2", "tls1.3"],
    unavailable: NO_TLS,
  },

  {
    name: "deflate",
    key: "deflate",
    type: "bool",
    group: "Compression",
    help: "allow deflate (answered as unavailable for now)",
  },
  {
    name: "max-deflate-level",
    key: "maxDeflateLevel",
    type: "int",
    group: "Compression",
    help: "highest deflate level a client gets, 1..9",
    checkedAtStart: true,
  },
  {
    name: "snappy",
    key: "snappy",
    type: "bool",
    group: "Compression",
    help: "allow snappy (answered as unavailable for now)",
  },

  {
    name: "e2e-processing-latency-percentile",
    key: "e2eProcessingLatencyPercentiles",
    type: "list<float>",
    group: "Measuring",
    help: "publish-to-FIN quantiles to track, each more than 0, at most 1",
    unavailable: NO_PERCENTILES,
    configName: "e2e_processing_latency_percentiles",
  },
  {
    name: "e2e-processing-latency-window-time",
    key: "e2eProcessingLatencyWindowTime",
    type: "duration",
    group: "Measuring",
    help: "window of these quantiles",
    unavailable: NO_PERCENTILES,
  },
  {
    name: "statsd-address",
    key: "statsdAddress",
    type: "string",
    group: "Measuring",
    help: "UDP host:port of a statsd daemon",
    unavailable: NO_STATSD,
  },
  {
    name: "statsd-interval",
    key: "statsdInterval",
    type: "duration",
    group: "Measuring",
    help: "time between two pushes",
    unavailable: NO_STATSD,
  },
  {
    name: "statsd-mem-stats",
    key: "statsdMemStats",
    type: "bool",
    group: "Measuring",
    help: "push memory figures too",
    unavailable: NO_STATSD,
  },
  {
    name: "statsd-prefix",
    key: "statsdPrefix",
    type: "string",
    group: "Measuring",
    help: "prefix of the keys; %s: the host",
    unavailable: NO_STATSD,
  },
  {
    name: "statsd-udp-packet-size",
    key: "statsdUdpPacketSize",
    type: "int",
    group: "Measuring",
    help: "largest packet in bytes",
    unavailable: NO_STATSD,
  },
  {
    name: "statsd-exclude-ephemeral",
    key: "statsdExcludeEphemeral",
    type: "bool",
    group: "Measuring",
    help: "leave ephemeral topics and channels out",
    unavailable: NO_STATSD,
  },

  {
    name: "topology-region",
    key: "topologyRegion",
    type: "string",
    group: "Experiments",
    help: "region of this nsqd, shown in /info",
  },
  {
    name: "topology-zone",
    key: "topologyZone",
    type: "string",
    group: "Experiments",
    help: "zone of this nsqd, shown in /info",
  },
  {
    name: "enable-experiment",
    key: "experiments",
    type: "list<string>",
    group: "Experiments",
    help: "topology-aware-consumption; repeatable",
    oneOf: ["topology-aware-consumption"],
    unavailable: NO_TOPOLOGY,
    configName: "enable_experiment",
  },

  {
    name: "log-level",
    key: "logLevel",
    type: "string",
    group: "Logging",
    help: "debug, info, warn, error or fatal",
    oneOf: ["debug", "info", "warn", "error", "fatal"],
  },
  { name: "log-prefix", key: "logPrefix", type: "string", group: "Logging", help: "text before every log line" },
];
