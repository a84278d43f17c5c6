/** npm's client, which we did not write, against our broker over TCP. */
import nsq from "nsqjs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startServer, type Server } from "../../core/node/server.ts";

const MSG_TIMEOUT_MS = 400;
const FLAGS = { "msg-timeout": `${MSG_TIMEOUT_MS}ms` };

let server: Server;
const closers: (() => void)[] = [];

beforeEach(async () => {
  server = await startServer({ flags: FLAGS });
});

afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await server.close();
});

async function openWriter(address = server.tcpAddress): Promise<nsq.Writer> {
  const [host = "", port] = address.split(":");
  const writer = new nsq.Writer(host, Number(port));
  await new Promise<void>((resolve, reject) => {
    writer.on("ready", resolve);
    writer.on("error", reject);
    writer.connect();
  });
  closers.push(() => writer.close());
  return writer;
}

function publish(writer: nsq.Writer, topic: string, bodies: string | string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    writer.publish(topic, bodies, (error) => (error ? reject(error) : resolve()));
  });
}

function deferPublish(writer: nsq.Writer, topic: string, body: string, delayMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    // It takes one message, but only in a list.
    writer.deferPublish(topic, [body], delayMs, (error) => (error ? reject(error) : resolve()));
  });
}

/** A reader, and what it was given: `answer` decides what becomes of each message. */
class Reading {
  readonly received: { body: string; attempts: number; id: string; at: number }[] = [];
  readonly reader: nsq.Reader;
  private readonly connected: Promise<void>;

  constructor(topic: string, channel: string, answer: (message: nsq.Message) => void, options: object = {}) {
    const nsqdTCPAddresses = server.tcpAddress;
    this.reader = new nsq.Reader(topic, channel, {
      nsqdTCPAddresses,
      maxInFlight: 10,
      outputBufferTimeout: 25,
      ...options,
    });
    this.reader.on("message", (message) => {
      const { body, attempts, id } = message;
      this.received.push({ body: body.toString(), attempts, id, at: performance.now() });
      answer(message);
    });
    // Connection errors are part of a restart; whatever matters shows in what is received.
    this.reader.on("error", () => {});
    this.connected = new Promise((resolve) => this.reader.on("nsqd_connected", () => resolve()));
    this.reader.connect();
    closers.push(() => this.reader.close());
  }

  /** Subscribed: the channel exists. */
  async ready(): Promise<this> {
    const { topic, channel } = this.reader as unknown as { topic: string; channel: string };
    await this.connected;
    await until(() => (findChannel(topic, channel)?.client_count ?? 0) > 0);
    return this;
  }

  get bodies(): string[] {
    return this.received.map(({ body }) => body);
  }

  async count(wanted: number): Promise<void> {
    await until(() => this.received.length >= wanted);
  }
}

