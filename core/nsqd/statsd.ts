import type { Host, HostError, MemoryFigures, Timer } from "../host.ts";
import { isEphemeral } from "../protocol/names.ts";
import { bytesOf, utf8 } from "../protocol/text.ts";
import { SECOND } from "../time.ts";
import type { NsqdOptions } from "./options.ts";
import type { ChannelStats, LatencyStats, NsqdStats, StatsFilter, TopicStats } from "./stats.ts";

/** Statistics of nsqd, as statsd lines (nsqd-http §3). Counters are differences to the push before. */
export class StatsdPusher {
  private readonly host: Host;
  private readonly options: NsqdOptions;
  private readonly read: (filter: StatsFilter) => NsqdStats;
  /** A byte string, as all lines are: names are ASCII. */
  private readonly prefix: string;
  private timers: Timer[] = [];
  private lastTopics = new Map<string, TopicStats>();
  private lastRuns = 0;
  private readonly failed = (error: HostError): void => {
    this.host.log("error", `STATSD: failed to send to ${this.options.statsdAddress} - ${error.message}`);
  };

  /** @param prefix of every name, as {@link statsdPrefix} makes it */
  constructor(host: Host, options: NsqdOptions, read: (filter: StatsFilter) => NsqdStats, prefix: string) {
    this.host = host;
    this.options = options;
    this.read = read;
    this.prefix = utf8(prefix);
  }

  /** The first push comes after one interval. */
  start(): void {
    this.later(this.host.now() + this.options.statsdInterval);
  }

  stop(): void {
    for (const timer of this.timers) timer.cancel();
    this.timers = [];
  }

  private later(at: number): void {
    this.timers = [this.host.timer(at, () => this.push(at))];
  }

  private push(at: number): void {
    const { host, options } = this;
    this.later(Math.max(host.now(), at + options.statsdInterval));
    const packets = packetsOf(this.lines(), options.statsdUdpPacketSize);
    host.log("info", `STATSD: pushing stats to ${options.statsdAddress}`);
    // As nsqd does, so that thousands of topics are not one burst that a UDP buffer cannot hold.
    const spread = Math.max(0, options.statsdInterval - SECOND);
    packets.forEach((packet, index) => {
      const send = (): void => host.sendDatagram?.(options.statsdAddress, packet, this.failed);
      if (index === 0) send();
      else this.timers.push(host.timer(host.now() + Math.floor((spread * index) / packets.length), send));
    });
  }

  private lines(): string[] {
    const { statsdExcludeEphemeral, statsdMemStats } = this.options;
    const lines: string[] = [];
    const topics = this.read({ includeClients: false }).topics ?? [];
    for (const topic of topics) {
      if (statsdExcludeEphemeral && isEphemeral(topic.topic_name)) continue;
      const last = this.lastTopics.get(topic.topic_name);
      lines.push(...topicLines(topic, last));
      const lastChannels = new Map(last?.channels.map((channel) => [channel.channel_name, channel]));
      for (const channel of topic.channels) {
        if (statsdExcludeEphemeral && isEphemeral(channel.channel_name)) continue;
        lines.push(...channelLines(topic.topic_name, channel, lastChannels.get(channel.channel_name)));
      }
    }
    this.lastTopics = new Map(topics.map((topic) => [topic.topic_name, topic]));
    const memory = statsdMemStats ? this.host.memory?.() : undefined;
    if (memory !== undefined) lines.push(...this.memoryLines(memory));
    return lines.map((line) => this.prefix + line);
  }

  private memoryLines({ gc_total_runs: runs, ...levels }: MemoryFigures): string[] {
    const lines = Object.entries(levels).map(([name, value]) => `mem.${name}:${value}|g`);
    lines.push(`mem.gc_runs:${runs - this.lastRuns}|c`);
    this.lastRuns = runs;
    return lines;
  }
}

/**
 * What every name begins with: in `--statsd-prefix`, `%s` stands for the address that clients are told, with `_` for `.`
 * and `:`; a final `.` is added if missing.
 *
 * @param address `broadcast_address:http_port`
 */
export function statsdPrefix(options: NsqdOptions, address: string): string {
  const prefix = options.statsdPrefix.replaceAll("%s", () => address.replaceAll(/[.:]/g, "_"));
  return prefix === "" || prefix.endsWith(".") ? prefix : `${prefix}.`;
}

function topicLines(topic: TopicStats, last: TopicStats | undefined): string[] {
  const name = `topic.${topic.topic_name}`;
  return [
    `${name}.message_count:${topic.message_count - (last?.message_count ?? 0)}|c`,
    `${name}.message_bytes:${topic.message_bytes - (last?.message_bytes ?? 0)}|c`,
    `${name}.depth:${topic.depth}|g`,
    `${name}.backend_depth:${topic.backend_depth}|g`,
    ...latencyLines(name, topic.e2e_processing_latency),
  ];
}

function channelLines(topic: string, channel: ChannelStats, last: ChannelStats | undefined): string[] {
  const name = `topic.${topic}.channel.${channel.channel_name}`;
  return [
    `${name}.message_count:${channel.message_count - (last?.message_count ?? 0)}|c`,
    `${name}.depth:${channel.depth}|g`,
    `${name}.backend_depth:${channel.backend_depth}|g`,
    `${name}.in_flight_count:${channel.in_flight_count}|g`,
    `${name}.deferred_count:${channel.deferred_count}|g`,
    `${name}.requeue_count:${channel.requeue_count - (last?.requeue_count ?? 0)}|c`,
    `${name}.timeout_count:${channel.timeout_count - (last?.timeout_count ?? 0)}|c`,
    `${name}.clients:${channel.client_count}|g`,
    ...latencyLines(name, channel.e2e_processing_latency),
  ];
}

function latencyLines(name: string, { percentiles }: LatencyStats): string[] {
  return (percentiles ?? []).map(
    ({ quantile, value }) => `${name}.e2e_processing_latency_${(quantile * 100).toFixed(0)}:${Math.trunc(value)}|g`,
  );
}

/** As many lines to a packet as fit; a line that is longer by itself gets one of its own. */
function packetsOf(lines: readonly string[], largestBytes: number): Uint8Array[] {
  const packets: Uint8Array[] = [];
  let text = "";
  for (const line of lines) {
    const joined = text === "" ? line : `${text}\n${line}`;
    if (text !== "" && joined.length > largestBytes) {
      packets.push(bytesOf(text));
      text = line;
    } else {
      text = joined;
    }
  }
  if (text !== "") packets.push(bytesOf(text));
  return packets;
}
