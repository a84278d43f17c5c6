import { MILLISECOND, msToMicros, type Micros } from "../time.ts";
import type { ClientConfig } from "./config.ts";

/** What the server granted (protocol §6). */
export interface Features {
  readonly maxRdyCount: number;
  /** The timeout that messages of this connection have; 0 when the server did not say. */
  readonly msgTimeout: Micros;
  readonly authRequired: boolean;
  /** What the connection becomes now, in this order. */
  readonly upgrades: readonly Upgrade[];
  /** Of the compression with deflate. */
  readonly deflateLevel: number;
}

export type Upgrade = "tls" | "snappy" | "deflate";

/** What holds with a server that answers `OK` instead of JSON. */
export const LEGACY_FEATURES: Features = {
  maxRdyCount: 2_500,
  msgTimeout: 0,
  authRequired: false,
  upgrades: [],
  deflateLevel: 6,
};

const UPGRADES: Readonly<Record<Upgrade, string>> = { tls: "tls_v1", snappy: "snappy", deflate: "deflate" };

/** Body of IDENTIFY (client semantics §1), ASCII only. */
export function identifyBody(config: ClientConfig, processName: string, canDeflate: boolean): string {
  const hostname = config.hostname === "" ? processName : config.hostname;
  const clientId = config.clientId === "" ? processName.split(".")[0]! : config.clientId;
  const fields = {
    client_id: clientId,
    hostname,
    user_agent: config.userAgent,
    short_id: clientId,
    long_id: hostname,
    tls_v1: config.tlsV1,
    deflate: config.deflate && canDeflate,
    deflate_level: config.deflateLevel,
    snappy: config.snappy,
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

/** Reads the answer to IDENTIFY; a string says what is wrong with it. Whoever wants TLS does not go on without it. */
export function parseFeatures(answer: string, config: ClientConfig): Features | string {
  if (!answer.startsWith("{")) return config.tlsV1 ? NO_TLS : LEGACY_FEATURES;
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(answer) as Record<string, unknown>;
  } catch {
    return "the answer to IDENTIFY is not JSON";
  }
  const asked: Readonly<Record<Upgrade, boolean>> = {
    tls: config.tlsV1,
    snappy: config.snappy,
    deflate: config.deflate,
  };
  const upgrades = (Object.keys(UPGRADES) as Upgrade[]).filter((upgrade) => fields[UPGRADES[upgrade]] === true);
  const surprise = upgrades.find((upgrade) => !asked[upgrade]);
  if (surprise !== undefined) return `the server switched ${UPGRADES[surprise]} on, which was not asked for`;
  if (config.tlsV1 && !upgrades.includes("tls")) return NO_TLS;
  const deflateLevel = fields["deflate_level"];
  const maxRdyCount = fields["max_rdy_count"];
  const msgTimeoutMs = fields["msg_timeout"];
  return {
    maxRdyCount: isNatural(maxRdyCount) ? maxRdyCount : LEGACY_FEATURES.maxRdyCount,
    msgTimeout: isNatural(msgTimeoutMs) ? msToMicros(msgTimeoutMs) : 0,
    authRequired: fields["auth_required"] === true,
    upgrades,
    deflateLevel:
      isNatural(deflateLevel) && deflateLevel >= 1 && deflateLevel <= 9 ? deflateLevel : config.deflateLevel,
  };
}

const NO_TLS = "the server does not offer TLS";

function isNatural(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
