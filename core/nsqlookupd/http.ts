import type { Host, HttpHandler, HttpResponse } from "../host.ts";
import { failure, json, nothing, plain } from "../nsqd/http/answer.ts";
import { profileRoutes } from "../nsqd/http/debug.ts";
import { logged } from "../nsqd/http/request-log.ts";
import { route, type RoutedRequest, type RouteTable } from "../nsqd/http/router.ts";
import { isValidName } from "../protocol/names.ts";
import { dump } from "./dump.ts";
import type { NsqlookupdOptions } from "./options.ts";
import { isActive, isTombstoned, nodeOf, type Peer, type PeerInfo } from "./producer.ts";
import type { Registry } from "./registry.ts";

/** What the routes work on. */
export interface LookupdHttpContext {
  readonly host: Host;
  readonly options: NsqlookupdOptions;
  readonly registry: Registry;
}

/** No request of this API has a body; one that comes is read and ignored. */
const MAX_BODY = 64 * 1024;

/** nsqlookupd's HTTP interface over a registry (nsqd-http §4), for {@link Host.serveHttp}. */
export function lookupdHttp(context: LookupdHttpContext): HttpHandler {
  const { host } = context;
  const table = { ...lookupdRoutes(new LookupdRoutes(context)), ...profileRoutes(host) };
  return {
    maxBodyBytes: MAX_BODY,
    head: () => null,
    handle: (request, reply) => route(table, request, logged(host, request, reply)),
  };
}

function lookupdRoutes(routes: LookupdRoutes): RouteTable {
  return {
    "/ping": { GET: (_, reply) => reply(plain(200, "OK")) },
    "/info": { GET: (_, reply) => reply(routes.info()) },
    "/lookup": { GET: (request, reply) => reply(routes.lookup(request)) },
    "/topics": { GET: (_, reply) => reply(routes.topics()) },
    "/channels": { GET: (request, reply) => reply(routes.channels(request)) },
    "/nodes": { GET: (_, reply) => reply(routes.nodes()) },
    "/debug": { GET: (_, reply) => reply(routes.debug()) },
    "/topic/create": { POST: (request, reply) => reply(routes.createTopic(request)) },
    "/topic/delete": { POST: (request, reply) => reply(routes.deleteTopic(request)) },
    "/topic/tombstone": { POST: (request, reply) => reply(routes.tombstone(request)) },
    "/channel/create": { POST: (request, reply) => reply(routes.createChannel(request)) },
    "/channel/delete": { POST: (request, reply) => reply(routes.deleteChannel(request)) },
  };
}

/** The endpoints, with the order of checks of nsqd-http §4. Lists are in the order of creation; NSQ promises none. */
class LookupdRoutes {
  private readonly context: LookupdHttpContext;

  constructor(context: LookupdHttpContext) {
    this.context = context;
  }

  info(): HttpResponse {
    return json({ version: this.context.options.version });
  }

  lookup(request: RoutedRequest): HttpResponse {
    const { registry, options, host } = this.context;
    const topic = knownWord(request, "topic");
    if (typeof topic !== "string") return topic;
    if (!registry.hasTopic(topic)) return failure(404, "TOPIC_NOT_FOUND");
    const producers: object[] = [];
    for (const registration of registry.producers(topic).values()) {
      if (isTombstoned(registration, host.now(), options.tombstoneLifetime)) continue;
      if (this.isActive(registration.peer)) producers.push(peerJson(registration.peer.info));
    }
    return json({ channels: [...registry.channels(topic)], producers });
  }

  topics(): HttpResponse {
    return json({ topics: [...this.context.registry.topics()] });
  }

  channels(request: RoutedRequest): HttpResponse {
    const topic = knownWord(request, "topic");
    if (typeof topic !== "string") return topic;
    return json({ channels: [...this.context.registry.channels(topic)] });
  }

