import type { Micros } from "../time.ts";

/** What an nsqd says of itself in IDENTIFY (nsqlookupd §A2). */
export interface PeerInfo {
  /** `host:port` of its connection. */
  readonly remoteAddress: string;
  readonly hostname: string;
  readonly broadcastAddress: string;
  readonly tcpPort: number;
  readonly httpPort: number;
  readonly version: string;
  readonly topologyZone: string;
  readonly topologyRegion: string;
}

/** An nsqd that is connected and has identified itself. All its registrations share this. */
export interface Peer {
  readonly info: PeerInfo;
  /** When it last said IDENTIFY or PING, by the monotonic clock: a step of the wall clock makes nobody inactive. */
  heardAt: Micros;
  /** The same by the wall clock, for /debug. */
  heardAtWall: Micros;
}

/** That a peer has a topic, or a channel. */
export interface Registration {
  readonly peer: Peer;
  /** Null: never. */
  tombstone: Tombstone | null;
}

interface Tombstone {
  readonly at: Micros;
  /** By the wall clock, for /debug. */
  readonly atWall: Micros;
}

/** Whether the peer said something lately enough to be told about. */
export function isActive(peer: Peer, now: Micros, inactiveProducerTimeout: Micros): boolean {
  return now - peer.heardAt <= inactiveProducerTimeout;
}

/** Whether the registration is to be passed over: a mark that lapsed stays visible, but has no effect. */
export function isTombstoned({ tombstone }: Registration, now: Micros, tombstoneLifetime: Micros): boolean {
  return tombstone !== null && now - tombstone.at < tombstoneLifetime;
}

/** `broadcast_address:http_port`, as tombstoning names a node: literally, IPv6 without brackets. */
export function nodeOf({ info }: Peer): string {
  return `${info.broadcastAddress}:${info.httpPort}`;
}
