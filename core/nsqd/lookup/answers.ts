import { decodeUtf8 } from "../../protocol/text.ts";

/** Where an nsqlookupd says it answers HTTP. */
export interface LookupdInfo {
  /** Empty: it did not say. */
  readonly broadcastAddress: string;
  readonly httpPort: number;
}

/** The answer to IDENTIFY; null when it is none (nsqlookupd §B). */
export function parseLookupdInfo(answer: Uint8Array): LookupdInfo | null {
  const fields = parseObject(answer);
  if (fields === null) return null;
  const { broadcast_address: broadcastAddress = "", http_port: httpPort = 0 } = fields;
  return typeof broadcastAddress === "string" && typeof httpPort === "number" ? { broadcastAddress, httpPort } : null;
}

/** The body of an answer to /channels; null when it is none. */
export function parseChannels(body: Uint8Array): string[] | null {
  const channels = parseObject(body)?.["channels"] ?? null;
  if (!Array.isArray(channels)) return null;
  return channels.every((name) => typeof name === "string") ? channels : null;
}

/** `host:port`, IPv6 in brackets; null when no such port can be. */
export function joinAddress(host: string, port: number): string | null {
  if (host === "" || !Number.isInteger(port) || port < 1 || port > 65_535) return null;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(decodeUtf8(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
