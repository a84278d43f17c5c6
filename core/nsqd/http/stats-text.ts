import type { MemoryFigures } from "../../host.ts";
import { SECOND, type Micros } from "../../time.ts";
import { formatGoDuration } from "../duration.ts";
import type { ChannelStats, ClientStats, LatencyStats, NsqdStats, TopicStats } from "../stats.ts";

/** /stats for people: the text that nsqd prints, column for column (nsqd-http §2). `now` is the wall clock. */
export function statsText(stats: NsqdStats, memory: MemoryFigures | undefined, now: Micros): string {
  const lines = [
    `nsqd v${stats.version} (nsqlab)`,
    `start_time ${rfc3339(stats.start_time)}`,
    `uptime ${formatGoDuration(now - stats.start_time * SECOND)}`,
    "",
    `Health: ${stats.health}`,
  ];
  if (memory !== undefined) {
    lines.push("", "Memory:");
    for (const [name, value] of Object.entries(memory)) lines.push(`   ${name.padEnd(25)}\t${value}`);
  }
  const topics = stats.topics ?? [];
  lines.push("", topics.length === 0 ? "Topics: None" : "Topics:");
  topics.forEach((topic, index) => {
    if (index > 0) lines.push("");
    lines.push(...topicLines(topic, now));
  });
  const producers = stats.producers ?? [];
  lines.push("", producers.length === 0 ? "Producers: None" : "Producers:");
  for (const producer of producers) lines.push(`   ${clientLine(producer, now)}`);
  return `${lines.join("\n")}\n`;
}

function topicLines(topic: TopicStats, now: Micros): string[] {
  const columns = [
    `${topic.paused ? "*P " : "   "}[${topic.topic_name.padEnd(15)}]`,
    `depth: ${column(topic.depth, 5)}`,
    `be-depth: ${column(topic.backend_depth, 5)}`,
    `msgs: ${column(topic.message_count, 8)}`,
    `e2e%: ${latencies(topic.e2e_processing_latency)}`,
  ];
  return [columns.join(" "), ...topic.channels.flatMap((channel) => channelLines(channel, now))];
}

function channelLines(channel: ChannelStats, now: Micros): string[] {
  const columns = [
    `${channel.paused ? "   *P " : "      "}[${channel.channel_name.padEnd(25)}]`,
    `depth: ${column(channel.depth, 5)}`,
    `be-depth: ${column(channel.backend_depth, 5)}`,
    `inflt: ${column(channel.in_flight_count, 4)}`,
    `def: ${column(channel.deferred_count, 4)}`,
    `re-q: ${column(channel.requeue_count, 5)}`,
    `timeout: ${column(channel.timeout_count, 5)}`,
    `msgs: ${column(channel.message_count, 8)}`,
    `e2e%: ${latencies(channel.e2e_processing_latency)}`,
  ];
  const clients = (channel.clients ?? []).map((client) => `        ${clientLine(client, now)}`);
  return [columns.join(" "), ...clients];
}

function clientLine(client: ClientStats, now: Micros): string {
  const port = client.remote_address.slice(client.remote_address.lastIndexOf(":") + 1);
  const id = `${client.hostname}:${port} ${client.user_agent}`;
  const head = `[${client.version} ${id.padEnd(21)}]`;
  const seconds = Math.max(0, Math.floor(now / SECOND) - client.connect_ts);
  const connected = `connected: ${formatGoDuration(seconds * SECOND)}`;
  const counts = client.pub_counts ?? [];
  if (counts.length > 0) {
    const total = counts.reduce((sum, { count }) => sum + count, 0);
    const topics = counts.map(({ topic, count }) => `${topic}=${count}`).join(",");
    return `${head} msgs: ${column(total, 8)} topics: ${topics} ${connected}`;
  }
  const columns = [
    `${head} state: ${client.state}`,
    `inflt: ${column(client.in_flight_count, 4)}`,
    `rdy: ${column(client.ready_count, 4)}`,
    `fin: ${column(client.finish_count, 8)}`,
    `re-q: ${column(client.requeue_count, 8)}`,
    `msgs: ${column(client.message_count, 8)}`,
    connected,
  ];
  return columns.join(" ");
}

function column(value: number, width: number): string {
  return String(value).padEnd(width);
}

const LATENCY_UNITS = ["ns", "us", "ms", "s"] as const;

/** Nanoseconds with one decimal; the next unit begins above 1000. */
function latencies({ percentiles }: LatencyStats): string {
  const shown = (percentiles ?? []).map(({ value }) => {
    let amount = value;
    let unit = 0;
    while (amount > 1000 && unit < LATENCY_UNITS.length - 1) {
      amount /= 1000;
      unit++;
    }
    return `${amount.toFixed(1)}${LATENCY_UNITS[unit]}`;
  });
  return shown.join(", ");
}

const SECONDS_PER_DAY = 86_400;

/** Unix seconds as `2025-01-31T12:00:00Z`. */
function rfc3339(unixSeconds: number): string {
  const { year, month, day } = civilDate(Math.floor(unixSeconds / SECONDS_PER_DAY));
  const second = unixSeconds % SECONDS_PER_DAY;
  const time = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60];
  return `${year}-${two(month)}-${two(day)}T${time.map(two).join(":")}Z`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** The Gregorian date of a day counted from 1970-01-01; years are taken to begin in March, so that leap days come last. */
function civilDate(daysSinceEpoch: number): { year: number; month: number; day: number } {
  const days = daysSinceEpoch + 719_468;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}
