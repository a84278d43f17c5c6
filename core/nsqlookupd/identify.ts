import { decodeObject, integerField, stringField } from "../protocol/json.ts";
import type { PeerInfo } from "./producer.ts";

/** What the answer to IDENTIFY says of this nsqlookupd. */
export interface LookupdIdentity {
  readonly broadcastAddress: string;
  readonly hostname: string;
  readonly httpPort: number;
  readonly tcpPort: number;
  readonly version: string;
}

/**
 * The body of IDENTIFY; null when one of the required fields is empty or zero (nsqlookupd §A2). The address in the body
 * is ignored for the connection's own. Throws JsonError.
 */
export function decodePeerInfo(body: Uint8Array, remoteAddress: string): PeerInfo | null {
  const fields = decodeObject(body);
  // Decoded only because a wrong type is an error all the same.
  stringField(fields, "remote_address");
  integerField(fields, "last_update", 64);
  const info: PeerInfo = {
    remoteAddress,
    hostname: stringField(fields, "hostname"),
    broadcastAddress: stringField(fields, "broadcast_address"),
    tcpPort: Number(integerField(fields, "tcp_port", 64)),
    httpPort: Number(integerField(fields, "http_port", 64)),
    version: stringField(fields, "version"),
    topologyZone: stringField(fields, "topology_zone"),
    topologyRegion: stringField(fields, "topology_region"),
  };
  const { broadcastAddress, tcpPort, httpPort, version } = info;
  return broadcastAddress === "" || tcpPort === 0 || httpPort === 0 || version === "" ? null : info;
}

/** The answer, its keys in alphabetical order. */
export function identityJson(identity: LookupdIdentity): string {
  const { broadcastAddress, hostname, httpPort, tcpPort, version } = identity;
  return JSON.stringify({
    broadcast_address: broadcastAddress,
    hostname,
    http_port: httpPort,
    tcp_port: tcpPort,
    version,
  });
}
