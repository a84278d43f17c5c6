/** Memory and disk together: nsqd-semantics §1.3, §1.4, §6, §7, §10 and §12. */
import { describe, expect, test } from "vitest";
import { SECOND } from "../../../core/time.ts";
import type { FakeClient } from "./fake-host.ts";
import { mpub, pub } from "./fake-host.ts";
import { Rig } from "./rig.ts";

/** Takes and finishes what a consumer with RDY 1 gets. */
function drain(consumer: FakeClient): string[] {
  consumer.send("RDY 1\n");
  const texts: string[] = [];
  for (let [message] = consumer.frames(); message !== undefined; [message] = consumer.frames()) {
    texts.push(`${message.text}*${message.attempts}`);
    consumer.send(`FIN ${message.id}\n`);
  }
  return texts;
}

function full(rig: Rig, isFull = true): void {
  rig.host.files.fault = (operation) =>
    isFull && ["put", "replace", "replaceNow"].includes(operation) ? "ENOSPC" : null;
}

describe("what does not fit into memory", () => {
  test("goes to the topic's disk queue, and comes in the order of publishing", () => {
    const rig = new Rig({ memQueueSize: 2 });
    expect(rig.client(mpub("t", ["a", "b", "c"]) + pub("t", "d")).texts()).toEqual(["OK", "OK"]);
    expect(rig.topic()).toMatchObject({ depth: 4, backend_depth: 2, message_count: 4, message_bytes: 4 });
    const consumer = rig.consumer(0);
    expect(rig.topic()).toMatchObject({ depth: 0, backend_depth: 0 });
    expect(rig.channel()).toMatchObject({ depth: 4, backend_depth: 2, message_count: 4 });
    expect(drain(consumer)).toEqual(["a*1", "b*1", "c*1", "d*1"]);
    expect(rig.channel()).toMatchObject({ depth: 0, backend_depth: 0 });
    expect(rig.broker.topic("t")?.slab.held).toBe(0);
  });

  test("goes to each channel's own disk queue", () => {
    const rig = new Rig({ memQueueSize: 2 });
    const slow = rig.consumer(0, "t slow");
    const fast = rig.consumer(1, "t fast");
    rig.client(mpub("t", ["a", "b", "c", "d", "e", "f"]));
    expect(rig.channel("slow")).toMatchObject({ depth: 6, backend_depth: 4 });
    expect(rig.channel("fast")).toMatchObject({ depth: 5, backend_depth: 3 });
    expect(drain(fast)).toEqual(["a*1", "b*1", "c*1", "d*1", "e*1", "f*1"]);
    expect(drain(slow)).toEqual(["a*1", "b*1", "c*1", "d*1", "e*1", "f*1"]);
    expect(rig.broker.topic("t")?.slab.held).toBe(0);
  });

  test("keeps its order while some is read and more is written", () => {
    const rig = new Rig({ memQueueSize: 2 });
    const consumer = rig.consumer(1);
    const producer = rig.client();
    const published: string[] = [];
    const received: string[] = [];
    for (let round = 0; round < 50; round += 1) {
      const bodies = Array.from({ length: 1 + (round % 4) }, (_, index) => `${round}.${index}`);
      published.push(...bodies);
      producer.send(mpub("t", bodies));
      const [message] = consumer.frames();
      received.push(message!.text);
      consumer.send(`FIN ${message!.id}\n`);
    }
    received.push(...drain(consumer).map((text) => text.slice(0, -2)));
    expect(received).toEqual(published);
  });

  test("a delayed message stays in memory", () => {
    const rig = new Rig({ memQueueSize: 1 });
    rig.client(`DPUB t 60000\n\0\0\0\x01aDPUB t 60000\n\0\0\0\x01b`);
    expect(rig.topic()).toMatchObject({ depth: 2, backend_depth: 0 });
    rig.consumer(0);
    expect(rig.channel()).toMatchObject({ deferred_count: 2, depth: 0 });
  });

  test("a message that went through the topic's disk queue of nsqd 1.3 has lost its delay", () => {
    const rig = new Rig({ memQueueSize: 1, profile: "nsqd-1.3" });
    rig.client(`DPUB t 60000\n\0\0\0\x01aDPUB t 60000\n\0\0\0\x01b`);
    expect(rig.topic()).toMatchObject({ depth: 2, backend_depth: 1 });
    const consumer = rig.consumer(0);
    expect(rig.channel()).toMatchObject({ deferred_count: 1, depth: 1 });
    expect(drain(consumer)).toEqual(["b*1"]);
  });

  test("requeues and timeouts go to disk, too, with their attempts", () => {
    const rig = new Rig({ memQueueSize: 1, msgTimeout: SECOND });
    const consumer = rig.consumer(3);
    rig.client(mpub("t", ["a", "b", "c"]));
    const [a, b] = consumer.frames();
    consumer.send(`RDY 0\nREQ ${a?.id} 0\nREQ ${b?.id} 0\n`);
    expect(rig.channel()).toMatchObject({ depth: 2, backend_depth: 1 });
    rig.host.advance(SECOND);
    expect(rig.channel()).toMatchObject({ depth: 3, backend_depth: 2, timeout_count: 1 });
    const other = rig.consumer(0);
    expect(drain(other).toSorted()).toEqual(["a*2", "b*2", "c*2"]);
  });
});

