/** RDY, FIN, REQ, TOUCH, deadlines and attempts: nsqd-semantics §1.5, §2 and §4. */
import { describe, expect, test } from "vitest";
import { MILLISECOND, SECOND } from "../../../core/time.ts";
import { identify, mpub, pub } from "./fake-host.ts";
import { Rig } from "./rig.ts";

describe("RDY", () => {
  test("is a ceiling on what is in flight, not a credit", () => {
    const rig = new Rig();
    const consumer = rig.consumer(2);
    rig.client(mpub("t", ["a", "b", "c", "d"]));
    const [a, b, ...more] = consumer.frames();
    expect([a?.text, b?.text, more.length]).toEqual(["a", "b", 0]);
    consumer.send(`FIN ${b?.id}\n`);
    expect(consumer.texts()).toEqual(["c*1"]);
    consumer.send("RDY 1\n").send(`FIN ${a?.id}\n`);
    expect(consumer.texts()).toEqual([]);
    consumer.send("RDY 2\n");
    expect(consumer.texts()).toEqual(["d*1"]);
    expect(rig.channel()).toMatchObject({ depth: 0, in_flight_count: 2, message_count: 4 });
  });

  test("CLS stops deliveries, and what is in flight can be answered", () => {
    const rig = new Rig();
    const consumer = rig.consumer(5);
    rig.client(pub("t", "a"));
    rig.host.advance(SECOND / 4);
    const [{ id } = { id: "" }] = consumer.frames();
    consumer.send("CLS\n");
    rig.client(pub("t", "b"));
    consumer.send(`FIN ${id}\n`);
    expect(consumer.texts()).toEqual(["CLOSE_WAIT"]);
    expect(rig.channel()).toMatchObject({ depth: 1, in_flight_count: 0 });
  });
});

describe("answers", () => {
  test("belong to the connection that got the message", () => {
    const rig = new Rig();
    const first = rig.consumer(1);
    rig.client(pub("t", "a"));
    const [{ id } = { id: "" }] = first.frames();
    const second = rig.consumer(1);
    second.send(`FIN ${id}\nREQ ${id} 0\nTOUCH ${id}\n`);
    expect(second.texts()).toEqual([
      `! E_FIN_FAILED FIN ${id} failed client does not own message`,
      `! E_REQ_FAILED REQ ${id} failed client does not own message`,
      `! E_TOUCH_FAILED TOUCH ${id} failed client does not own message`,
    ]);
    first.send(`FIN ${id}\nFIN ${id}\n`);
    expect(first.texts()).toEqual([`! E_FIN_FAILED FIN ${id} failed ID not in flight`]);
  });

  test("REQ 0 puts the message at the tail, attempts go up by delivery only", () => {
    const rig = new Rig();
    const consumer = rig.consumer(1);
    rig.client(mpub("t", ["a", "b"]));
    const [a] = consumer.frames();
    consumer.send(`REQ ${a?.id} 0\n`);
    const [b] = consumer.frames();
    expect(b?.text).toBe("b");
    consumer.send(`FIN ${b?.id}\n`);
    expect(consumer.frames()).toEqual([{ ...a, attempts: 2 }]);
    expect(rig.channel()).toMatchObject({ requeue_count: 1, timeout_count: 0, message_count: 2 });
  });

  test("REQ with a delay is exact, and clamped to max-req-timeout", () => {
    const rig = new Rig();
    const consumer = rig.consumer(2);
    rig.client(mpub("t", ["a", "b"]));
    const [a, b] = consumer.frames();
    consumer.send(`REQ ${a?.id} 1500\nREQ ${b?.id} 9000000000000\n`);
    expect(rig.channel()).toMatchObject({ depth: 0, in_flight_count: 0, deferred_count: 2, requeue_count: 2 });
    rig.host.advance(1500 * MILLISECOND - 1);
    expect(consumer.texts()).toEqual([]);
    rig.host.advance(1);
    expect(consumer.texts()).toEqual(["a*2"]);
    consumer.send("NOP\n");
    // The hour of max-req-timeout counts from the REQ.
    const texts: string[] = [];
    for (let second = 2; second < 3600; second += 1) {
      rig.host.advance(SECOND);
      texts.push(...consumer.send("NOP\n").texts());
    }
    expect(texts.filter((text) => text.startsWith("b"))).toEqual([]);
    rig.host.advance(SECOND);
    expect(consumer.texts()).toContain("b*2");
  });

  test("a delay that overflows into the negative is none", () => {
    const rig = new Rig();
    const consumer = rig.consumer(1);
    rig.client(pub("t", "a"));
    const [a] = consumer.frames();
    // 2^64 / 10^6, rounded down: as int64 nanoseconds a little below zero.
    consumer.send(`REQ ${a?.id} 18446744073709\n`);
    expect(consumer.texts()).toEqual(["a*2"]);
  });

  test("TOUCH restarts the timeout, up to max-msg-timeout after the delivery", () => {
    const rig = new Rig({ maxMsgTimeout: 3 * SECOND });
    const consumer = rig.client(`${identify({ msg_timeout: 2000 })}SUB t c\nRDY 1\n`);
    consumer.frames();
    rig.client(pub("t", "a"));
    const [a] = consumer.frames();
    for (let touch = 0; touch < 3; touch += 1) {
      rig.host.advance(900 * MILLISECOND);
      consumer.send(`TOUCH ${a?.id}\n`);
    }
    rig.host.advance(300 * MILLISECOND - 1);
    expect(consumer.texts()).toEqual([]);
    rig.host.advance(1);
    expect(consumer.texts()).toEqual(["a*2"]);
    expect(rig.channel()).toMatchObject({ timeout_count: 1, requeue_count: 0 });
  });
});

