import type { HttpResponse, RuntimeFigures } from "../../host.ts";
import type { LatencyStats, NsqdStats, TopicStats } from "../stats.ts";
import type { NsqdHttpContext } from "./context.ts";
import { type Labels, PrometheusText } from "./prometheus.ts";

const FAMILIES: readonly (readonly [name: string, type: "counter" | "gauge", help: string])[] = [
  ["nsqd_info", "gauge", "Always 1; the version is a label."],
  ["nsqd_healthy", "gauge", "1 while the latest write of any disk queue worked, else 0."],
  ["nsqd_start_time_seconds", "gauge", "When nsqd started, in Unix seconds."],
  ["nsqd_connections", "gauge", "Open TCP connections of clients."],
  ["nsqd_topic_messages_total", "counter", "Messages published to the topic."],
  ["nsqd_topic_message_bytes_total", "counter", "Bytes of the bodies of these messages."],
  ["nsqd_topic_depth", "gauge", "Messages in the topic's own queue, in memory and on disk."],
  ["nsqd_topic_backend_depth", "gauge", "Messages in the topic's own queue on disk."],
  ["nsqd_topic_paused", "gauge", "1 while the topic is paused, else 0."],
  ["nsqd_topic_e2e_latency_seconds", "gauge", "Time from publish to FIN in the window, by quantile."],
  ["nsqd_channel_messages_total", "counter", "Messages put into the channel for the first time."],
  ["nsqd_channel_requeues_total", "counter", "REQ commands that worked."],
  ["nsqd_channel_timeouts_total", "counter", "Deliveries whose time ran out."],
  ["nsqd_channel_depth", "gauge", "Messages in the channel's queue, in memory and on disk."],
  ["nsqd_channel_backend_depth", "gauge", "Messages in the channel's queue on disk."],
  ["nsqd_channel_in_flight", "gauge", "Messages delivered and not answered."],
  ["nsqd_channel_deferred", "gauge", "Messages whose delay is not over."],
  ["nsqd_channel_clients", "gauge", "Clients subscribed to the channel."],
  ["nsqd_channel_paused", "gauge", "1 while the channel is paused, else 0."],
  ["nsqd_channel_e2e_latency_seconds", "gauge", "Time from publish to FIN in the window, by quantile."],
  ["nodejs_eventloop_lag_p50_seconds", "gauge", "How late the event loop was since the scrape before: the median."],
  [
    "nodejs_eventloop_lag_p99_seconds",
    "gauge",
    "How late the event loop was since the scrape before: 99th percentile.",
  ],
  ["nodejs_eventloop_lag_max_seconds", "gauge", "How late the event loop was since the scrape before, at most."],
  ["nodejs_heap_size_used_bytes", "gauge", "Heap of V8 that is in use."],
  ["process_cpu_seconds_total", "counter", "Processor time of the process, in user and system mode."],
  ["process_resident_memory_bytes", "gauge", "Memory of the process that is in RAM."],
  ["process_open_fds", "gauge", "Open file descriptors."],
];

const NS_PER_SECOND = 1e9;

/**
 * GET /metrics, for Prometheus. Not in nsqd. Names are a promise: they change only with a major version; those of the
 * process are the ones that Node programs commonly have, so that dashboards fit.
 *
 * The text is made of the statistics at each scrape; nothing is counted twice for it, so that what nobody scrapes costs
 * nothing. Counters of a topic or channel that was deleted and made anew start from 0, which Prometheus takes for a
 * restart.
 */
export function showMetrics({ admin, host }: NsqdHttpContext): HttpResponse {
  const text = new PrometheusText();
  for (const [name, type, help] of FAMILIES) text.family(name, type, help);
  const stats = admin.stats({ includeClients: false });
  addServer(text, stats);
  text.add("nsqd_connections", admin.connections);
  for (const topic of stats.topics ?? []) addTopic(text, topic);
  const runtime = host.runtime?.();
  if (runtime !== undefined) addRuntime(text, runtime);
  const headers = { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" };
  return { status: 200, headers, body: text.toString() };
}

function addServer(text: PrometheusText, { version, health, start_time }: NsqdStats): void {
  text.add("nsqd_info", 1, { version });
  text.add("nsqd_healthy", health === "OK" ? 1 : 0);
  text.add("nsqd_start_time_seconds", start_time);
}

function addTopic(text: PrometheusText, stats: TopicStats): void {
  const topic: Labels = { topic: stats.topic_name };
  text.add("nsqd_topic_messages_total", stats.message_count, topic);
  text.add("nsqd_topic_message_bytes_total", stats.message_bytes, topic);
  text.add("nsqd_topic_depth", stats.depth, topic);
  text.add("nsqd_topic_backend_depth", stats.backend_depth, topic);
  text.add("nsqd_topic_paused", Number(stats.paused), topic);
  addLatencies(text, "nsqd_topic_e2e_latency_seconds", stats.e2e_processing_latency, topic);
  for (const each of stats.channels) {
    const channel: Labels = { ...topic, channel: each.channel_name };
    text.add("nsqd_channel_messages_total", each.message_count, channel);
    text.add("nsqd_channel_requeues_total", each.requeue_count, channel);
    text.add("nsqd_channel_timeouts_total", each.timeout_count, channel);
    text.add("nsqd_channel_depth", each.depth, channel);
    text.add("nsqd_channel_backend_depth", each.backend_depth, channel);
    text.add("nsqd_channel_in_flight", each.in_flight_count, channel);
    text.add("nsqd_channel_deferred", each.deferred_count, channel);
    text.add("nsqd_channel_clients", each.client_count, channel);
    text.add("nsqd_channel_paused", Number(each.paused), channel);
    addLatencies(text, "nsqd_channel_e2e_latency_seconds", each.e2e_processing_latency, channel);
  }
}

function addLatencies(text: PrometheusText, name: string, { count, percentiles }: LatencyStats, labels: Labels): void {
  // Without a FIN there is no latency, not one of 0.
  if (count === 0) return;
  for (const { quantile, value } of percentiles ?? []) {
    text.add(name, value / NS_PER_SECOND, { ...labels, quantile: String(quantile) });
  }
}

function addRuntime(text: PrometheusText, runtime: RuntimeFigures): void {
  text.add("nodejs_eventloop_lag_p50_seconds", runtime.eventLoopLag.p50);
  text.add("nodejs_eventloop_lag_p99_seconds", runtime.eventLoopLag.p99);
  text.add("nodejs_eventloop_lag_max_seconds", runtime.eventLoopLag.max);
  text.add("nodejs_heap_size_used_bytes", runtime.heapUsedBytes);
  text.add("process_cpu_seconds_total", runtime.processorSeconds);
  text.add("process_resident_memory_bytes", runtime.residentBytes);
  if (runtime.openFiles !== null) text.add("process_open_fds", runtime.openFiles);
}
