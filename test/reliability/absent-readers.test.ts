/** Clients that ask and never read: what they cost, and that nobody else pays for it. */
import net from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { identifyCommands, MAGIC, publishCommand, subscribeCommands } from "../../scenarios/bench/load/wire.ts";
import { Rig } from "../core/nsqd/rig.ts";
import { mpub, pub } from "../core/nsqd/fake-host.ts";
import { Neighbours, pause } from "./neighbours.ts";
import { Served } from "./served.ts";

const BATCH = 64 * 1024;

describe("a consumer that never reads holds its output buffer and one batch", () => {
  test.each([
    ["small messages", 200],
    ["messages of half a batch", 32 * 1024],
    ["messages longer than a batch", 200 * 1024],
  ])("%s", (_, bodyBytes) => {
    const rig = new Rig({ memQueueSize: 100_000 });
    const consumer = rig.consumer(2500);
    consumer.isFull = true;
    const publisher = rig.client();
    const bodies = Array.from({ length: 10 }, () => "x".repeat(bodyBytes));
    for (let sent = 0; sent < 600_000; sent += 10 * bodyBytes) publisher.send(mpub("t", bodies));
    const buffer = 16 * 1024;
    expect(consumer.unsentBytes).toBeLessThanOrEqual(BATCH + buffer + bodyBytes + 34);
    // And it gets the rest when it reads after all.
    consumer.drain();
    expect(consumer.writes.length).toBeGreaterThan(1);
  });

  test("a publisher that never reads its answers is not read either", () => {
    const publisher = new Rig().client();
    publisher.isFull = true;
    publisher.send(pub("t", "x"));
    publisher.send(pub("t", "y"));
    expect(publisher.isReadingPaused).toBe(true);
    expect(publisher.unsentBytes).toBe(10);
  });
});

describe("over real connections", () => {
  const ABSENT = 5;
  /** More than the system takes into its own buffers on the way to somebody who does not read. */
  const RDY = 2500;
  /** Each with a topic of its own: what was sent to clients that are gone stays in flight. */
  const TOPICS = ["t0", "t1", "t2"];
  const BODY_BYTES = 4000;
  /** Of all of them. What they asked for and do not read would be more than twice as much. */
  const MOST_GROWTH = 10 * 1024 * 1024;
  let served: Served;
  let neighbours: Neighbours;
  const sockets: net.Socket[] = [];

  beforeEach(async () => {
    served = await Served.start(["--mem-queue-size=100000"]);
    neighbours = new Neighbours(served.tcp);
    await neighbours.atWork();
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await neighbours.stop();
    await served.stop();
  });

  /** A connection that is never read. */
  function absent(): net.Socket {
    const socket = net.connect({ host: "127.0.0.1", port: served.tcpPort });
    socket.pause();
    socket.on("error", () => {});
    sockets.push(socket);
    return socket;
  }

  async function connectConsumers(topic: string): Promise<net.Socket[]> {
    const consumers = Array.from({ length: ABSENT }, () => absent());
    for (const consumer of consumers) {
      consumer.write(identifyCommands());
      consumer.write(subscribeCommands(topic, "c", RDY));
    }
    await pause(300);
    return consumers;
  }

  test("consumers that never read cost next to nothing, and their neighbours do not notice", async () => {
    const publisher = absent();
    publisher.write(MAGIC);
    for (const topic of TOPICS) {
      for (let batch = 0; batch < ABSENT * 5; batch += 1) publisher.write(publishCommand(topic, RDY / 5, BODY_BYTES));
      while (((await topicOf(served, topic))?.message_count ?? 0) < ABSENT * RDY) await pause(20);
    }
    const seen = neighbours.published;
    const growth: number[] = [];
    for (const topic of TOPICS) {
      const before = await served.residentAfterCollection();
      const consumers = await connectConsumers(topic);
      const { in_flight_count } = (await topicOf(served, topic))!.channels[0]!;
      expect(in_flight_count).toBeGreaterThan(ABSENT);
      expect(in_flight_count).toBeLessThan(ABSENT * RDY);
      growth.push((await served.residentAfterCollection()) - before);
      for (const consumer of consumers) consumer.destroy();
      await pause(100);
    }
    expect(neighbours.published).toBeGreaterThan(seen + 50);
    // What they keep, they keep every time; the rest is garbage, some of it used again.
    expect(Math.min(...growth)).toBeLessThan(MOST_GROWTH);
  });

  test("a publisher that never reads its answers stops being read", async () => {
    const publisher = absent();
    publisher.write(MAGIC);
    const before = await served.residentAfterCollection();
    const errors = Buffer.from("TOUCH 0123456789abcdef\n".repeat(20_000));
    publisher.write("SUB absent c\n");
    for (let sent = 0; sent < 40; sent += 1) publisher.write(errors);
    await pause(300);
    expect(publisher.writableLength).toBeGreaterThan(errors.length);
    expect((await served.residentAfterCollection()) - before).toBeLessThan(24 * 1024 * 1024);
  });
});

interface TopicShown {
  readonly message_count: number;
  readonly channels: readonly { readonly in_flight_count: number }[];
}

async function topicOf(served: Served, topic: string): Promise<TopicShown | undefined> {
  const text = await served.ask(`/stats?format=json&topic=${topic}&include_clients=false&include_mem=false`);
  return (JSON.parse(text) as { topics: readonly TopicShown[] }).topics[0];
}
