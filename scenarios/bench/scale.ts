import { setTimeout as sleep } from "node:timers/promises";
import type { Benchmark, Measure } from "./benchmark.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { type Generator, startGenerator } from "./load/generator.ts";
import type { PublishJob } from "./load/job.ts";
import type { Program } from "./program.ts";
import { BODY_BYTES } from "./tcp.ts";

/** How long the broker may take to hand the messages of a topic to its channels. */
const HAND_ON_LIMIT_MS = 30_000;
const RETRY_MS = 20;

const FEW_CHANNELS = 100;
const MANY_CHANNELS = 1_000;
const COPIES = 2_000_000;
const ELSEWHERE_MESSAGES = 400_000;

const FEW_TOPICS = 100;
const MANY_TOPICS = 10_000;
const PUBLISHED = 300_000;

/** A daemon and a generator of its own for every run: what was there before must not count. */
function scale(
  name: string,
  measures: readonly Measure[],
  once: (site: Site) => Promise<readonly number[]>,
): Benchmark {
  return {
    name,
    overTcp: true,
    measures,
    prepare: (program) => Promise.resolve({ run: () => within(program, once), done: () => Promise.resolve() }),
  };
}

async function within(program: Program, once: (site: Site) => Promise<readonly number[]>): Promise<readonly number[]> {
  // nsqd reserves memory for so many messages in each queue.
  const daemon = await startDaemon(program, ["--mem-queue-size=20000"]);
  const generator = startGenerator();
  try {
    return await once(new Site(daemon, generator));
  } finally {
    generator.stop();
    await daemon.stop();
  }
}

class Site {
  readonly daemon: Daemon;
  private readonly generator: Generator;

  constructor(daemon: Daemon, generator: Generator) {
    this.daemon = daemon;
    this.generator = generator;
  }

  /** Creates a topic with channels `ch1`, `ch2`, … */
  async create(topic: string, channels: number): Promise<void> {
    await this.daemon.post(`/topic/create?topic=${topic}`);
    for (let channel = 1; channel <= channels; channel += 1)
      await this.daemon.post(`/channel/create?topic=${topic}&channel=ch${channel}`);
  }

  async publish(topic: string, count: number, shape: Partial<PublishJob> = {}): Promise<void> {
    const job = { connections: 1, window: 4, batch: 200, bodyBytes: BODY_BYTES, limitMs: 60_000, ...shape };
    const { messages } = await this.generator.perform({
      kind: "publish",
      port: this.daemon.tcpPort,
      topic,
      count,
      ...job,
    });
    if (messages !== count) throw new Error(`only ${messages} messages of ${count} were published in time`);
  }

  /** Processor microseconds of the broker for messages that have arrived in the topic's last channel. */
  async costOfFanOut(topic: string, channels: number, count: number): Promise<number> {
    const { daemon } = this;
    const last = `ch${channels}`;
    const wanted = (await daemon.depth(topic, last)) + count;
    const before = await daemon.processorUs();
    await this.publish(topic, count);
    const endMs = performance.now() + HAND_ON_LIMIT_MS;
    while ((await daemon.depth(topic, last)) < wanted) {
      if (performance.now() > endMs) throw new Error(`channel ${last} did not get its messages in time`);
      await sleep(RETRY_MS);
    }
    return (await daemon.processorUs()) - before;
  }
}

/** Copies of messages, first in a hundred channels, then in a thousand, and messages on a topic beside them. */
const channels: Benchmark = scale(
  "channels",
  [
    {
      name: "copy",
      about: "processor time for a message in each of 1,000 channels",
      unit: "ns",
      better: "less",
      goal: 500,
    },
    { name: "growth", about: "that, against 100 channels", unit: "×", better: "less", goal: 1.5 },
    {
      name: "beside",
      about: "cost of a message on another topic with one channel, against without",
      unit: "×",
      better: "less",
      goal: 1.5,
    },
  ],
  async (site) => {
    await site.create("beside", 1);
    await site.costOfFanOut("beside", 1, ELSEWHERE_MESSAGES);
    const alone = await site.costOfFanOut("beside", 1, ELSEWHERE_MESSAGES);
    await site.create("few", FEW_CHANNELS);
    const few = await site.costOfFanOut("few", FEW_CHANNELS, COPIES / FEW_CHANNELS);
    await site.create("many", MANY_CHANNELS);
    const many = await site.costOfFanOut("many", MANY_CHANNELS, COPIES / MANY_CHANNELS);
    const beside = await site.costOfFanOut("beside", 1, ELSEWHERE_MESSAGES);
    return [(many / COPIES) * 1000, many / few, beside / alone];
  },
);

/** The same number of messages to a hundred topics in turn, and to ten thousand. */
const topics: Benchmark = scale(
  "topics",
  [
    {
      name: "create",
      about: "processor time for the first PUB to each of 10,000 topics",
      unit: "µs",
      better: "less",
      goal: 200,
    },
    {
      name: "pub",
      about: "cost of a PUB to 10,000 topics in turn, against 100",
      unit: "×",
      better: "less",
      goal: 3,
    },
    { name: "memory", about: "resident memory of an empty topic among 10,000", unit: "kB", better: "less", goal: 20 },
  ],
  async (site) => {
    const { daemon } = site;
    const cost = async (topic: string, count: number, topics: number): Promise<number> => {
      const before = await daemon.processorUs();
      await site.publish(topic, count, { batch: 1, window: 100, topics });
      return ((await daemon.processorUs()) - before) / count;
    };
    await cost("few", PUBLISHED, FEW_TOPICS);
    const few = await cost("few", PUBLISHED, FEW_TOPICS);
    const idle = await daemon.residentBytes();
    const create = await cost("many", MANY_TOPICS, MANY_TOPICS);
    const memory = ((await daemon.residentBytes()) - idle) / MANY_TOPICS / 1000;
    const many = await cost("many", PUBLISHED, MANY_TOPICS);
    return [create, many / few, memory];
  },
);

export const SCALE_BENCHMARKS: readonly Benchmark[] = [channels, topics];