function finish(message: nsq.Message): void {
  message.finish();
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error("it did not happen within 10 s");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function findChannel(topic: string, channel: string) {
  return server.stats({ topic, channel }).topics?.[0]?.channels[0];
}

function channelStats(topic: string, channel: string) {
  const found = findChannel(topic, channel);
  if (found === undefined) throw new Error(`no channel ${topic}/${channel}`);
  return found;
}

function byNumber(a: string, b: string): number {
  return Number(a) - Number(b);
}

describe("publishing", () => {
  test("single and multiple messages arrive whole, in the order of one connection", async () => {
    const writer = await openWriter();
    const reading = await new Reading("t", "c", finish).ready();
    await publish(writer, "t", "one");
    await publish(writer, "t", ["two", "three", "four"]);
    await publish(writer, "t", "x".repeat(500_000));
    await reading.count(5);
    expect(reading.bodies).toEqual(["one", "two", "three", "four", "x".repeat(500_000)]);
    expect(new Set(reading.received.map(({ id }) => id)).size).toBe(5);
    await until(() => channelStats("t", "c").in_flight_count === 0);
    expect(channelStats("t", "c")).toMatchObject({ depth: 0, message_count: 5, requeue_count: 0, timeout_count: 0 });
  });

  test("a bad topic is refused, and the connection with it", async () => {
    const writer = await openWriter();
    const error = new Promise((resolve) => writer.on("error", resolve));
    writer.publish("no$good", "x");
    expect(String(await error)).toContain("E_BAD_TOPIC");
    expect(server.stats().topics).toEqual([]);
  });

  test("a deferred message waits its time", async () => {
    const writer = await openWriter();
    const reading = await new Reading("t", "c", finish).ready();
    const began = performance.now();
    await deferPublish(writer, "t", "later", 250);
    expect(channelStats("t", "c")).toMatchObject({ deferred_count: 1, depth: 0 });
    await reading.count(1);
    expect((reading.received[0]?.at ?? 0) - began).toBeGreaterThanOrEqual(250);
  });
});

describe("answers", () => {
  test("a requeued message comes again after its delay, with one more attempt", async () => {
    const writer = await openWriter();
    const reading = await new Reading("t", "c", (message) => {
      if (message.attempts < 3) message.requeue(120, false);
      else message.finish();
    }).ready();
    await publish(writer, "t", "again");
    await reading.count(3);
    const { received } = reading;
    expect(received.map(({ attempts }) => attempts)).toEqual([1, 2, 3]);
    expect(new Set(received.map(({ id }) => id)).size).toBe(1);
    for (let index = 1; index < received.length; index++) {
      expect((received[index]?.at ?? 0) - (received[index - 1]?.at ?? 0)).toBeGreaterThanOrEqual(120);
    }
    expect(channelStats("t", "c").requeue_count).toBe(2);
  });

  test("an unanswered message times out and comes again", async () => {
    const writer = await openWriter();
    const reading = await new Reading("t", "c", (message) => {
      if (message.attempts === 2) message.finish();
    }).ready();
    const published = performance.now();
    await publish(writer, "t", "forgotten");
    await reading.count(2);
    const [first, second] = reading.received;
    expect((second?.at ?? 0) - published).toBeGreaterThanOrEqual(MSG_TIMEOUT_MS);
    expect(second).toMatchObject({ body: "forgotten", attempts: 2, id: first?.id });
    await until(() => channelStats("t", "c").in_flight_count === 0);
    expect(channelStats("t", "c").timeout_count).toBe(1);
  });

  test("touching keeps a message beyond its timeout", async () => {
    const writer = await openWriter();
    const reading = await new Reading("t", "c", (message) => {
      const touching = setInterval(() => message.touch(), MSG_TIMEOUT_MS / 4);
      setTimeout(() => {
        clearInterval(touching);
        message.finish();
      }, MSG_TIMEOUT_MS * 2);
    }).ready();
    await publish(writer, "t", "slow");
    await until(() => reading.received.length > 0 && channelStats("t", "c").in_flight_count === 0);
    expect(reading.bodies).toEqual(["slow"]);
    expect(channelStats("t", "c")).toMatchObject({ timeout_count: 0, depth: 0 });
  });
});

describe("several consumers", () => {
  test("those of one channel share its messages, every channel gets all of them", async () => {
    const writer = await openWriter();
    const shared = [new Reading("t", "shared", finish), new Reading("t", "shared", finish)];
    const alone = new Reading("t", "alone", finish);
    for (const reading of [...shared, alone]) await reading.ready();
    await until(() => channelStats("t", "shared").client_count === 2);
    const bodies = Array.from({ length: 200 }, (_, index) => String(index));
    for (let start = 0; start < bodies.length; start += 20) await publish(writer, "t", bodies.slice(start, start + 20));
    await alone.count(200);
    await until(() => shared.reduce((sum, { received }) => sum + received.length, 0) >= 200);
    expect(alone.bodies.sort(byNumber)).toEqual(bodies);
    expect(shared.flatMap((reading) => reading.bodies).sort(byNumber)).toEqual(bodies);
    for (const reading of shared) expect(reading.received.length).toBeGreaterThan(0);
  });

  test("what a vanished consumer held goes to another one", async () => {
    const writer = await openWriter();
    const holder = await new Reading("t", "c", () => {}).ready();
    await publish(writer, "t", "held");
    await holder.count(1);
    holder.reader.close();
    const heir = new Reading("t", "c", finish);
    await heir.count(1);
    expect(heir.received).toMatchObject([{ body: "held", attempts: 2 }]);
  });

  test("a reader comes back after a restart of the broker", async () => {
    const reading = await new Reading("t", "c", finish, { lookupdPollInterval: 1 }).ready();
    const { tcpAddress } = server;
    await server.close();
    server = await startServer({ flags: { ...FLAGS, "tcp-address": tcpAddress } });
    const writer = await openWriter();
    await publish(writer, "t", "after the restart");
    await reading.count(1);
    expect(reading.bodies).toEqual(["after the restart"]);
  });
});