describe("deadlines", () => {
  test("a message comes again when its timeout is over, to whoever is ready", () => {
    const rig = new Rig({ msgTimeout: 5 * SECOND });
    const first = rig.consumer(1);
    rig.client(pub("t", "a"));
    const [a] = first.frames();
    const second = rig.consumer(1);
    rig.host.advance(5 * SECOND - 1);
    expect(second.texts()).toEqual([]);
    rig.host.advance(1);
    // The first client has room again too, but the second has waited longer.
    expect(second.frames()).toEqual([{ ...a, attempts: 2 }]);
    expect(rig.channel().clients?.map((client) => client.in_flight_count)).toEqual([0, 1]);
  });

  test("what a gone client had in flight waits for its own deadline", () => {
    const rig = new Rig();
    const first = rig.consumer(1);
    rig.client(pub("t", "a"));
    first.close();
    const second = rig.consumer(1);
    expect(rig.channel()).toMatchObject({ in_flight_count: 1, client_count: 1 });
    rig.host.advance(30 * SECOND);
    second.send("NOP\n");
    expect(second.texts()).toEqual(["_heartbeat_"]);
    rig.host.advance(30 * SECOND);
    expect(second.texts()).toContain("a*2");
  });

  test("a client that is gone gets nothing more", () => {
    const rig = new Rig();
    rig.consumer(5).close();
    rig.client(pub("t", "a"));
    expect(rig.channel()).toMatchObject({ depth: 1, in_flight_count: 0 });
  });

  test("each client has its own timeout", () => {
    const rig = new Rig();
    const consumer = rig.client(`${identify({ msg_timeout: 1000 })}SUB t c\nRDY 1\n`);
    consumer.frames();
    rig.client(pub("t", "a"));
    rig.host.advance(SECOND);
    expect(consumer.texts()).toEqual(["a*1", "a*2"]);
  });

  test("attempts wrap after 65535", () => {
    const rig = new Rig();
    const consumer = rig.consumer(1);
    rig.client(pub("t", "a"));
    const [a] = consumer.frames();
    for (let attempt = 2; attempt <= 65_535; attempt += 1) consumer.send(`REQ ${a?.id} 0\n`);
    expect(consumer.frames().at(-1)?.attempts).toBe(65_535);
    consumer.send(`REQ ${a?.id} 0\n`);
    expect(consumer.frames().at(-1)?.attempts).toBe(0);
  }, 20_000);
});

test("DPUB is delivered when its delay is over, counted from the channel", () => {
  const rig = new Rig();
  rig.client("DPUB t 1500\n\0\0\0\x01a");
  rig.host.advance(10 * SECOND);
  expect(rig.topic().depth).toBe(1);
  const consumer = rig.consumer(1);
  expect(rig.channel()).toMatchObject({ deferred_count: 1, depth: 0, message_count: 1 });
  rig.host.advance(1500 * MILLISECOND - 1);
  expect(consumer.texts()).toEqual([]);
  rig.host.advance(1);
  expect(consumer.texts()).toEqual(["a*1"]);
});

test("sample_rate n keeps n + 1 of 100 and destroys the rest", () => {
  const rig = new Rig();
  const consumer = rig.client(`${identify({ sample_rate: 9 })}SUB t c\nRDY 2500\n`);
  const bodies = Array.from({ length: 5000 }, () => "x");
  rig.client(mpub("t", bodies));
  expect(rig.channel().depth).toBe(0);
  const kept = rig.channel().in_flight_count;
  expect(kept).toBeGreaterThan(400);
  expect(kept).toBeLessThan(600);
  expect(consumer.ended).toBe(false);
});

test("ready clients take turns", () => {
  const rig = new Rig();
  const consumers = [rig.consumer(10), rig.consumer(10), rig.consumer(10)];
  rig.client(mpub("t", ["1", "2", "3", "4", "5", "6", "7"]));
  rig.host.advance(SECOND / 4);
  expect(consumers.map((consumer) => consumer.texts().join(" "))).toEqual(["1*1 4*1 7*1", "2*1 5*1", "3*1 6*1"]);
});

test("a backlog longer than a step's share is delivered all the same", () => {
  const rig = new Rig({ memQueueSize: 100_000, maxRdyCount: 100_000 });
  rig.do((broker) =>
    broker.createTopic("t").publish(
      Array.from({ length: 30_000 }, () => Uint8Array.of(1)),
      0,
    ),
  );
  const consumer = rig.consumer(100_000);
  rig.host.advance(0);
  consumer.frames();
  expect(rig.channel()).toMatchObject({ depth: 0, in_flight_count: 30_000 });
});
