/** Half of what is possible, for long, with consumers that break down and come back: every message is accounted for. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { randomStream } from "../../core/random.ts";
import { Books } from "./books.ts";
import { Consumer, Publisher } from "./load.ts";
import { pause } from "./neighbours.ts";
import { Served } from "./served.ts";

/** SOAK_SECONDS=600 for the whole of it. */
const SECONDS = Number(process.env["SOAK_SECONDS"] ?? 1.5);
const CONSUMERS = 4;
/** Messages that may be under way between publisher and consumers. Memory is to stay, so queues must not grow. */
const WINDOW = 10_000;
const TICK_MS = 5;
const MEAN_LIFE_SECONDS = SECONDS < 60 ? 0.4 : 5;
/** What a lost consumer had comes again when its time is up: nothing is requeued for it (nsqd-semantics §2). */
const MSG_TIMEOUT = SECONDS < 60 ? "1s" : "10s";
/** Memory is looked at so often in all. */
const SAMPLES = 40;
/** Of the second half over the first, after a warm-up of a quarter: what garbage may do. */
const MOST_GROWTH = 24 * 1024 * 1024;

let served: Served;

beforeEach(async () => {
  served = await Served.start(["--mem-queue-size=1000000", `--msg-timeout=${MSG_TIMEOUT}`]);
});

afterEach(() => served.stop());

class Soak {
  readonly books = new Books();
  readonly publisher: Publisher;
  /** Connections that broke down. */
  breakdowns = 0;
  private readonly consumers: Consumer[] = [];
  private readonly random = randomStream(1, "soak");
  private readonly topic: string;
  private connections = 0;

  constructor(topic: string) {
    this.topic = topic;
    this.publisher = new Publisher(served.tcpPort, topic, this.books);
  }

  /** Puts a new consumer in the place of each that broke down; it lives for so many messages on average. */
  replaceConsumers(meanLife: number): void {
    for (let index = 0; index < CONSUMERS; index += 1) {
      const present = this.consumers[index];
      if (present !== undefined && !present.isDone) continue;
      if (present !== undefined) this.breakdowns += 1;
      const life = meanLife === Infinity ? Infinity : this.random.integer(1, Math.ceil(2 * meanLife));
      const number = this.connections;
      this.consumers[index] = new Consumer(served.tcpPort, this.topic, this.books, number, life, this.random);
      this.connections += 1;
    }
  }

  /** Publishes as fast as everything goes; messages a second. */
  async peak(seconds: number): Promise<number> {
    const began = performance.now();
    let elapsed = 0;
    for (; elapsed < seconds; elapsed = (performance.now() - began) / 1000) {
      this.replaceConsumers(Infinity);
      while (this.hasRoom()) this.publisher.publish();
      await pause(0);
    }
    return this.books.finished / elapsed;
  }

  /** Publishes so many messages a second; what the daemon's memory was meanwhile. */
  async run(rate: number, seconds: number): Promise<number[]> {
    const began = performance.now();
    const first = this.published;
    const memory: number[] = [];
    for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - began) / 1000) {
      this.replaceConsumers((rate / CONSUMERS) * MEAN_LIFE_SECONDS);
      const due = first + elapsed * rate;
      while (this.published < due && this.hasRoom()) this.publisher.publish();
      if (elapsed >= (memory.length / SAMPLES) * seconds) memory.push(served.resident);
      await pause(TICK_MS);
    }
    for (const consumer of this.consumers) consumer.breakDown();
    return memory;
  }

  private get published(): number {
    return this.books.accepted + this.publisher.open;
  }

  private hasRoom(): boolean {
    return this.published - this.books.finished < WINDOW;
  }

  /** What is under way arrives, at consumers that stay. */
  async finish(): Promise<void> {
    const until = performance.now() + 30_000;
    const isBusy = (): boolean => this.publisher.open > 0 || this.books.finished < this.books.accepted;
    while (isBusy() && performance.now() < until) {
      this.replaceConsumers(Infinity);
      await pause(TICK_MS);
    }
    await Promise.all(this.consumers.map((consumer) => consumer.close()));
    this.publisher.close();
    const failures = [this.publisher, ...this.consumers].map(({ failure }) => failure);
    expect(failures.filter((failure) => failure !== null)).toEqual([]);
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

test(
  "at half the peak, with consumers that break down: the books balance and the memory stays",
  async () => {
    const warm = new Soak("peak");
    const peak = await warm.peak(Math.min(5, SECONDS / 3));
    await warm.finish();
    expect(warm.books.faults).toEqual([]);

    const soak = new Soak("soak");
    const memory = await soak.run(peak / 2, SECONDS);
    await soak.finish();
    const { books } = soak;
    expect(books.faults).toEqual([]);
    expect(books.missing()).toBe(0);
    expect(books.finished).toBe(books.accepted);
    expect(soak.breakdowns).toBeGreaterThan(0);
    expect(books.repeated).toBeGreaterThan(0);

    const shown = JSON.parse(await served.ask("/stats?format=json&topic=soak")) as {
      topics: { message_count: number; depth: number; channels: object[] }[];
    };
    expect(shown.topics[0]).toMatchObject({ message_count: books.accepted, depth: 0 });
    expect(shown.topics[0]?.channels[0]).toMatchObject({ depth: 0, in_flight_count: 0, message_count: books.accepted });
    const [before, after] = [memory.slice(SAMPLES / 4, SAMPLES / 2), memory.slice((3 * SAMPLES) / 4)].map(median);
    const { breakdowns } = soak;
    console.info(
      JSON.stringify({ peak, rate: books.accepted / SECONDS, breakdowns, repeated: books.repeated, before, after }),
    );
    expect(after! - before!).toBeLessThan(MOST_GROWTH);
  },
  SECONDS * 2000 + 60_000,
);
