import type net from "node:net";

/** Where to listen or connect, in the shape node:net takes. */
export type NetAddress = { host: string; port: number } | { path: string };

/** `host:port` (an empty host: every interface; IPv6 in brackets), or else the path of a unix socket, as in nsqd. */
export function parseAddress(address: string): NetAddress {
  const match = /^(.*):(\d{1,5})$/.exec(address);
  if (match === null) return { path: address };
  const host = (match[1] ?? "").replace(/^\[(.*)\]$/, "$1");
  return { host: host === "" ? "0.0.0.0" : host, port: Number(match[2]) };
}

/** `host:port` as Go prints it: IPv6 in brackets, IPv4 in IPv6 as IPv4; empty for a socket without an address. */
export function formatAddress(host: string | undefined, port: number | undefined): string {
  if (host === undefined || port === undefined) return "";
  const plain = host.startsWith("::ffff:") ? host.slice(7) : host;
  return plain.includes(":") ? `[${plain}]:${port}` : `${plain}:${port}`;
}

/** The address a server is bound to: `host:port` or the path of its unix socket. */
export function boundAddress(server: net.Server): string {
  const bound = server.address();
  if (bound === null) return "";
  return typeof bound === "string" ? bound : formatAddress(bound.address, bound.port);
}