describe("without memory", () => {
  test("a topic without channels, and every channel, keep all on disk", () => {
    const rig = new Rig({ memQueueSize: 0 });
    rig.client(mpub("t", ["a", "b"]));
    expect(rig.topic()).toMatchObject({ depth: 2, backend_depth: 2 });
    const consumer = rig.consumer(0);
    rig.client(pub("t", "c"));
    expect(rig.channel()).toMatchObject({ depth: 3, backend_depth: 3 });
    expect(drain(consumer)).toEqual(["a*1", "b*1", "c*1"]);
  });

  test("a delayed message is handed over with its delay while the pump waits for one", () => {
    const rig = new Rig({ memQueueSize: 0 });
    rig.consumer(1);
    rig.client(`DPUB t 60000\n\0\0\0\x01a`);
    expect(rig.channel()).toMatchObject({ deferred_count: 1 });
  });

  test("an OK leaves after its message was handed to the disk", () => {
    const rig = new Rig({ memQueueSize: 0 });
    rig.consumer(0);
    const producer = rig.client();
    rig.host.files.done.length = 0;
    const write = rig.host.files.done;
    producer.send(mpub("t", ["a", "b", "c"]));
    expect(producer.texts()).toEqual(["OK"]);
    expect(write.filter((each) => each.startsWith("put "))).toEqual(["put t:c.diskqueue.000000.dat"]);
  });
});