  nodes(): HttpResponse {
    const { registry, options, host } = this.context;
    const topicsOf = new Map<Peer, { tombstones: boolean[]; topics: string[] }>();
    for (const peer of registry.peers()) {
      if (this.isActive(peer)) topicsOf.set(peer, { tombstones: [], topics: [] });
    }
    for (const topic of registry.topics()) {
      for (const [peer, registration] of registry.producers(topic)) {
        const found = topicsOf.get(peer);
        found?.topics.push(topic);
        found?.tombstones.push(isTombstoned(registration, host.now(), options.tombstoneLifetime));
      }
    }
    return json({ producers: [...topicsOf].map(([{ info }, topics]) => ({ ...peerJson(info), ...topics })) });
  }

  debug(): HttpResponse {
    return dump(this.context.registry);
  }

  createTopic(request: RoutedRequest): HttpResponse {
    const topic = nameIn(request, "topic");
    if (typeof topic !== "string") return topic;
    this.context.host.log("info", `DB: adding topic(${topic})`);
    this.context.registry.createTopic(topic);
    return nothing();
  }

  /** Tells no nsqd: one that has the topic does not register it again before it connects anew. */
  deleteTopic(request: RoutedRequest): HttpResponse {
    const topic = knownWord(request, "topic");
    if (typeof topic !== "string") return topic;
    this.context.host.log("info", `DB: removing topic(${topic})`);
    this.context.registry.deleteTopic(topic);
    return nothing();
  }

  tombstone(request: RoutedRequest): HttpResponse {
    const { registry, host } = this.context;
    const topic = knownWord(request, "topic");
    if (typeof topic !== "string") return topic;
    const node = request.query?.get("node");
    if (node === undefined) return failure(400, "MISSING_ARG_NODE");
    host.log("info", `DB: setting tombstone for producer@${node} of topic(${topic})`);
    for (const registration of registry.producers(topic).values()) {
      if (nodeOf(registration.peer) === node) registration.tombstone = { at: host.now(), atWall: host.wallNow() };
    }
    return nothing();
  }

  createChannel(request: RoutedRequest): HttpResponse {
    const topic = nameIn(request, "topic");
    if (typeof topic !== "string") return topic;
    const channel = nameIn(request, "channel");
    if (typeof channel !== "string") return channel;
    this.context.host.log("info", `DB: adding channel(${channel}) in topic(${topic})`);
    this.context.registry.createChannel(topic, channel);
    return nothing();
  }

  deleteChannel(request: RoutedRequest): HttpResponse {
    const topic = nameIn(request, "topic");
    if (typeof topic !== "string") return topic;
    const channel = nameIn(request, "channel");
    if (typeof channel !== "string") return channel;
    if (!this.context.registry.deleteChannel(topic, channel)) return failure(404, "CHANNEL_NOT_FOUND");
    this.context.host.log("info", `DB: removing channel(${channel}) from topic(${topic})`);
    return nothing();
  }

  private isActive(peer: Peer): boolean {
    return isActive(peer, this.context.host.now(), this.context.options.inactiveProducerTimeout);
  }
}

function peerJson(info: PeerInfo): object {
  return {
    remote_address: info.remoteAddress,
    hostname: info.hostname,
    broadcast_address: info.broadcastAddress,
    tcp_port: info.tcpPort,
    http_port: info.httpPort,
    version: info.version,
    topology_zone: info.topologyZone,
    topology_region: info.topologyRegion,
  };
}

/** A parameter that need not be a valid name: it may ask for what is not there. */
function knownWord({ query }: RoutedRequest, name: "topic"): string | HttpResponse {
  if (query === null) return failure(400, "INVALID_REQUEST");
  const value = query.get(name);
  if (value === undefined) return failure(400, `MISSING_ARG_${name.toUpperCase()}`);
  // The Go daemon takes it for all names: it would delete every topic (surprises 60).
  return value === "*" ? failure(400, `INVALID_ARG_${name.toUpperCase()}`) : value;
}

function nameIn({ query }: RoutedRequest, name: "topic" | "channel"): string | HttpResponse {
  if (query === null) return failure(400, "INVALID_REQUEST");
  const value = query.get(name);
  if (value === undefined) return failure(400, `MISSING_ARG_${name.toUpperCase()}`);
  return isValidName(value) ? value : failure(400, `INVALID_ARG_${name.toUpperCase()}`);
}
