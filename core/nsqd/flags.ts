import { type Flag as AnyFlag, rowMakers } from "../flags/flag.ts";
import { parseGoBool } from "../flags/parse.ts";
import { MILLISECOND } from "../time.ts";
import type { NsqdOptions } from "./options.ts";

/** One flag of nsqd. */
export type Flag = AnyFlag<keyof NsqdOptions>;

const { text, integer, bool, duration, texts, numbers, inGroup } = rowMakers<NsqdOptions>();

/** Every flag of nsqd (nsqd-semantics §15), and two of our own: `profile` and `log-format`. */
export const FLAGS: readonly Flag[] = [
  ...inGroup("Addresses", [
    text("tcp-address", "tcpAddress", "host:port of the V2 protocol, or the path of a unix socket"),
    text("http-address", "httpAddress", "host:port of HTTP, or the path of a unix socket; empty: no HTTP"),
    text("https-address", "httpsAddress", "host:port of HTTPS, used only with a certificate"),
    integer("node-id", "nodeId", "number in every message id, 0..1023 (default: from the host name)", {
      checkedAtStart: true,
      configName: "id",
    }),
  ]),
  ...inGroup("Timing", [
    text("profile", "profile", "exact, or nsqd-1.3: its scan lottery for timeouts, its disk queue's flaws", {
      oneOf: ["exact", "nsqd-1.3"],
    }),
    duration("msg-timeout", "msgTimeout", "time to answer a message, for clients that ask for no other", { least: 1 }),
    duration("max-msg-timeout", "maxMsgTimeout", "longest time a client may ask for, and the limit for TOUCH", {
      least: 1,
    }),
    duration("max-req-timeout", "maxReqTimeout", "longest delay of REQ (cut) and of deferred publishing (refused)"),
    integer(
      "queue-scan-selection-count",
      "queueScanSelectionCount",
      "channels looked at per 100 ms scan; profile nsqd-1.3",
      { least: 1 },
    ),
    integer("queue-scan-worker-pool-max", "queueScanWorkerPoolMax", "most scan workers at a time; profile nsqd-1.3", {
      least: 1,
    }),
  ]),
  ...inGroup("Messages and commands", [
    integer("max-msg-size", "maxMsgSize", "largest message body in bytes"),
    integer("max-body-size", "maxBodySize", "largest command body and /mpub request in bytes"),
  ]),
  ...inGroup("Clients", [
    integer("max-rdy-count", "maxRdyCount", "largest RDY"),
    duration("max-heartbeat-interval", "maxHeartbeatInterval", "longest heartbeat interval a client may ask for"),
    integer("max-output-buffer-size", "maxOutputBufferSize", "largest output buffer in bytes a client may ask for"),
    duration("max-output-buffer-timeout", "maxOutputBufferTimeout", "longest flush period a client may ask for"),
    duration("min-output-buffer-timeout", "minOutputBufferTimeout", "shortest flush period a client may ask for"),
    duration("output-buffer-timeout", "outputBufferTimeout", "flush period for clients that ask for no other", {
      least: 1,
    }),
    integer("max-channel-consumers", "maxChannelConsumers", "most clients of one channel; 0: no limit"),
  ]),
  ...inGroup("Memory and disk", [
    integer("mem-queue-size", "memQueueSize", "messages held in memory, per topic and per channel; more go to disk"),
    text("data-path", "dataPath", "directory of nsqd.dat and the disk queues; empty: the working directory"),
    integer("max-bytes-per-file", "maxBytesPerFile", "size of one disk queue file in bytes"),
    integer("sync-every", "syncEvery", "disk queue operations between two fsyncs"),
    duration("sync-timeout", "syncTimeout", "longest time between two fsyncs of a disk queue", { least: 1 }),
  ]),
  ...inGroup("Discovery", [
    text("broadcast-address", "broadcastAddress", "address that clients are told (default: the host name)"),
    integer("broadcast-tcp-port", "broadcastTcpPort", "TCP port that clients are told; 0: the real one", {
      most: 65535,
    }),
    integer("broadcast-http-port", "broadcastHttpPort", "HTTP port that clients are told; 0: the real one", {
      most: 65535,
    }),
    texts("lookupd-tcp-address", "lookupdTcpAddresses", "nsqlookupd to register with; repeatable", {
      configName: "nsqlookupd_tcp_addresses",
    }),
    duration("http-client-connect-timeout", "httpClientConnectTimeout", "connect timeout of outgoing HTTP requests"),
    duration("http-client-request-timeout", "httpClientRequestTimeout", "timeout of outgoing HTTP requests"),
  ]),
  ...inGroup("Security", [
    texts("auth-http-address", "authHttpAddresses", "auth server, host:port or URL; repeatable; makes AUTH mandatory", {
      configName: "auth_http_addresses",
    }),
    text("auth-http-request-method", "authHttpRequestMethod", "how auth servers are asked: get or post"),
    text("tls-cert", "tlsCert", "PEM file of the certificate; with it TLS is offered, and HTTPS served"),
    text("tls-key", "tlsKey", "PEM file of its private key"),
    text("tls-client-auth-policy", "tlsClientAuthPolicy", "require (any certificate), require-verify, or empty", {
      oneOf: ["", "require", "require-verify"],
    }),
    text(
      "tls-root-ca-file",
      "tlsRootCaFile",
      "PEM file of the authorities of client certificates; empty: well-known ones",
    ),
    text("tls-required", "tlsRequired", "true: no clear text; tcp-https: only HTTP in clear; a policy means true", {
      oneOf: ["true", "false", "tcp-https"],
      fold: foldTlsRequired,
    }),
    text("tls-min-version", "tlsMinVersion", "lowest TLS version; ssl3.0 means tls1.0, there is no SSL any more", {
      oneOf: ["ssl3.0", "tls1.0", "tls1.1", "tls1.2", "tls1.3"],
      fold: (text) => (text === "" ? "tls1.0" : text.toLowerCase()),
    }),
  ]),
  ...inGroup("Compression", [
    bool("deflate", "deflate", "let clients compress with deflate"),
    integer("max-deflate-level", "maxDeflateLevel", "highest deflate level a client gets, 1..9", {
      checkedAtStart: true,
    }),
    bool("snappy", "snappy", "let clients compress with snappy"),
  ]),
  ...inGroup("Measuring", [
    numbers(
      "e2e-processing-latency-percentile",
      "e2eProcessingLatencyPercentiles",
      "publish-to-FIN quantiles to track, more than 0, at most 1; repeatable",
      { configName: "e2e_processing_latency_percentiles" },
    ),
    duration("e2e-processing-latency-window-time", "e2eProcessingLatencyWindowTime", "window of these quantiles", {
      least: 1,
    }),
    text("statsd-address", "statsdAddress", "UDP host:port of a statsd daemon"),
    duration("statsd-interval", "statsdInterval", "time between two pushes", { least: MILLISECOND }),
    bool("statsd-mem-stats", "statsdMemStats", "push memory figures too"),
    text("statsd-prefix", "statsdPrefix", "prefix of the keys; %s: the host"),
    integer("statsd-udp-packet-size", "statsdUdpPacketSize", "largest packet in bytes", { least: 1 }),
    bool("statsd-exclude-ephemeral", "statsdExcludeEphemeral", "leave ephemeral topics and channels out"),
  ]),
  ...inGroup("Experiments", [
    text("topology-region", "topologyRegion", "region of this nsqd"),
    text("topology-zone", "topologyZone", "zone of this nsqd"),
    texts("enable-experiment", "experiments", "topology-aware-consumption: consumers of the own zone come first", {
      oneOf: ["topology-aware-consumption"],
      configName: "enable_experiment",
    }),
  ]),
  ...inGroup("Logging", [
    text("log-level", "logLevel", "debug, info, warn, error or fatal", {
      oneOf: ["debug", "info", "warn", "error", "fatal"],
    }),
    text("log-prefix", "logPrefix", "text before every log line"),
    text("log-format", "logFormat", "text, as NSQ writes it, or json: an object per line", { oneOf: ["text", "json"] }),
  ]),
];

/** As Go reads a bool, besides the word that is none. */
function foldTlsRequired(text: string): string {
  const isRequired = parseGoBool(text);
  return isRequired === null ? text.toLowerCase() : String(isRequired);
}
