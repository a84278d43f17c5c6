/** `nsqlab/client` against a broker in this process, over TCP. */
import { setTimeout as sleep } from "node:timers/promises";
import { once } from "node:events";
import net from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import {
  ClientError,
  ConfigError,
  type Consumer,
  type ConsumerError,
  createConsumer,
  createProducer,
  type Message,
  type Producer,
  PublishError,
} from "../../../core/node/client.ts";
import { startServer, type Server } from "../../../core/node/server.ts";

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function broker(flags: Record<string, string | number> = {}): Promise<Server> {
  const server = await startServer({ flags });
  closers.push(() => server.close());
  return server;
}

function producerOf(server: Server): Producer {
  const producer = createProducer({ address: server.tcpAddress });
  closers.push(() => producer.close());
  return producer;
}

function consumerOf(server: Server, options: Partial<Parameters<typeof createConsumer>[0]> = {}): Consumer {
  // A message that comes alone waits for this in nsqd, 250 ms by default.
  const settings = { output_buffer_timeout: 25, ...options.settings };
  const consumer = createConsumer({ topic: "t", channel: "c", addresses: [server.tcpAddress], ...options, settings });
  closers.push(() => consumer.close());
  return consumer;
}

describe("publishing", () => {
  test("one, many and deferred arrive, text and bytes", async () => {
    const server = await broker();
    const producer = producerOf(server);
    await producer.ping();
    await producer.publish("t", "grüße");
    await producer.publishMany("t", ["two", Uint8Array.of(0, 255)]);
    const began = performance.now();
    await producer.publishDeferred("t", 60, "late");
    const consumer = consumerOf(server, { maxInFlight: 4 });
    const texts: string[] = [];
    for await (const message of consumer) {
      texts.push(message.text);
      expect(message).toMatchObject({ attempts: 1, address: server.tcpAddress, answered: false });
      expect(message.id).toMatch(/^[0-9a-f]{16}$/);
      expect(Math.abs(message.timestamp.getTime() - Date.now())).toBeLessThan(10_000);
      if (message.text === "late") break;
    }
    expect(performance.now() - began).toBeGreaterThanOrEqual(59);
    expect(texts.sort()).toEqual(["grüße", "late", "two", "\0\ufffd"].sort());
  });

  test("what nsqd refuses, what it never gets, and what may have been stored are told apart", async () => {
    const server = await broker({ "max-msg-size": 10 });
    const producer = producerOf(server);
    await producer.publish("t", "short");
    await expect(producer.publish("t", "x".repeat(11))).rejects.toMatchObject({
      name: "PublishError",
      outcome: "error",
      message: "E_BAD_MESSAGE PUB message too big 11 > 10",
    });
    await expect(producer.publish("t", "")).rejects.toMatchObject({ outcome: "error" });
    await producer.publish("t", "again");
    await producer.close();
    await expect(producer.publish("t", "x")).rejects.toMatchObject({ outcome: "not-sent" });
    const nowhere = createProducer({ address: "127.0.0.1:1" });
    await expect(nowhere.ping()).rejects.toBeInstanceOf(PublishError);
    await expect(nowhere.publish("t", "x")).rejects.toMatchObject({ outcome: "not-sent", message: "refused" });
  });

  test("a connection lost before the answer leaves the outcome unknown", async () => {
    const listener = net.createServer((socket) => {
      socket.once("data", () => {
        socket.write("\0\0\0\x06\0\0\0\0{}");
        socket.once("data", () => socket.destroy());
      });
    });
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    closers.push(() => new Promise((resolve) => listener.close(() => resolve())));
    const { port } = listener.address() as net.AddressInfo;
    const producer = createProducer({ address: `127.0.0.1:${port}` });
    await expect(producer.publish("t", "x")).rejects.toMatchObject({ outcome: "unknown" });
    await producer.close();
  });

  test("close waits for the publishes under way", async () => {
    const server = await broker();
    const producer = createProducer({ address: server.tcpAddress });
    const publishes = Array.from({ length: 200 }, (_, index) => producer.publish("t", `message ${index}`));
    await producer.close();
    await Promise.all(publishes);
    expect(server.stats().topics?.[0]).toMatchObject({ topic_name: "t", message_count: 200 });
  });
});

