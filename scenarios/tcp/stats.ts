import type { Gauges, GaugeVisitor, NsqdStats } from "../../core/nsqd/stats.ts";

const LIMIT_MS = 2_000;

/** What an nsqd says about itself over HTTP, or null when it does not answer. Any nsqd will do. */
export async function fetchStats(httpAddress: string): Promise<NsqdStats | null> {
  try {
    const response = await fetch(`http://${httpAddress}/stats?format=json&include_clients=false`, {
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    return response.status === 200 ? ((await response.json()) as NsqdStats) : null;
  } catch {
    return null;
  }
}

/** The same numbers as gauges, topic by topic; only of the given topics. */
export function visitGauges(stats: NsqdStats, topics: ReadonlySet<string>, visit: GaugeVisitor): void {
  for (const topic of stats.topics ?? []) {
    if (!topics.has(topic.topic_name)) continue;
    visit(topic.topic_name, null, { ...NONE, depth: topic.depth, messages: topic.message_count });
    for (const channel of topic.channels) {
      const gauges: Gauges = {
        depth: channel.depth,
        inFlight: channel.in_flight_count,
        deferred: channel.deferred_count,
        messages: channel.message_count,
        requeues: channel.requeue_count,
        timeouts: channel.timeout_count,
        clients: channel.client_count,
      };
      visit(topic.topic_name, channel.channel_name, gauges);
    }
  }
}

const NONE: Gauges = { depth: 0, inFlight: 0, deferred: 0, messages: 0, requeues: 0, timeouts: 0, clients: 0 };
