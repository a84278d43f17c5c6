import type { ClientSettings } from "../protocol/identify.ts";
import { SECOND } from "../time.ts";
import type { NsqdOptions } from "./options.ts";

/** Half of nsqd's fixed client timeout of 60 s (protocol §7). */
const HEARTBEAT_INTERVAL = 30 * SECOND;
/** Bytes (protocol §9). */
const OUTPUT_BUFFER_SIZE = 16_384;

/** What a connection runs with before its IDENTIFY (protocol §6). */
export function settingsAtFirst(options: NsqdOptions, remoteAddress: string): ClientSettings {
  const host = hostOf(remoteAddress);
  return {
    clientId: host,
    hostname: host,
    userAgent: "",
    heartbeatInterval: HEARTBEAT_INTERVAL,
    outputBufferSize: OUTPUT_BUFFER_SIZE,
    outputBufferTimeout: options.outputBufferTimeout,
    sampleRate: 0,
    msgTimeout: options.msgTimeout,
    topologyRegion: "",
    topologyZone: "",
  };
}

/** The host of `host:port`; "" for what has no port (a unix socket). */
export function hostOf(address: string): string {
  const colon = address.lastIndexOf(":");
  return colon < 0 ? "" : address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
}
