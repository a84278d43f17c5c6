/** Topics and channels: nsqd-semantics §1, §6, §7, §8 and §13. */
import { describe, expect, test } from "vitest";
import { SECOND } from "../../../core/time.ts";
import { bytesOf } from "../../../core/protocol/text.ts";
import { mpub, pub } from "./fake-host.ts";
import { Rig } from "./rig.ts";

describe("fan-out", () => {
  test("every channel gets a copy of its own, attempts counted apart", () => {
    const rig = new Rig();
    const [c, d] = [rig.consumer(1, "t c"), rig.consumer(1, "t d")];
    rig.client(pub("t", "a"));
    const [inC] = c.frames();
    const [inD] = d.frames();
    expect(inC).toEqual(inD);
    c.send(`REQ ${inC?.id} 0\n`);
    expect(c.texts()).toEqual(["a*2"]);
    d.send(`FIN ${inD?.id}\n`);
    expect(rig.broker.topic("t")?.slab.held).toBe(1);
    expect(rig.channel("d")).toMatchObject({ in_flight_count: 0, depth: 0 });
    expect(rig.channel("c")).toMatchObject({ in_flight_count: 1, depth: 0 });
    c.send(`FIN ${inC?.id}\n`);
    expect(rig.broker.topic("t")?.slab.held).toBe(0);
  });

  test("the backlog goes to the first channel; the second begins empty", () => {
    const rig = new Rig();
    rig.client(mpub("t", ["a", "b"]));
    expect(rig.topic()).toMatchObject({ depth: 2, message_count: 2, message_bytes: 2 });
    rig.consumer(0, "t c");
    rig.consumer(0, "t d");
    expect(rig.topic().depth).toBe(0);
    expect([rig.channel("c").depth, rig.channel("d").depth]).toEqual([2, 0]);
  });

  test("without its last channel a topic keeps what comes", () => {
    const rig = new Rig();
    rig.do((broker) => broker.createTopic("t").createChannel("c"));
    rig.do((broker) => broker.topic("t")?.deleteChannel("c"));
    rig.client(pub("t", "a"));
    expect(rig.topic()).toMatchObject({ depth: 1, channels: [] });
  });
});

describe("ephemeral", () => {
  test("a channel goes with its last client, and its messages with it", () => {
    const rig = new Rig({}, true);
    const consumer = rig.consumer(1, "t c#ephemeral");
    rig.client(mpub("t", ["a", "b"]));
    consumer.close();
    expect(rig.topic().channels).toEqual([]);
    expect(rig.seen.slice(-2)).toEqual(["drop c#ephemeral 0 deleted", "drop c#ephemeral 1 deleted"]);
  });

  test("a topic goes with its last channel", () => {
    const rig = new Rig();
    const [c, d] = [rig.consumer(1, "t#ephemeral c#ephemeral"), rig.consumer(1, "t#ephemeral d")];
    c.close();
    d.close();
    expect(rig.topic("t#ephemeral").channels.length).toBe(1);
    rig.do((broker) => broker.topic("t#ephemeral")?.deleteChannel("d"));
    expect(rig.broker.topic("t#ephemeral")).toBeUndefined();
  });

  test("what does not fit is dropped, and the publisher told OK", () => {
    const rig = new Rig({ memQueueSize: 2 }, true);
    expect(rig.client(mpub("t#ephemeral", ["a", "b", "c"])).texts()).toEqual(["OK"]);
    expect(rig.topic("t#ephemeral")).toMatchObject({ depth: 2, message_count: 3 });
    expect(rig.seen.at(-1)).toBe("drop  0 ephemeral");
    rig.consumer(0, "t c#ephemeral");
    rig.client(mpub("t", ["a", "b"]) + mpub("t", ["c", "d"]));
    expect(rig.channel("c#ephemeral")).toMatchObject({ depth: 2, message_count: 4 });
  });

  test("without memory, only who is ready gets something", () => {
    const rig = new Rig({ memQueueSize: 0 });
    const consumer = rig.consumer(1, "t#ephemeral c#ephemeral");
    expect(rig.client(mpub("t#ephemeral", ["a", "b"])).texts()).toEqual(["OK"]);
    expect(consumer.texts()).toEqual(["a*1"]);
    expect(rig.channel("c#ephemeral", "t#ephemeral")).toMatchObject({ depth: 0, message_count: 2 });
  });
});