describe("a restart", () => {
  test("after a clean stop brings back what was queued, in flight and put off", () => {
    const rig = new Rig();
    const consumer = rig.consumer(3);
    rig.client(mpub("t", ["flying", "later", "done", "queued"]));
    const [, later, done] = consumer.frames();
    consumer.send(`RDY 0\nFIN ${done?.id}\nREQ ${later?.id} 60000\n`);
    rig.do((broker) => broker.topic("t")?.setPaused(true));
    rig.client(pub("t", "in the topic"));
    const next = rig.restarted("stop", ["c"]);
    expect(next.topic()).toMatchObject({ depth: 0, message_count: 0 });
    expect(next.channel()).toMatchObject({ depth: 4, in_flight_count: 0, deferred_count: 0 });
    const texts = drain(next.consumer(0));
    expect(texts.toSorted()).toEqual(["flying*2", "in the topic*1", "later*2", "queued*1"]);
  });

  test("is not disturbed by whom the stopping daemon had not accepted yet", () => {
    const rig = new Rig();
    rig.client(pub("t", "kept"));
    rig.do((broker) => broker.stop(() => {}));
    const late = rig.client("SUB t c\n");
    expect(late.texts()).toEqual([]);
    expect(rig.broker.connections).toBe(0);
  });

  test("gives a topic's backlog to all its channels", () => {
    const rig = new Rig();
    rig.client(mpub("t", ["a", "b"]));
    const next = rig.restarted("stop", ["c", "d"]);
    expect([next.channel("c").depth, next.channel("d").depth]).toEqual([2, 2]);
  });

  test("after a kill brings back what was on disk, and what was taken from there since the last sync", () => {
    const rig = new Rig({ memQueueSize: 2 });
    const consumer = rig.consumer(1);
    rig.client(mpub("t", ["a", "b", "c", "d", "e"]));
    const got: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      const [message] = consumer.frames();
      got.push(message!.text);
      consumer.send(`FIN ${message!.id}\n`);
    }
    expect(got).toEqual(["a", "b", "c", "d"]);
    const next = rig.restarted("kill", ["c"]);
    expect(drain(next.consumer(0))).toEqual(["d*1", "e*1"]);
  });

  test("has no message in flight twice that is on its disk twice", () => {
    const rig = new Rig({ memQueueSize: 0 });
    const consumer = rig.consumer(1);
    rig.client(mpub("t", ["a", "b"]));
    rig.host.advance(3 * SECOND);
    const [first] = consumer.frames();
    consumer.send(`RDY 0\nFIN ${first!.id}\n`);
    consumer.send("RDY 1\n");
    const [second] = consumer.frames();
    // It goes behind its own record, of which the saved state still says that nobody has read it.
    consumer.send(`RDY 0\nREQ ${second!.id} 0\n`);
    const next = rig.restarted("kill", ["c"]);
    const both = next.consumer(0).send("RDY 5\n");
    next.host.advance(SECOND);
    expect(both.frames().map(({ text }) => text)).toEqual(["b"]);
    expect(next.channel()).toMatchObject({ depth: 0, in_flight_count: 1 });
  });

  test("passes over a message without an id, as a torn write leaves behind", () => {
    const rig = new Rig({ memQueueSize: 0 });
    rig.client(mpub("t", ["a", "b", "c"]));
    const idOfSecond = 4 + 26 + 1 + 4 + 10;
    rig.host.files.disk.find("t.diskqueue.000000.dat")!.write(new Uint8Array(16), idOfSecond);
    const next = rig.restarted("kill", ["c"]);
    expect(drain(next.consumer(0))).toEqual(["a*1", "c*1"]);
    expect(next.channel().depth).toBe(0);
  });

  test("nsqd 1.3 forgets after a kill what it wrote before its first sync", () => {
    const rig = new Rig({ memQueueSize: 0, profile: "nsqd-1.3" });
    rig.client(mpub("t", ["a", "b"]));
    expect(rig.restarted("kill").topic().depth).toBe(0);
    const synced = new Rig({ memQueueSize: 0, profile: "nsqd-1.3" });
    synced.client(mpub("t", ["a", "b"]));
    synced.host.advance(2 * SECOND);
    expect(synced.restarted("kill").topic().depth).toBe(2);
  });

  test("leaves no files of what is ephemeral, empty or deleted", () => {
    const rig = new Rig({ memQueueSize: 0 });
    rig.client(mpub("t", ["a"]) + mpub("x#ephemeral", ["b"]));
    rig.consumer(0, "t c#ephemeral");
    rig.consumer(0, "t d");
    rig.client(mpub("t", ["c"]));
    rig.do((broker) => broker.deleteTopic("t"));
    expect(rig.host.files.disk.names()).toEqual([]);
  });
});

