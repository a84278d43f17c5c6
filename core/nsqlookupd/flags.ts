import { type Flag, rowMakers } from "../flags/flag.ts";
import type { NsqlookupdOptions } from "./options.ts";

const { text, duration, inGroup } = rowMakers<NsqlookupdOptions>();

/** Every flag of nsqlookupd (nsqlookupd §A5). */
export const LOOKUPD_FLAGS: readonly Flag<keyof NsqlookupdOptions>[] = [
  ...inGroup("Addresses", [
    text("tcp-address", "tcpAddress", "host:port where nsqds register, or the path of a unix socket"),
    text("http-address", "httpAddress", "host:port of HTTP, or the path of a unix socket"),
    text("broadcast-address", "broadcastAddress", "address that nsqds are told to ask (default: the host name)"),
  ]),
  ...inGroup("Answers", [
    duration("inactive-producer-timeout", "inactiveProducerTimeout", "silence after which an nsqd is left out"),
    duration("tombstone-lifetime", "tombstoneLifetime", "how long a tombstoned nsqd is left out for the topic"),
  ]),
  ...inGroup("Logging", [
    text("log-level", "logLevel", "debug, info, warn, error or fatal", {
      oneOf: ["debug", "info", "warn", "error", "fatal"],
    }),
    text("log-prefix", "logPrefix", "text before every log line"),
    text("log-format", "logFormat", "text, as NSQ writes it, or json: an object per line", { oneOf: ["text", "json"] }),
  ]),
];
