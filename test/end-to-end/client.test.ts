/** Our client against our broker over TCP: what needs both of them and real time. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Consumer, createConsumer, createProducer, type Message, type Producer } from "../../core/node/client.ts";
import { startServer, type Server } from "../../core/node/server.ts";

const MSG_TIMEOUT_MS = 300;

let server: Server;
let producer: Producer;
let consumers: Consumer[] = [];

beforeEach(async () => {
  server = await startServer({ flags: { "msg-timeout": `${MSG_TIMEOUT_MS}ms` } });
  producer = createProducer({ address: server.tcpAddress });
});

afterEach(async () => {
  await Promise.all(consumers.map((consumer) => consumer.close()));
  consumers = [];
  await producer.close();
  await server.close();
});

interface Delivery {
  readonly text: string;
  readonly attempts: number;
  readonly id: string;
  readonly at: number;
}

/** Runs a handler on a channel; the deliveries in their order. */
function consume(channel: string, handler: (message: Message) => unknown, maxInFlight = 10): Delivery[] {
  const deliveries: Delivery[] = [];
  const settings = { output_buffer_timeout: "25ms", low_rdy_idle_timeout: "1s" };
  const addresses = [server.tcpAddress];
  const consumer = createConsumer({ topic: "t", channel, addresses, maxInFlight, settings, onError: () => {} });
  consumers.push(consumer);
  void consumer.run((message) => {
    const { text, attempts, id } = message;
    deliveries.push({ text, attempts, id, at: performance.now() });
    return handler(message);
  });
  return deliveries;
}

function sorted(deliveries: readonly Delivery[]): string[] {
  return deliveries.map(({ text }) => text).sort((a, b) => Number(a) - Number(b));
}

function channelStats(channel: string) {
  return server.stats({ topic: "t", channel }).topics?.[0]?.channels[0];
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error("it did not happen within 10 s");
    await pause(2);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test("a message requeued with a delay comes again after it", async () => {
  const deliveries = consume("c", (message) => {
    if (message.attempts === 1) message.requeue(100, { backoff: false });
  });
  await producer.publish("t", "again");
  await until(() => deliveries.length === 2);
  const [first, second] = deliveries;
  expect(second).toMatchObject({ text: "again", attempts: 2, id: first?.id });
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(100);
  await until(() => channelStats("c")?.in_flight_count === 0);
  expect(channelStats("c")).toMatchObject({ requeue_count: 1, timeout_count: 0, depth: 0, deferred_count: 0 });
});

test("a handler that takes too long: the message times out, and goes to somebody else", async () => {
  const slow = consume("c", () => pause(MSG_TIMEOUT_MS * 2), 1);
  await until(() => channelStats("c")?.client_count === 1);
  const published = performance.now();
  await producer.publish("t", "slow");
  await until(() => slow.length === 1);
  consumers[0]?.setMaxInFlight(0);
  const quick = consume("c", () => null);
  await until(() => quick.length === 1);
  expect(quick[0]).toMatchObject({ text: "slow", attempts: 2, id: slow[0]?.id });
  expect((quick[0]?.at ?? 0) - published).toBeGreaterThanOrEqual(MSG_TIMEOUT_MS);
  await until(() => channelStats("c")?.in_flight_count === 0);
  expect(channelStats("c")).toMatchObject({ timeout_count: 1, depth: 0 });
});

test("touching keeps a message beyond its timeout", async () => {
  const deliveries = consume("c", async (message) => {
    for (let round = 0; round < 8; round++) {
      await pause(MSG_TIMEOUT_MS / 4);
      message.touch();
    }
  });
  await producer.publish("t", "long");
  await until(() => deliveries.length > 0 && channelStats("c")?.in_flight_count === 0);
  expect(deliveries).toHaveLength(1);
  expect(channelStats("c")).toMatchObject({ timeout_count: 0, requeue_count: 0, depth: 0 });
});

test("consumers of a channel share, channels copy", async () => {
  const first = consume("shared", () => pause(1), 1);
  const second = consume("shared", () => pause(1), 1);
  const copy = consume("copy", () => null);
  await until(() => channelStats("shared")?.client_count === 2 && channelStats("copy")?.client_count === 1);
  const bodies = Array.from({ length: 100 }, (_, index) => String(index));
  await producer.publishMany("t", bodies);
  await until(() => first.length + second.length >= 100 && copy.length >= 100);
  expect(sorted([...first, ...second])).toEqual(bodies);
  expect(sorted(copy)).toEqual(bodies);
  expect(Math.min(first.length, second.length)).toBeGreaterThan(0);
});