describe("a disk that is full", () => {
  test("refuses what does not fit into memory, and shows in the health until a write works", () => {
    const rig = new Rig({ memQueueSize: 2 });
    full(rig);
    expect(rig.client(mpub("t", ["a", "b"])).texts()).toEqual(["OK"]);
    expect(rig.broker.health()).toBe("OK");
    expect(rig.client(pub("t", "c")).texts()).toEqual([expect.stringMatching(/^! E_PUB_FAILED PUB failed ENOSPC/)]);
    expect(rig.client(mpub("t", ["c", "d"])).texts()).toEqual([
      expect.stringMatching(/^! E_MPUB_FAILED MPUB failed ENOSPC/),
    ]);
    expect(rig.broker.health()).toMatch(/^NOK - ENOSPC/);
    expect(rig.topic()).toMatchObject({ depth: 2, message_count: 2 });
    expect(rig.broker.topic("t")?.slab.held).toBe(2);
    full(rig, false);
    expect(rig.client(pub("t", "e")).texts()).toEqual(["OK"]);
    expect(rig.broker.health()).toBe("OK");
    expect(drain(rig.consumer(0))).toEqual(["a*1", "b*1", "e*1"]);
  });

  test("loses nothing that a channel was to get: it waits in memory, and the topic stops taking", () => {
    const rig = new Rig({ memQueueSize: 2 });
    const consumer = rig.consumer(0);
    full(rig);
    const producer = rig.client();
    for (const body of ["a", "b", "c", "d", "e"]) producer.send(pub("t", body));
    expect(producer.texts()).toEqual(["OK", "OK", "OK", "OK", "OK"]);
    producer.send(pub("t", "f"));
    expect(producer.texts()).toEqual([expect.stringMatching(/^! E_PUB_FAILED/)]);
    expect(rig.channel()).toMatchObject({ depth: 3 });
    expect(rig.topic()).toMatchObject({ depth: 2 });
    full(rig, false);
    rig.host.advance(SECOND);
    expect(rig.channel()).toMatchObject({ depth: 5, backend_depth: 3 });
    expect(drain(consumer)).toEqual(["a*1", "b*1", "c*1", "d*1", "e*1"]);
    expect(rig.broker.topic("t")?.slab.held).toBe(0);
  });

  test("does not keep consumers from what waits for it", () => {
    const rig = new Rig({ memQueueSize: 0 });
    const consumer = rig.consumer(1);
    full(rig);
    const producer = rig.client();
    producer.send(pub("t", "a"));
    expect(producer.texts()).toEqual(["OK"]);
    expect(drain(consumer)).toEqual(["a*1"]);
    expect(rig.channel().depth).toBe(0);
  });

  test("makes nsqd 1.3 lose what it had accepted, and say so", () => {
    const rig = new Rig({ memQueueSize: 1, profile: "nsqd-1.3" }, true);
    rig.consumer(0);
    full(rig);
    expect(rig.client(mpub("t", ["a", "b", "c"])).texts()).toEqual(["OK"]);
    expect(rig.channel().depth).toBe(1);
    expect(rig.seen.filter((each) => each.startsWith("drop"))).toEqual([
      "drop c 0 disk: ENOSPC",
      "drop c 0 disk: ENOSPC",
    ]);
    expect(rig.broker.topic("t")?.slab.held).toBe(1);
  });
});

test("nsqd 1.3 takes from memory and disk at random, and loses nothing", () => {
  const rig = new Rig({ memQueueSize: 50, profile: "nsqd-1.3" });
  const bodies = Array.from({ length: 100 }, (_, index) => String(index));
  rig.client(mpub("t", bodies));
  const texts = drain(rig.consumer(0)).map((text) => text.slice(0, -2));
  expect(texts).not.toEqual(bodies);
  expect(texts.toSorted((a, b) => Number(a) - Number(b))).toEqual(bodies);
});

test("an emptied queue drops its disk part; what comes after is kept", () => {
  const rig = new Rig({ memQueueSize: 1 });
  rig.client(mpub("t", ["a", "b", "c"]));
  rig.do((broker) => broker.topic("t")?.empty());
  expect(rig.topic()).toMatchObject({ depth: 0, backend_depth: 0 });
  const consumer = rig.consumer(0);
  rig.client(mpub("t", ["d", "e"]));
  rig.do((broker) => broker.topic("t")?.channel("c")?.empty());
  expect(rig.channel()).toMatchObject({ depth: 0, backend_depth: 0 });
  rig.client(mpub("t", ["f", "g"]));
  expect(drain(consumer)).toEqual(["f*1", "g*1"]);
});