describe("run", () => {
  test("resolving finishes, rejecting requeues with backoff; errors are told", async () => {
    const server = await broker();
    const producer = producerOf(server);
    const errors: ConsumerError[] = [];
    const settings = { default_requeue_delay: 1, backoff_multiplier: 10 };
    const consumer = consumerOf(server, { maxInFlight: 3, settings, onError: (error) => errors.push(error) });
    const seen: string[] = [];
    const finished = new Promise<void>((resolve) => {
      void consumer.run(async (message) => {
        await sleep(1);
        seen.push(`${message.text} ${message.attempts}`);
        if (message.attempts === 1) throw new Error(`no luck with ${message.text}`);
        if (seen.length === 4) resolve();
      });
    });
    await producer.publishMany("t", ["a", "b"]);
    await finished;
    await consumer.close();
    expect(seen.sort()).toEqual(["a 1", "a 2", "b 1", "b 2"]);
    expect(errors.map(({ kind, message }) => `${kind}: ${message}`).sort()).toEqual([
      "handler: handler failed: no luck with a",
      "handler: handler failed: no luck with b",
    ]);
    expect(errors[0]!.handled).not.toBe(null);
    expect(consumer.stats()).toMatchObject({ received: 4, finished: 2, requeued: 2, handling: 0 });
    expect(() => consumer.run(() => {})).toThrow(ClientError);
  });

  test("a failing handler that nobody asked to hear of is a process warning", async () => {
    const server = await broker();
    await producerOf(server).publish("t", "x");
    const warning = once(process, "warning") as Promise<[ConsumerError]>;
    void consumerOf(server).run(() => {
      throw new Error("no luck");
    });
    expect((await warning)[0]).toMatchObject({
      name: "ConsumerError",
      kind: "handler",
      message: "handler failed: no luck",
    });
  });

  test("no more handlers at a time than `concurrency`; close waits for them", async () => {
    const server = await broker();
    await producerOf(server).publishMany(
      "t",
      Array.from({ length: 12 }, (_, index) => `${index}`),
    );
    const consumer = consumerOf(server, { maxInFlight: 12, concurrency: 3 });
    let running = 0;
    let most = 0;
    let done = 0;
    const started = new Promise<void>((resolve) => {
      void consumer.run(async () => {
        running += 1;
        most = Math.max(most, running);
        await sleep(5);
        running -= 1;
        done += 1;
        if (done === 2) resolve();
      });
    });
    await started;
    await consumer.close();
    expect(most).toBe(3);
    expect(done).toBe(12);
    expect(consumer.stats()).toMatchObject({ finished: 12, requeued: 0 });
  });

  test("given up: finished without the handler, after the hook", async () => {
    const server = await broker();
    await producerOf(server).publish("t", "poison");
    let told: (text: string) => void;
    const gaveUp = new Promise<string>((resolve) => (told = resolve));
    const consumer = consumerOf(server, {
      maxAttempts: 2,
      onGiveUp: (message) => told(`${message.text} ${message.attempts}`),
    });
    void consumer.run((message: Message) => message.requeue(0, { backoff: false }));
    expect(await gaveUp).toBe("poison 3");
  });
});

describe("for await", () => {
  test("asking for the next message finishes the one before; break gives it back", async () => {
    const server = await broker();
    await producerOf(server).publishMany("t", ["1", "2", "3"]);
    const consumer = consumerOf(server, { maxInFlight: 3 });
    const first: string[] = [];
    for await (const message of consumer) {
      first.push(message.text);
      if (first.length === 2) break;
    }
    expect(consumer.stats()).toMatchObject({ finished: 1, requeued: 2, handling: 0, rdy: 0 });
    const rest: string[] = [];
    for await (const message of consumer) {
      rest.push(`${message.text} ${message.attempts}`);
      message.finish();
      if (rest.length === 2) break;
    }
    expect(rest.sort()).toEqual(["2 2", "3 2"]);
  });

  test("loops share the messages, and end when the consumer is closed", async () => {
    const server = await broker();
    const producer = producerOf(server);
    const abort = new AbortController();
    const consumer = consumerOf(server, { maxInFlight: 10, signal: abort.signal });
    const seen = new Set<string>();
    const loops = [1, 2, 3].map(async () => {
      for await (const message of consumer) {
        seen.add(message.text);
        await sleep(1);
        if (seen.size === 20) abort.abort();
      }
    });
    await producer.publishMany(
      "t",
      Array.from({ length: 20 }, (_, index) => `${index}`),
    );
    await Promise.all(loops);
    expect(seen.size).toBe(20);
    expect(consumer.stats().connections).toBe(0);
    for await (const message of consumer) throw new Error(`a closed consumer has no ${message.text}`);
  });

  test("an error in the loop's body gives the message back and comes through", async () => {
    const server = await broker();
    await producerOf(server).publish("t", "x");
    const consumer = consumerOf(server);
    const loop = async (): Promise<void> => {
      for await (const message of consumer) throw new Error(`cannot take ${message.text}`);
    };
    await expect(loop()).rejects.toThrow("cannot take x");
    expect(consumer.stats()).toMatchObject({ requeued: 1, handling: 0 });
  });
});

const make = (options: Partial<Parameters<typeof createConsumer>[0]>) => (): Consumer =>
  createConsumer({ topic: "t", channel: "c", addresses: [], ...options });

test("settings, addresses and names are checked before anything is opened", () => {
  expect(make({ addresses: ["localhost"] })).toThrow('an address is host:port, not "localhost"');
  expect(make({ addresses: ["a:99999"] })).toThrow(ClientError);
  expect(make({ topic: "no spaces" })).toThrow('topic name "no spaces" is not valid');
  expect(make({ settings: { max_inflight: 3 } })).toThrow(ConfigError);
  expect(() => createProducer({ address: "x" })).toThrow(ClientError);
});

test("a broker that appears later is found; one that goes away is missed and found again", async () => {
  const first = await startServer();
  const { tcpAddress } = first;
  const errors: string[] = [];
  const settings = { lookupd_poll_interval: 20, dial_timeout: 200 };
  const consumer = createConsumer({
    topic: "t",
    channel: "c",
    addresses: [tcpAddress],
    settings,
    onError: ({ kind, message }) => errors.push(`${kind}: ${message}`),
  });
  closers.push(() => consumer.close());
  const seen: string[] = [];
  const running = consumer.run((message) => void seen.push(message.text));
  const producer = createProducer({ address: tcpAddress });
  closers.push(() => producer.close());
  await producer.publish("t", "before");
  while (seen.length < 1) await sleep(2);
  await first.close();
  while (errors.length < 2) await sleep(2);
  expect(errors[0]).toBe("connection: connection lost: closed by nsqd");
  expect(errors[1]).toBe("connection: cannot connect: refused");
  await broker({ "tcp-address": tcpAddress });
  await producer.publish("t", "after");
  while (seen.length < 2) await sleep(2);
  expect(seen).toEqual(["before", "after"]);
  await consumer.close();
  await running;
});
