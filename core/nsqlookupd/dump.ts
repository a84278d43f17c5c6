import type { HttpResponse } from "../host.ts";
import { goJson, json } from "../nsqd/http/answer.ts";
import type { Micros } from "../time.ts";
import type { Registration } from "./producer.ts";
import type { Registry, Registrations } from "./registry.ts";

/** Go's zero time in nanoseconds, as it overflows: what stands for "never tombstoned". */
const NEVER = "-6795364578871345152";

/** GET /debug: every key that somebody is registered under, as `category:key:subkey` (nsqd-http §4). */
export function dump(registry: Registry): HttpResponse {
  const keys: string[] = [];
  const add = (key: string, registrations: Iterable<Registration>): void => {
    const entries = [...registrations].map(entryJson);
    if (entries.length > 0) keys.push(`${goJson(key)}:[${entries.join(",")}]`);
  };
  add("client::", identified(registry));
  for (const topic of registry.topics()) add(`topic:${topic}:`, registry.producers(topic).values());
  registry.visitChannels((topic: string, channel: string, registrations: Registrations) =>
    add(`channel:${topic}:${channel}`, registrations.values()),
  );
  return { ...json({}), body: `{${keys.join(",")}}` };
}

function* identified(registry: Registry): Iterable<Registration> {
  for (const peer of registry.peers()) yield { peer, tombstone: null };
}

/** Written by hand: times in nanoseconds are beyond the integers of JSON.stringify. */
function entryJson({ peer, tombstone }: Registration): string {
  const { info } = peer;
  const fields: Readonly<Record<string, string>> = {
    broadcast_address: goJson(info.broadcastAddress),
    hostname: goJson(info.hostname),
    http_port: goJson(info.httpPort),
    id: goJson(info.remoteAddress),
    last_update: nanoseconds(peer.heardAtWall),
    tcp_port: goJson(info.tcpPort),
    tombstoned: goJson(tombstone !== null),
    tombstoned_at: tombstone === null ? NEVER : nanoseconds(tombstone.atWall),
    topology_region: goJson(info.topologyRegion),
    topology_zone: goJson(info.topologyZone),
    version: goJson(info.version),
  };
  return `{${Object.entries(fields)
    .map(([name, value]) => `"${name}":${value}`)
    .join(",")}}`;
}

function nanoseconds(time: Micros): string {
  return `${time}000`;
}
