import { SESSION_STATES } from "../protocol/states.ts";
import { SECOND } from "../time.ts";
import type { Authorization } from "./auth/authorization.ts";
import type { Channel } from "./channel.ts";
import { latencyStats } from "./latency/window.ts";
import type { NsqdOptions } from "./options.ts";
import type { Session } from "./session.ts";
import type { ChannelStats, ClientStats, Gauges, GaugeVisitor, NsqdStats, StatsFilter, TopicStats } from "./stats.ts";
import type { Topic } from "./topic.ts";

/** What is reported on. */
export interface Reported {
  readonly options: NsqdOptions;
  readonly startTime: number;
  readonly sessions: ReadonlyMap<number, Session>;
  topics(): Iterable<Topic>;
  topic(name: string): Topic | undefined;
  health(): string;
}

/** The statistics of `/stats` (nsqd-http §2). */
export function statsOf(broker: Reported, filter: StatsFilter): NsqdStats {
  const { topic: topicName = "", channel: channelName = "", includeClients = true } = filter;
  const known =
    topicName === "" ? [...broker.topics()] : [broker.topic(topicName)].filter((topic) => topic !== undefined);
  const topics = sortedByName(known)
    .filter((topic) => channelName === "" || topic.channel(channelName) !== undefined)
    .map((topic) => topicStats(broker, topic, channelName, includeClients));
  const isUnknown = topicName !== "" && known.length === 0;
  return {
    version: broker.options.version,
    health: broker.health(),
    start_time: broker.startTime,
    topics: isUnknown ? null : topics,
    producers: isUnknown ? null : producers(broker, topicName, includeClients),
  };
}

function topicStats(broker: Reported, topic: Topic, channelName: string, includeClients: boolean): TopicStats {
  const channels = sortedByName([...topic.channels()]).filter(({ name }) => channelName === "" || name === channelName);
  const latencies = Array.from(topic.channels(), (channel) => channel.latencies);
  return {
    topic_name: topic.name,
    channels: channels.map((channel) => channelStats(broker, channel, includeClients)),
    depth: topic.depth,
    backend_depth: topic.backendDepth,
    message_count: topic.messages,
    message_bytes: topic.bytes,
    paused: topic.paused,
    e2e_processing_latency: latencyStats(latencies, broker.options),
  };
}

function channelStats(broker: Reported, channel: Channel, includeClients: boolean): ChannelStats {
  const sessions = [...channel.clients.keys()].map((number) => broker.sessions.get(number));
  return {
    channel_name: channel.name,
    depth: channel.depth,
    backend_depth: channel.backendDepth,
    in_flight_count: channel.inFlightCount,
    deferred_count: channel.deferredCount,
    message_count: channel.messages,
    ...deliveryCounts(channel),
    requeue_count: channel.requeues,
    timeout_count: channel.timeouts,
    client_count: channel.clients.size,
    clients: includeClients
      ? sessions.filter((session) => session !== undefined).map((each) => clientStats(each))
      : null,
    paused: channel.paused,
    e2e_processing_latency: latencyStats([channel.latencies], broker.options),
  };
}

function deliveryCounts({ deliveries: { zone, region, anywhere } }: Channel): Partial<ChannelStats> {
  return {
    ...(zone > 0 && { zone_local_msg_count: zone }),
    ...(region > 0 && { region_local_msg_count: region }),
    ...(anywhere > 0 && { global_msg_count: anywhere }),
  };
}

function producers(broker: Reported, topicName: string, includeClients: boolean): ClientStats[] | null {
  if (!includeClients) return null;
  const found: ClientStats[] = [];
  for (const session of broker.sessions.values()) {
    const counts = session.published.entries();
    // nsqd shows one topic of many: here the one asked for, else the first.
    const topic = topicName === "" ? firstKey(counts) : topicName;
    const count = topic === undefined ? undefined : counts.get(topic);
    if (topic === undefined || count === undefined) continue;
    found.push({ ...clientStats(session), pub_counts: [{ topic, count }] });
  }
  return found.length === 0 ? null : found;
}

function clientStats(session: Session): ClientStats {
  const { settings, subscriber, layers } = session;
  const tls = layers?.tls ?? null;
  return {
    client_id: settings.clientId,
    hostname: settings.hostname,
    version: "V2",
    remote_address: session.stream.remoteAddress,
    state: SESSION_STATES[session.state],
    ready_count: subscriber?.readyCount ?? 0,
    in_flight_count: subscriber?.inFlight ?? 0,
    message_count: subscriber?.messages ?? 0,
    finish_count: subscriber?.finishes ?? 0,
    requeue_count: subscriber?.requeues ?? 0,
    connect_ts: Math.floor(session.connectedAt / SECOND),
    sample_rate: settings.sampleRate,
    deflate: layers?.granted.deflate ?? false,
    snappy: layers?.granted.snappy ?? false,
    user_agent: settings.userAgent,
    ...authStats(session.gate?.authorization ?? null),
    topology_zone: settings.topologyZone,
    topology_region: settings.topologyRegion,
    tls: tls !== null,
    tls_cipher_suite: tls?.cipherSuite ?? "",
    tls_version: tls?.version ?? "",
    tls_negotiated_protocol: tls?.protocol ?? "",
    // Go calls it mutual whenever there was a handshake.
    tls_negotiated_protocol_is_mutual: tls !== null,
  };
}

function authStats(
  authorization: Authorization | null,
): Pick<ClientStats, "authed" | "auth_identity" | "auth_identity_url"> {
  if (authorization === null) return {};
  const { identity, identityUrl } = authorization;
  return {
    authed: true,
    ...(identity === "" ? {} : { auth_identity: identity }),
    ...(identityUrl === "" ? {} : { auth_identity_url: identityUrl }),
  };
}

/** Shows the gauges of each topic and channel; one object serves all calls. */
export function gaugesOf(topics: Iterable<Topic>, visit: GaugeVisitor): void {
  const gauges: Gauges = { depth: 0, inFlight: 0, deferred: 0, messages: 0, requeues: 0, timeouts: 0, clients: 0 };
  for (const topic of topics) {
    Object.assign(gauges, { inFlight: 0, deferred: 0, requeues: 0, timeouts: 0, clients: 0 });
    gauges.depth = topic.depth;
    gauges.messages = topic.messages;
    visit(topic.name, null, gauges);
    for (const channel of topic.channels()) {
      gauges.depth = channel.depth;
      gauges.inFlight = channel.inFlightCount;
      gauges.deferred = channel.deferredCount;
      gauges.messages = channel.messages;
      gauges.requeues = channel.requeues;
      gauges.timeouts = channel.timeouts;
      gauges.clients = channel.clients.size;
      visit(topic.name, channel.name, gauges);
    }
  }
}

function sortedByName<T extends { readonly name: string }>(items: T[]): T[] {
  return items.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function firstKey(counts: ReadonlyMap<string, number>): string | undefined {
  for (const key of counts.keys()) return key;
  return undefined;
}
