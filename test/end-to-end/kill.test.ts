/**
 * kill -9 of a daemon under load, at random moments, over real files. With `--mem-queue-size=0` everything accepted is on
 * disk before its OK, so that only what a consumer had in hand may be lost, and only what had been taken may come again.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { type Consumer, createConsumer, createProducer, type Producer } from "../../core/node/client.ts";
import { randomStream } from "../../core/random.ts";
import { bundleDaemon, Daemon } from "../daemon.ts";

/** More of them: NSQLAB_KILLS=200. */
const KILLS = Number(process.env["NSQLAB_KILLS"] ?? 6);
const TIME_LIMIT_MS = 60_000 + KILLS * 2_000;
const TOPIC = "work";
const BATCH = 25;
const IN_FLIGHT = 40;

const folder = mkdtempSync(path.join(os.tmpdir(), "nsqlab-kill-"));
const program = bundleDaemon(folder);

afterAll(() => rmSync(folder, { recursive: true }));

/** The body of a message: its number, and as much after it as the number says. */
function body(number: number): string {
  return `${number} ${"abcdefghij".repeat((number * 7) % 31)}`;
}

/** Everything that was published and everything that came out. */
class Books {
  next = 1;
  readonly accepted = new Set<number>();
  readonly received = new Set<number>();

  take(text: string): void {
    const number = Number.parseInt(text, 10);
    expect(text).toBe(body(number));
    expect(number).toBeLessThan(this.next);
    this.received.add(number);
  }

  get missing(): number[] {
    return [...this.accepted].filter((number) => !this.received.has(number));
  }
}

async function publishUntilItFails(producer: Producer, books: Books): Promise<void> {
  for (;;) {
    const numbers = Array.from({ length: BATCH }, (_, index) => books.next + index);
    books.next += BATCH;
    try {
      await producer.publishMany(
        TOPIC,
        numbers.map((number) => body(number)),
      );
    } catch {
      return;
    }
    for (const number of numbers) books.accepted.add(number);
  }
}

function consume(address: string, books: Books): Consumer {
  const options = { topic: TOPIC, channel: "c", maxInFlight: IN_FLIGHT, maxAttempts: 0, onError: () => {} };
  const consumer = createConsumer({ ...options, addresses: [address] });
  void consumer.run((message) => books.take(message.text));
  return consumer;
}

test(
  `${KILLS} times: nothing accepted is lost but what was in flight, nothing is invented, it always starts again`,
  async () => {
    const random = randomStream(process.env["NSQLAB_SEED"] ?? 11, "kill");
    const dataPath = await mkdtemp(path.join(folder, "data-"));
    const flags = ["--mem-queue-size=0", "--max-bytes-per-file=20000", "--sync-every=200", "--sync-timeout=50ms"];
    const args = ["--tcp-address=127.0.0.1:0", "--http-address=127.0.0.1:0", `--data-path=${dataPath}`, ...flags];
    const books = new Books();
    for (let kill = 0; kill < KILLS; kill += 1) {
      const daemon = new Daemon(program, args, folder);
      const { tcp } = await daemon.serving();
      const consumer = kill % 3 === 0 ? null : consume(tcp, books);
      const producer = createProducer({ address: tcp });
      const publishing = publishUntilItFails(producer, books);
      await new Promise((resolve) => setTimeout(resolve, random.integer(5, 150)));
      daemon.signal("SIGKILL");
      await daemon.exited;
      await publishing;
      await Promise.all([producer.close(), consumer?.close()]);
      expect(daemon.output).not.toMatch(/ERROR/);
    }
    const daemon = new Daemon(program, args, folder);
    const { tcp, http } = await daemon.serving();
    const consumer = consume(tcp, books);
    const held = async (): Promise<number> => {
      const response = await fetch(`http://${http}/stats?format=json`);
      const { topics } = (await response.json()) as {
        topics: { depth: number; channels: { depth: number; in_flight_count: number }[] }[];
      };
      return topics
        .flatMap(({ depth, channels }) => [
          depth,
          ...channels.map((channel) => channel.depth + channel.in_flight_count),
        ])
        .reduce((sum, count) => sum + count, 0);
    };
    while ((await held()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await consumer.close();
    daemon.signal("SIGTERM");
    expect(await daemon.exited).toBe(0);
    expect(books.accepted.size).toBeGreaterThan(0);
    // What was sent to a consumer is no longer on disk, and may have been lost on the way.
    expect(books.missing.length).toBeLessThanOrEqual(KILLS * IN_FLIGHT);
    expect(readdirSync(dataPath).filter((name) => name.endsWith(".bad"))).toEqual([]);
    expect(daemon.output).not.toMatch(/ERROR/);
  },
  TIME_LIMIT_MS,
);
