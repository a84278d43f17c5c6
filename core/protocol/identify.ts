import { MILLISECOND, type Micros } from "../time.ts";
import { booleanField, decodeObject, integerField, stringField } from "./json.ts";
import { utf8 } from "./text.ts";

/** The body of IDENTIFY (protocol §6). Integers as sent: 0 means the default, -1 often "off". */
export interface IdentifyRequest {
  readonly clientId: string;
  readonly hostname: string;
  readonly userAgent: string;
  readonly featureNegotiation: boolean;
  readonly heartbeatIntervalMs: bigint;
  readonly outputBufferSize: bigint;
  readonly outputBufferTimeoutMs: bigint;
  readonly sampleRate: bigint;
  readonly msgTimeoutMs: bigint;
  readonly tls: boolean;
  readonly deflate: boolean;
  readonly deflateLevel: bigint;
  readonly snappy: boolean;
  readonly topologyRegion: string;
  readonly topologyZone: string;
}

/** Decodes the body of IDENTIFY. Throws JsonError. */
export function decodeIdentify(body: Uint8Array): IdentifyRequest {
  const fields = decodeObject(body);
  return {
    clientId: stringField(fields, "client_id"),
    hostname: stringField(fields, "hostname"),
    userAgent: stringField(fields, "user_agent"),
    featureNegotiation: booleanField(fields, "feature_negotiation"),
    heartbeatIntervalMs: integerField(fields, "heartbeat_interval", 64),
    outputBufferSize: integerField(fields, "output_buffer_size", 64),
    outputBufferTimeoutMs: integerField(fields, "output_buffer_timeout", 64),
    sampleRate: integerField(fields, "sample_rate", 32),
    msgTimeoutMs: integerField(fields, "msg_timeout", 64),
    tls: booleanField(fields, "tls_v1"),
    deflate: booleanField(fields, "deflate"),
    deflateLevel: integerField(fields, "deflate_level", 64),
    snappy: booleanField(fields, "snappy"),
    topologyRegion: stringField(fields, "topology_region"),
    topologyZone: stringField(fields, "topology_zone"),
  };
}

/** What a connection runs with after IDENTIFY, or without one. */
export interface ClientSettings {
  readonly clientId: string;
  readonly hostname: string;
  readonly userAgent: string;
  /** 0: no heartbeats and no deadlines. */
  readonly heartbeatInterval: Micros;
  /** Bytes; 1: unbuffered. */
  readonly outputBufferSize: number;
  /** 0: no timer. */
  readonly outputBufferTimeout: Micros;
  /** 0: everything. */
  readonly sampleRate: number;
  readonly msgTimeout: Micros;
  readonly topologyRegion: string;
  readonly topologyZone: string;
}

/** The server's bounds, named as in its options. */
export interface SettingsLimits {
  readonly maxHeartbeatInterval: Micros;
  readonly maxOutputBufferSize: number;
  readonly minOutputBufferTimeout: Micros;
  readonly maxOutputBufferTimeout: Micros;
  readonly maxMsgTimeout: Micros;
}

const MIN_HEARTBEAT_MS = 1000;
const MIN_OUTPUT_BUFFER_SIZE = 64;
const MIN_MSG_TIMEOUT_MS = 1000;
const MAX_SAMPLE_RATE = 99;

/**
 * The settings that a request asks for, or the text of what is wrong with it, checked in nsqd's order (protocol §6).
 */
