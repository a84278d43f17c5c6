import type { HttpHandler, HttpResponse } from "../host.ts";
import { AdminRoutes } from "./http/admin.ts";
import { failure, json, plain } from "./http/answer.ts";
import { broadcastAddress, ConfigRoutes, portOf } from "./http/config.ts";
import type { NsqdHttpContext } from "./http/context.ts";
import { debugRoutes } from "./http/debug.ts";
import { showMetrics } from "./http/metrics.ts";
import { publishMany, publishOne, refuseLength } from "./http/publish.ts";
import { logged } from "./http/request-log.ts";
import { route, type RoutedRequest, type RouteTable, splitTarget } from "./http/router.ts";
import { showStats } from "./http/stats.ts";

/** nsqd's HTTP interface over a broker (nsqd-http §1 and §2), for {@link Host.serveHttp}. */
export function nsqdHttp(context: NsqdHttpContext): HttpHandler {
  const { options } = context.admin;
  const table = nsqdRoutes(context);
  return {
    maxBodyBytes: Math.max(options.maxMsgSize, options.maxBodySize),
    head: (method, target, contentLength) => (method === "POST" ? refuseLength(target, contentLength, options) : null),
    handle: (request, reply) => {
      // A request that came before the listener was closed, and waited.
      if (context.admin.isStopping && request.method !== "GET") return reply(failure(503, "EXITING"));
      const { path } = splitTarget(request.target);
      // Publishing is too frequent for a line each.
      const isQuiet = path === "/pub" || path === "/mpub";
      return route(table, request, isQuiet ? reply : logged(context.host, request, reply));
    },
  };
}

function nsqdRoutes(context: NsqdHttpContext): RouteTable {
  const admin = new AdminRoutes(context);
  const config = new ConfigRoutes(context);
  return {
    "/ping": { GET: (_, reply) => reply(ping(context)) },
    "/info": { GET: (_, reply) => reply(info(context)) },
    "/stats": { GET: (request, reply) => reply(showStats(context, request)) },
    "/pub": { POST: (request, reply) => publish(context, request, publishOne, reply) },
    "/mpub": { POST: (request, reply) => publish(context, request, publishMany, reply) },
    "/topic/create": { POST: (request, reply) => whenStarted(context, request, admin.createTopic(request), reply) },
    "/topic/delete": { POST: (request, reply) => reply(admin.deleteTopic(request)) },
    "/topic/empty": { POST: (request, reply) => reply(admin.emptyTopic(request)) },
    "/topic/pause": { POST: (request, reply) => admin.pauseTopic(request, true, reply) },
    "/topic/unpause": { POST: (request, reply) => admin.pauseTopic(request, false, reply) },
    "/channel/create": { POST: (request, reply) => reply(admin.createChannel(request)) },
    "/channel/delete": { POST: (request, reply) => reply(admin.deleteChannel(request)) },
    "/channel/empty": { POST: (request, reply) => reply(admin.emptyChannel(request)) },
    "/channel/pause": { POST: (request, reply) => admin.pauseChannel(request, true, reply) },
    "/channel/unpause": { POST: (request, reply) => admin.pauseChannel(request, false, reply) },
    "/config/*": {
      GET: (request, reply) => reply(config.read(request)),
      PUT: (request, reply) => reply(config.write(request)),
    },
    "/metrics": { GET: (_, reply) => reply(showMetrics(context)) },
    ...debugRoutes(context.host),
  };
}

/** Publishes when the topic, if there is one, has ids. */
function publish(
  context: NsqdHttpContext,
  request: RoutedRequest,
  act: (context: NsqdHttpContext, request: RoutedRequest) => HttpResponse,
  reply: (response: HttpResponse) => void,
): void {
  const idWait = context.admin.topic(request.query?.get("topic") ?? "")?.idWait;
  if (idWait?.isOver === false) idWait.whenOver(() => publish(context, request, act, reply));
  else whenStarted(context, request, act(context, request), reply);
}

/** Replies when the topic, which may be new, has the channels that it has elsewhere (nsqd-semantics §1.1). */
function whenStarted(
  { admin }: NsqdHttpContext,
  { query }: RoutedRequest,
  response: HttpResponse,
  reply: (response: HttpResponse) => void,
): void {
  const topic = admin.topic(query?.get("topic") ?? "");
  if (topic === undefined) reply(response);
  else topic.whenStarted(() => reply(response));
}

function ping({ admin }: NsqdHttpContext): HttpResponse {
  const health = admin.health();
  return plain(health === "OK" ? 200 : 500, health);
}

function info(context: NsqdHttpContext): HttpResponse {
  const { options } = context.admin;
  const { tcpAddress, httpAddress } = context.addresses();
  return json({
    version: options.version,
    broadcast_address: broadcastAddress(context),
    hostname: context.host.name,
    http_port: portOf(httpAddress),
    tcp_port: portOf(tcpAddress),
    start_time: context.admin.stats({ includeClients: false }).start_time,
    max_heartbeat_interval: options.maxHeartbeatInterval * 1000,
    max_output_buffer_size: options.maxOutputBufferSize,
    max_output_buffer_timeout: options.maxOutputBufferTimeout * 1000,
    max_deflate_level: options.maxDeflateLevel,
    topology_zone: options.topologyZone,
    topology_region: options.topologyRegion,
  });
}