describe("administration", () => {
  test("a paused topic keeps what comes, and its channels go on", () => {
    const rig = new Rig();
    const consumer = rig.consumer(1);
    rig.client(mpub("t", ["a", "b"]));
    rig.do((broker) => broker.topic("t")?.setPaused(true));
    rig.client(pub("t", "c"));
    const [a] = consumer.frames();
    consumer.send(`FIN ${a?.id}\n`);
    const [b] = consumer.frames();
    consumer.send(`FIN ${b?.id}\n`);
    expect(consumer.texts()).toEqual([]);
    expect(rig.topic()).toMatchObject({ depth: 1, paused: true });
    rig.do((broker) => broker.topic("t")?.setPaused(false));
    expect(consumer.texts()).toEqual(["c*1"]);
  });

  test("a paused channel delivers nothing, but its deadlines go on", () => {
    const rig = new Rig({ msgTimeout: SECOND });
    const consumer = rig.consumer(5);
    rig.client(pub("t", "a"));
    rig.do((broker) => broker.topic("t")?.channel("c")?.setPaused(true));
    expect(consumer.texts()).toEqual(["a*1"]);
    rig.client(pub("t", "b"));
    rig.host.advance(SECOND);
    expect(consumer.texts()).toEqual([]);
    expect(rig.channel()).toMatchObject({ depth: 2, timeout_count: 1, in_flight_count: 0, paused: true });
    rig.do((broker) => broker.topic("t")?.channel("c")?.setPaused(false));
    rig.host.advance(SECOND / 4);
    expect(consumer.texts()).toEqual(["b*1", "a*2"]);
  });

  test("emptying a channel forgets all it has, and its clients can go on", () => {
    const rig = new Rig();
    const consumer = rig.consumer(2);
    rig.client(mpub("t", ["a", "b", "c"]));
    const [a, b] = consumer.frames();
    consumer.send(`REQ ${b?.id} 1000\n`).frames();
    rig.do((broker) => broker.topic("t")?.channel("c")?.empty());
    expect(rig.channel()).toMatchObject({ depth: 0, in_flight_count: 0, deferred_count: 0 });
    consumer.send(`FIN ${a?.id}\n`);
    expect(consumer.texts()).toEqual([`! E_FIN_FAILED FIN ${a?.id} failed ID not in flight`]);
    rig.client(mpub("t", ["d", "e"]));
    expect(consumer.texts()).toEqual(["d*1", "e*1"]);
    rig.host.advance(2 * SECOND);
    expect(consumer.texts()).toEqual([]);
  });

  test("emptying a topic leaves its channels alone", () => {
    const rig = new Rig();
    rig.consumer(0);
    rig.client(pub("t", "a"));
    rig.do((broker) => broker.topic("t")?.setPaused(true));
    rig.client(pub("t", "b"));
    rig.do((broker) => broker.topic("t")?.empty());
    expect([rig.topic().depth, rig.channel().depth]).toEqual([0, 1]);
  });

  test("deleting a topic disconnects its clients; publishing makes it anew", () => {
    const rig = new Rig();
    const consumer = rig.consumer(1);
    const producer = rig.client(pub("t", "a"));
    rig.do((broker) => broker.deleteTopic("t"));
    expect(consumer.ended).toBe(true);
    expect(rig.broker.topic("t")).toBeUndefined();
    producer.send(pub("t", "b"));
    expect(rig.topic()).toMatchObject({ depth: 1, message_count: 1, channels: [] });
    rig.host.advance(SECOND);
    expect(consumer.destroyed).toBe(true);
  });

  test("a topic deleted while a body comes: PUB makes it anew, MPUB fails", () => {
    const rig = new Rig();
    rig.client(pub("t", "a"));
    const [one, many] = [rig.client("PUB t\n\0\0\0\x03x"), rig.client("MPUB t\n\0\0\0\x0c\0\0\0\x01\0\0\0\x04ab")];
    rig.do((broker) => broker.deleteTopic("t"));
    one.send("yz");
    expect(one.texts()).toEqual(["OK"]);
    expect(rig.topic().message_bytes).toBe(3);
    many.send("cd");
    expect(many.texts()).toEqual(["! E_MPUB_FAILED MPUB failed exiting"]);
    const consumer = rig.consumer(1);
    expect(consumer.texts()).toEqual([]);
    expect(rig.channel().in_flight_count).toBe(1);
  });

  test("metadata changes are told, ephemeral ones are not", () => {
    const rig = new Rig();
    let changes = 0;
    rig.broker.onMetadataChange = () => {
      changes += 1;
    };
    const count = (call: () => void): number => {
      const before = changes;
      call();
      return changes - before;
    };
    const { broker } = rig;
    expect(count(() => broker.createTopic("t"))).toBe(1);
    expect(count(() => broker.createTopic("t"))).toBe(0);
    expect(count(() => broker.topic("t")?.createChannel("c"))).toBe(1);
    expect(count(() => broker.topic("t")?.createChannel("c#ephemeral"))).toBe(0);
    expect(count(() => broker.topic("t")?.channel("c")?.setPaused(true))).toBe(1);
    expect(count(() => broker.topic("t")?.setPaused(true))).toBe(1);
    expect(count(() => broker.createTopic("t#ephemeral").createChannel("c"))).toBe(0);
    expect(count(() => broker.topic("t")?.deleteChannel("c"))).toBe(1);
    expect(count(() => broker.deleteTopic("t"))).toBe(1);
  });
});