export function negotiate(
  request: IdentifyRequest,
  current: ClientSettings,
  limits: SettingsLimits,
): ClientSettings | string {
  const { heartbeatIntervalMs, outputBufferTimeoutMs, outputBufferSize, sampleRate, msgTimeoutMs } = request;
  const maxHeartbeatMs = limits.maxHeartbeatInterval / MILLISECOND;
  if (!isDefaultOr(heartbeatIntervalMs, true, MIN_HEARTBEAT_MS, maxHeartbeatMs)) {
    return `heartbeat interval (${heartbeatIntervalMs}) is invalid`;
  }
  const minFlushMs = limits.minOutputBufferTimeout / MILLISECOND;
  const maxFlushMs = limits.maxOutputBufferTimeout / MILLISECOND;
  if (!isDefaultOr(outputBufferTimeoutMs, true, minFlushMs, maxFlushMs)) {
    return `output buffer timeout (${outputBufferTimeoutMs}) is invalid`;
  }
  if (!isDefaultOr(outputBufferSize, true, MIN_OUTPUT_BUFFER_SIZE, limits.maxOutputBufferSize)) {
    return `output buffer size (${outputBufferSize}) is invalid`;
  }
  if (sampleRate < 0n || sampleRate > BigInt(MAX_SAMPLE_RATE)) return `sample rate (${sampleRate}) is invalid`;
  if (!isDefaultOr(msgTimeoutMs, false, MIN_MSG_TIMEOUT_MS, limits.maxMsgTimeout / MILLISECOND)) {
    return `msg timeout (${msgTimeoutMs}) is invalid`;
  }
  return {
    clientId: request.clientId,
    hostname: request.hostname,
    userAgent: request.userAgent,
    heartbeatInterval: choose(heartbeatIntervalMs, MILLISECOND, 0, current.heartbeatInterval),
    outputBufferSize: choose(outputBufferSize, 1, 1, current.outputBufferSize),
    outputBufferTimeout:
      outputBufferSize === -1n ? 0 : choose(outputBufferTimeoutMs, MILLISECOND, 0, current.outputBufferTimeout),
    sampleRate: Number(sampleRate),
    msgTimeout: choose(msgTimeoutMs, MILLISECOND, 0, current.msgTimeout),
    topologyRegion: request.topologyRegion,
    topologyZone: request.topologyZone,
  };
}

function isDefaultOr(value: bigint, canBeOff: boolean, min: number, max: number): boolean {
  if (value === 0n || (canBeOff && value === -1n)) return true;
  return value >= BigInt(Math.trunc(min)) && value <= BigInt(Math.trunc(max));
}

function choose(value: bigint, unit: number, off: number, current: number): number {
  if (value === 0n) return current;
  return value === -1n ? off : Number(value) * unit;
}

/** What a server can do for a connection. */
export interface UpgradesOffered {
  readonly tls: boolean;
  readonly deflate: boolean;
  readonly maxDeflateLevel: number;
  readonly snappy: boolean;
}

/** What a connection becomes after IDENTIFY. */
export interface Upgrades {
  readonly tls: boolean;
  readonly deflate: boolean;
  /** Told even when deflate is not granted. */
  readonly deflateLevel: number;
  readonly snappy: boolean;
}

/** Compression level of a client that asks for none. */
const DEFAULT_DEFLATE_LEVEL = 6;

/** What the server grants of what a client asks for; it may not grant both compressions (protocol §6). */
export function grantUpgrades(request: IdentifyRequest, offered: UpgradesOffered): Upgrades {
  const { deflateLevel, featureNegotiation } = request;
  const deflate = featureNegotiation && request.deflate && offered.deflate;
  const level = deflate && deflateLevel > 0n ? deflateLevel : BigInt(DEFAULT_DEFLATE_LEVEL);
  const most = BigInt(offered.maxDeflateLevel);
  return {
    tls: featureNegotiation && request.tls && offered.tls,
    deflate,
    deflateLevel: Number(level < most ? level : most),
    snappy: featureNegotiation && request.snappy && offered.snappy,
  };
}

/** What the answer tells of the server. */
export interface ServerFeatures {
  readonly maxRdyCount: number;
  readonly version: string;
  readonly maxMsgTimeout: Micros;
  readonly maxDeflateLevel: number;
  readonly topologyRegion: string;
  readonly topologyZone: string;
  /** What may publish and subscribe is said by auth servers, if there are any. */
  readonly authHttpAddresses: readonly string[];
}

/** The answer to an IDENTIFY with feature_negotiation, keys in nsqd's order, as a byte string. */
export function identifyResponse(server: ServerFeatures, client: ClientSettings, granted: Upgrades): string {
  const json = JSON.stringify({
    max_rdy_count: server.maxRdyCount,
    version: server.version,
    max_msg_timeout: Math.trunc(server.maxMsgTimeout / MILLISECOND),
    msg_timeout: client.msgTimeout / MILLISECOND,
    tls_v1: granted.tls,
    deflate: granted.deflate,
    deflate_level: granted.deflateLevel,
    max_deflate_level: server.maxDeflateLevel,
    snappy: granted.snappy,
    sample_rate: client.sampleRate,
    auth_required: server.authHttpAddresses.length > 0,
    output_buffer_size: client.outputBufferSize,
    output_buffer_timeout: Math.trunc(client.outputBufferTimeout / MILLISECOND),
    topology_region: server.topologyRegion,
    topology_zone: server.topologyZone,
  });
  return utf8(json);
}
