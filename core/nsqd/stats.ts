/**
 * What `/stats?format=json` tells, field by field and in its order (nsqd-http §2). `memory` is missing: it is the
 * business of who runs the process.
 */
export interface NsqdStats {
  readonly version: string;
  /** `OK`, or `NOK - <error>`. */
  readonly health: string;
  /** Unix seconds. */
  readonly start_time: number;
  /** Sorted by name. Null: the filter names a topic that does not exist. */
  readonly topics: readonly TopicStats[] | null;
  /** Null: none, or clients were not asked for. */
  readonly producers: readonly ClientStats[] | null;
}

export interface TopicStats {
  readonly topic_name: string;
  /** Sorted by name. */
  readonly channels: readonly ChannelStats[];
  /** The topic's own queue, not its channels'. */
  readonly depth: number;
  readonly backend_depth: number;
  readonly message_count: number;
  readonly message_bytes: number;
  readonly paused: boolean;
  readonly e2e_processing_latency: LatencyStats;
}

export interface ChannelStats {
  readonly channel_name: string;
  /** Without in-flight and deferred messages. */
  readonly depth: number;
  readonly backend_depth: number;
  readonly in_flight_count: number;
  readonly deferred_count: number;
  readonly message_count: number;
  /** Deliveries from memory by how near the client was (nsqd-semantics §14); missing: 0. */
  readonly zone_local_msg_count?: number;
  readonly region_local_msg_count?: number;
  readonly global_msg_count?: number;
  readonly requeue_count: number;
  readonly timeout_count: number;
  readonly client_count: number;
  /** In the order of their SUB; null: not asked for. */
  readonly clients: readonly ClientStats[] | null;
  readonly paused: boolean;
  readonly e2e_processing_latency: LatencyStats;
}

export interface ClientStats {
  readonly client_id: string;
  readonly hostname: string;
  readonly version: "V2";
  readonly remote_address: string;
  /** 0 init, 3 subscribed, 4 closing. */
  readonly state: number;
  readonly ready_count: number;
  readonly in_flight_count: number;
  readonly message_count: number;
  readonly finish_count: number;
  readonly requeue_count: number;
  /** Unix seconds. */
  readonly connect_ts: number;
  readonly sample_rate: number;
  readonly deflate: boolean;
  readonly snappy: boolean;
  readonly user_agent: string;
  /** Missing unless the client has authenticated. */
  readonly authed?: true;
  /** Missing when empty. */
  readonly auth_identity?: string;
  readonly auth_identity_url?: string;
  readonly topology_zone: string;
  readonly topology_region: string;
  /** Producers only; at most one topic, as in nsqd. */
  readonly pub_counts?: readonly { readonly topic: string; readonly count: number }[];
  readonly tls: boolean;
  readonly tls_cipher_suite: string;
  readonly tls_version: string;
  readonly tls_negotiated_protocol: string;
  readonly tls_negotiated_protocol_is_mutual: boolean;
}

export interface LatencyStats {
  readonly count: number;
  readonly percentiles: readonly { readonly quantile: number; readonly value: number }[] | null;
}

export interface StatsFilter {
  /** Only this topic; "": all. */
  readonly topic?: string;
  /** Only this channel, and only topics that have it; "": all. */
  readonly channel?: string;
  /** Default true. */
  readonly includeClients?: boolean;
}

/** Levels and counters of a topic (`channel` null) or a channel, for sampling. */
export interface Gauges {
  depth: number;
  inFlight: number;
  deferred: number;
  messages: number;
  requeues: number;
  timeouts: number;
  clients: number;
}

/** The object is reused between calls: copy what is to stay. */
export type GaugeVisitor = (topic: string, channel: string | null, gauges: Readonly<Gauges>) => void;
