import { decodeUtf8 } from "../protocol/text.ts";

/**
 * The addresses that an answer of an nsqlookupd to /lookup gives, each `broadcast_address:tcp_port`; null when it is no
 * such answer. Producers that cannot be reached by what they say are left out. nsqlookupds before 1.0 wrapped their
 * answers; the header tells (client semantics §3.2).
 */
export function parseLookupAnswer(
  headers: Readonly<Record<string, string>>,
  body: Uint8Array | string,
): readonly string[] | null {
  const whole = parseObject(typeof body === "string" ? body : decodeUtf8(body));
  const data = isVersioned(headers) ? whole : (whole?.["data"] ?? null);
  const producers: unknown = isRecord(data) ? (data["producers"] ?? []) : null;
  if (!Array.isArray(producers)) return null;
  return producers.flatMap((producer) => addressOf(producer) ?? []);
}

function isVersioned(headers: Readonly<Record<string, string>>): boolean {
  return Object.entries(headers).some(
    ([name, value]) => name.toLowerCase() === "x-nsq-content-type" && value === "nsq; version=1.0",
  );
}

function addressOf(producer: unknown): string | null {
  if (!isRecord(producer)) return null;
  const { broadcast_address: host, tcp_port: port } = producer;
  if (typeof host !== "string" || host === "") return null;
  if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65_535) return null;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
