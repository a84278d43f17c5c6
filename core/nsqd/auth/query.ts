import { bytesOf, decodeUtf8, utf8 } from "../../protocol/text.ts";
import { goJson } from "../http/answer.ts";

/** What an auth server is told (protocol §13). Texts are byte strings. */
export interface AuthQuery {
  /** Of the client's TLS certificate; empty: none was shown. */
  readonly commonName: string;
  /** Empty: a unix socket. */
  readonly remoteIp: string;
  readonly secret: string;
  readonly isTls: boolean;
}

/** Where an auth server is asked. */
export interface AuthEndpoint {
  readonly isSecure: boolean;
  /** `host:port`. */
  readonly address: string;
  /** Path, and query if the endpoint has one. */
  readonly target: string;
}

/** An address means `http://host:port/auth`; a URL is taken as it is. Null: it is no URL. */
export function endpointOf(server: string): AuthEndpoint | null {
  const url = server.includes("://") ? server : `http://${server}/auth`;
  const parts = /^(https?):\/\/([^/?#@]+)([^#]*)/i.exec(url);
  if (parts === null) return null;
  const [, scheme = "", authority = "", target = ""] = parts;
  const isSecure = scheme.toLowerCase() === "https";
  const hasPort = /:\d+$/.test(authority);
  return {
    isSecure,
    address: hasPort ? authority : `${authority}:${isSecure ? 443 : 80}`,
    target: target.startsWith("/") ? target : `/${target}`,
  };
}

function pairs(query: AuthQuery): readonly (readonly [name: string, value: string])[] {
  return [
    ["common_name", query.commonName],
    ["remote_ip", query.remoteIp],
    ["secret", query.secret],
    ["tls", String(query.isTls)],
  ];
}

/** As a query string, the names in alphabetical order. */
export function urlEncoded(query: AuthQuery): string {
  return pairs(query)
    .map(([name, value]) => `${name}=${escapeQuery(value)}`)
    .join("&");
}

/** As JSON: each value an array of one, as Go writes what it calls url.Values. */
export function jsonEncoded(query: AuthQuery): Uint8Array {
  const fields = pairs(query).map(([name, value]) => [name, [decodeUtf8(bytesOf(value))]]);
  return bytesOf(utf8(goJson(Object.fromEntries(fields))));
}

/** Go's url.QueryEscape of a byte string. */
function escapeQuery(value: string): string {
  return value
    .replaceAll(/[^A-Za-z0-9\-_.~ ]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`)
    .replaceAll(" ", "+");
}