test("max-channel-consumers bounds a channel's clients; a place becomes free again", () => {
  const rig = new Rig({ maxChannelConsumers: 1 });
  const first = rig.consumer(1);
  expect(rig.client("SUB t c\n").texts()).toEqual(["! E_SUB_FAILED SUB failed consumers for t:c exceeds limit of 1"]);
  expect(rig.client("SUB t d\n").texts()).toEqual(["OK"]);
  first.close();
  expect(rig.client("SUB t c\n").texts()).toEqual(["OK"]);
});

test("statistics show producers and clients, sorted by name", () => {
  const rig = new Rig();
  const producer = rig.client(pub("b", "1") + mpub("a", ["2", "3"]));
  rig.consumer(3, "b z");
  rig.consumer(2, "b y");
  rig.do((broker) => broker.createTopic("a").publish([bytesOf("x")], 0));
  const stats = rig.broker.stats();
  expect(stats.topics?.map((topic) => topic.topic_name)).toEqual(["a", "b"]);
  expect(stats.topics?.[1]?.channels.map((channel) => channel.channel_name)).toEqual(["y", "z"]);
  expect(stats.producers).toMatchObject([
    { remote_address: producer.remoteAddress, pub_counts: [{ topic: "b", count: 1 }] },
  ]);
  expect(rig.broker.stats({ topic: "a" }).producers).toMatchObject([{ pub_counts: [{ topic: "a", count: 2 }] }]);
  expect(rig.broker.stats({ topic: "none" })).toMatchObject({ topics: null, producers: null });
  expect(rig.broker.stats({ channel: "none" }).topics).toEqual([]);
  expect(rig.broker.stats({ channel: "z", includeClients: false }).topics).toMatchObject([
    { topic_name: "b", channels: [{ channel_name: "z", client_count: 1, clients: null }] },
  ]);
});

test("gauges show every topic and channel", () => {
  const rig = new Rig();
  rig.client(mpub("t", ["a", "b", "c"]));
  rig.consumer(2);
  const shown: unknown[] = [];
  rig.broker.gauges((topic, channel, gauges) => shown.push([topic, channel, { ...gauges }]));
  const none = { depth: 0, inFlight: 0, deferred: 0, messages: 3, requeues: 0, timeouts: 0, clients: 0 };
  expect(shown).toEqual([
    ["t", null, none],
    ["t", "c", { ...none, depth: 1, inFlight: 2, clients: 1 }],
  ]);
});
