import type { Benchmark, Measure, Prepared } from "./benchmark.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { type Generator, startGenerator } from "./load/generator.ts";
import type { Job, PublishJob } from "./load/job.ts";
import type { Program } from "./program.ts";
import { quantile } from "./statistics.ts";

export const BODY_BYTES = 200;
/** Larger than any backlog here: these benchmarks stay in memory. */
export const MEMORY_FLAGS = ["--mem-queue-size=4000000"];
/** nsqd's default: nearly everything goes to disk. */
export const DISK_FLAGS = ["--mem-queue-size=10000"];

interface Site {
  readonly daemon: Daemon;
  readonly generator: Generator;
}

/** A benchmark of one broker and one load generator; each run has a topic of its own, deleted afterwards. */
function overTcp(
  name: string,
  flags: readonly string[],
  measures: readonly Measure[],
  once: (site: Site, topic: string) => Promise<readonly number[]>,
): Benchmark {
  return {
    name,
    overTcp: true,
    measures,
    async prepare(program: Program): Promise<Prepared> {
      const daemon = await startDaemon(program, flags);
      const generator = startGenerator();
      let runs = 0;
      const run = async (): Promise<readonly number[]> => {
        runs += 1;
        const topic = `bench_${runs}`;
        await daemon.post(`/topic/create?topic=${topic}`);
        const values = await once({ daemon, generator }, topic);
        await daemon.post(`/topic/delete?topic=${topic}`);
        return values;
      };
      const done = async (): Promise<void> => {
        generator.stop();
        await daemon.stop();
      };
      try {
        // The first run warms up both processes and is not counted.
        await run();
      } catch (error) {
        await done();
        throw error;
      }
      return { run, done };
    },
  };
}

/** The goal for processor time: what a broker that keeps one core busy has for a message at that rate. */
function rate(about: string, goal: number): Measure[] {
  return [
    { name: "rate", about, unit: "msg/s", better: "more", goal },
    { name: "cpu", about: "processor time of the broker for it", unit: "µs/msg", better: "less", goal: 1e6 / goal },
  ];
}

/** Lets the broker perform one job: messages per second, and its processor time for each. */
async function timed({ daemon, generator }: Site, job: Job): Promise<readonly number[]> {
  const before = await daemon.processorUs();
  const { messages, elapsedUs } = await generator.perform(job);
  return [(messages / elapsedUs) * 1e6, ((await daemon.processorUs()) - before) / messages];
}

type Shape = Pick<PublishJob, "connections" | "window" | "batch" | "count" | "limitMs">;

const MPUBS: Shape = { connections: 1, window: 4, batch: 200, count: 2_000_000, limitMs: 3_000 };

function publishing(
  name: string,
  about: string,
  goal: number,
  shape: Shape,
  flags: readonly string[] = MEMORY_FLAGS,
): Benchmark {
  const benchmark = overTcp(name, flags, rate(about, goal), (site, topic) =>
    timed(site, { kind: "publish", port: site.daemon.tcpPort, topic, bodyBytes: BODY_BYTES, ...shape }),
  );
  return { ...benchmark, canEcho: true };
}

const CONSUMED = 1_000_000;

function consuming(name: string, about: string, goal: number, flags: readonly string[]): Benchmark {
  return overTcp(name, flags, rate(about, goal), async (site, topic) => {
    const port = site.daemon.tcpPort;
    await site.daemon.post(`/channel/create?topic=${topic}&channel=ch`);
    const fill = { ...MPUBS, count: CONSUMED, limitMs: 30_000 };
    await site.generator.perform({ kind: "publish", port, topic, bodyBytes: BODY_BYTES, ...fill });
    return timed(site, { kind: "consume", port, topic, channel: "ch", rdy: 2500, count: CONSUMED });
  });
}

const throughput: Benchmark = overTcp(
  "end-to-end",
  MEMORY_FLAGS,
  rate("MPUB of 200, 4 in the pipe, and at the same time a consumer, RDY 2500", 568_000),
  (site, topic) =>
    timed(site, {
      kind: "end-to-end",
      port: site.daemon.tcpPort,
      topic,
      channel: "ch",
      rdy: 2500,
      bodyBytes: BODY_BYTES,
      ...MPUBS,
      count: CONSUMED,
      limitMs: 30_000,
    }),
);

function posting(name: string, about: string, goal: number, lines: number, count: number): Benchmark {
  return overTcp(name, MEMORY_FLAGS, rate(about, goal), (site, topic) => {
    const shape = { connections: 16, lines, bodyBytes: BODY_BYTES, count, limitMs: 3_000 };
    return timed(site, { kind: "http", port: site.daemon.httpPort, topic, ...shape });
  });
}

const waiting: Benchmark = overTcp(
  "latency",
  MEMORY_FLAGS,
  [
    { name: "p50", about: "publish to deliver, idle broker, RDY 1", unit: "µs", better: "less", goal: 76 },
    { name: "p99", about: "publish to deliver, idle broker, RDY 1", unit: "µs", better: "less", goal: 194 },
  ],
  async ({ daemon, generator }, topic) => {
    const result = await generator.perform({
      kind: "latency",
      port: daemon.tcpPort,
      topic,
      channel: "ch",
      bodyBytes: BODY_BYTES,
      count: 1000,
    });
    const samples = result.samplesUs ?? [];
    return [quantile(samples, 0.5), quantile(samples, 0.99)];
  },
);

/** Goals: what a Go nsqd did on a machine with two cores, times how much faster we want to be. */
export const TCP_BENCHMARKS: readonly Benchmark[] = [
  publishing("mpub", "MPUB of 200 messages, 4 in the pipe", 2_085_000, MPUBS),
  publishing("pub", "PUB, one connection, 100 in the pipe", 417_000, {
    connections: 1,
    window: 100,
    batch: 1,
    count: 1_000_000,
    limitMs: 3_000,
  }),
  publishing("connections", "64 connections, one PUB in flight on each", 111_000, {
    connections: 64,
    window: 1,
    batch: 1,
    count: 250_000,
    limitMs: 3_000,
  }),
  publishing("ping-pong", "one connection, one PUB in flight", 21_000, {
    connections: 1,
    window: 1,
    batch: 1,
    count: 50_000,
    limitMs: 3_000,
  }),
  publishing("spill", "MPUB of 200 messages, 4 in the pipe, all but 10,000 to disk", 732_000, MPUBS, DISK_FLAGS),
  consuming("consume", "one connection, RDY 2500, FIN at once, 1 M messages waiting", 892_000, MEMORY_FLAGS),
  consuming("consume-disk", "the same, all but 10,000 of them on disk", 562_000, DISK_FLAGS),
  throughput,
  posting("http-pub", "POST /pub, 16 keep-alive connections", 60_000, 1, 150_000),
  posting("http-mpub", "POST /mpub of 100 lines, 16 keep-alive connections", 1_290_000, 100, 2_000_000),
  { ...waiting, canEcho: true },
];
