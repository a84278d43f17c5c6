import { MILLISECOND, msToMicros, type Micros } from "../time.ts";
import type { ClientConfig } from "./config.ts";

/** What the server granted (protocol §6). */
export interface Features {
  readonly maxRdyCount: number;
  /** The timeout that messages of this connection have; 0 when the server did not say. */
  readonly msgTimeout: Micros;
  readonly authRequired: boolean;
}

/** What holds with a server that answers `OK` instead of JSON. */
export const LEGACY_FEATURES: Features = { maxRdyCount: 2_500, msgTimeout: 0, authRequired: false };

/** Body of IDENTIFY (client semantics §1), ASCII only. */
export function identifyBody(config: ClientConfig, processName: string): string {
  const hostname = config.hostname === "" ? processName : config.hostname;
  const clientId = config.clientId === "" ? processName.split(".")[0]! : config.clientId;
  const fields = {
    client_id: clientId,
    hostname,
    user_agent: config.userAgent,
    short_id: clientId,
    long_id: hostname,
    tls_v1: false,
    deflate: false,
    deflate_level: 6,
    snappy: false,
    feature_negotiation: true,
    heartbeat_interval: wireMs(config.heartbeatInterval),
    sample_rate: config.sampleRate,
    output_buffer_size: config.outputBufferSize,
    output_buffer_timeout: wireMs(config.outputBufferTimeout),
    msg_timeout: wireMs(config.msgTimeout),
    topology_region: config.topologyRegion,
    topology_zone: config.topologyZone,
  };
  return JSON.stringify(fields).replaceAll(/[\u007f-\uffff]/g, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Whole milliseconds; anything negative is the wire's -1. */
function wireMs(duration: Micros): number {
  return duration < 0 ? -1 : Math.floor(duration / MILLISECOND);
}

/** Reads the answer to IDENTIFY; a string says what is wrong with it. */
export function parseFeatures(answer: string): Features | string {
  if (!answer.startsWith("{")) return LEGACY_FEATURES;
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(answer) as Record<string, unknown>;
  } catch {
    return "the answer to IDENTIFY is not JSON";
  }
  for (const upgrade of ["tls_v1", "deflate", "snappy"]) {
    if (fields[upgrade] === true) return `the server switched ${upgrade} on, which was not asked for`;
  }
  const maxRdyCount = fields["max_rdy_count"];
  const msgTimeoutMs = fields["msg_timeout"];
  return {
    maxRdyCount: isNatural(maxRdyCount) ? maxRdyCount : LEGACY_FEATURES.maxRdyCount,
    msgTimeout: isNatural(msgTimeoutMs) ? msToMicros(msgTimeoutMs) : 0,
    authRequired: fields["auth_required"] === true,
  };
}

function isNatural(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
