/** Output buffering, heartbeats, deadlines and back-pressure: protocol.md §7 and §9. */
import { describe, expect, test } from "vitest";
import { MILLISECOND, SECOND } from "../../../core/time.ts";
import { identify, mpub, pub } from "./fake-host.ts";
import { Rig } from "./rig.ts";

function consumerWith(rig: Rig, settings: object, ready: number): ReturnType<Rig["client"]> {
  const client = rig.client(`${identify(settings)}SUB t c\nRDY ${ready}\n`);
  client.frames();
  return client;
}

describe("buffered messages leave", () => {
  test("at the flush tick, whose phase is fixed by IDENTIFY", () => {
    const rig = new Rig();
    const consumer = consumerWith(rig, { output_buffer_timeout: 1000 }, 10);
    rig.host.advance(300 * MILLISECOND);
    rig.client(pub("t", "a"));
    rig.host.advance(700 * MILLISECOND - 1);
    expect(consumer.texts()).toEqual([]);
    rig.host.advance(1);
    expect(consumer.texts()).toEqual(["a*1"]);
  });

  test("at once when a tick went by that nobody had waited for", () => {
    const rig = new Rig();
    const consumer = consumerWith(rig, { output_buffer_timeout: 1000 }, 10);
    rig.host.advance(1500 * MILLISECOND);
    rig.client(pub("t", "a"));
    expect(consumer.texts()).toEqual(["a*1"]);
    rig.client(pub("t", "b"));
    expect(consumer.texts()).toEqual([]);
    rig.host.advance(500 * MILLISECOND);
    expect(consumer.texts()).toEqual(["b*1"]);
  });

  test("when the client can take no more", () => {
    const rig = new Rig();
    const consumer = consumerWith(rig, { output_buffer_timeout: 30_000 }, 2);
    rig.client(pub("t", "a"));
    expect(consumer.texts()).toEqual([]);
    rig.client(pub("t", "b"));
    expect(consumer.texts()).toEqual(["a*1", "b*1"]);
    consumer.send("RDY 5\n");
    rig.client(pub("t", "c"));
    expect(consumer.texts()).toEqual([]);
    consumer.send("RDY 0\n");
    expect(consumer.texts()).toEqual(["c*1"]);
  });

  test("when the buffer is full", () => {
    const rig = new Rig();
    const consumer = consumerWith(rig, { output_buffer_timeout: 30_000, output_buffer_size: 100 }, 10);
    rig.client(pub("t", "x".repeat(20)));
    expect(consumer.texts()).toEqual([]);
    rig.client(pub("t", "y".repeat(20)));
    expect(consumer.texts().length).toBe(2);
  });

  test("with any response or heartbeat", () => {
    const rig = new Rig();
    const consumer = consumerWith(rig, { output_buffer_timeout: -1, heartbeat_interval: 3000 }, 10);
    rig.client(pub("t", "a"));
    consumer.send(pub("u", "x"));
    expect(consumer.texts()).toEqual(["a*1", "OK"]);
    rig.client(pub("t", "b"));
    rig.host.advance(3 * SECOND - 1);
    expect(consumer.texts()).toEqual([]);
    rig.host.advance(1);
    expect(consumer.texts()).toEqual(["b*1", "_heartbeat_"]);
  });

  test("at once without a buffer", () => {
    const rig = new Rig();
    const consumer = consumerWith(rig, { output_buffer_size: -1 }, 10);
    rig.client(pub("t", "a"));
    expect(consumer.texts()).toEqual(["a*1"]);
  });
});

test("a step's answers are one write", () => {
  const rig = new Rig();
  const client = rig.client("");
  client.send(pub("t", "a").repeat(100));
  expect(client.writes).toEqual([1000]);
});

describe("heartbeats", () => {
  test("come every interval, before IDENTIFY every 30 s, and start anew with it", () => {
    const rig = new Rig();
    const client = rig.client("");
    rig.host.advance(30 * SECOND);
    expect(client.texts()).toEqual(["_heartbeat_"]);
    client.send(identify({ heartbeat_interval: 1000 }));
    client.frames();
    rig.host.advance(1999 * MILLISECOND);
    expect(client.texts()).toEqual(["_heartbeat_"]);
  });

  test("unanswered for two intervals: closed without a frame", () => {
    const rig = new Rig();
    const client = rig.client(identify({ heartbeat_interval: 1000 }));
    rig.host.advance(1500 * MILLISECOND);
    client.send("NOP\n");
    rig.host.advance(2 * SECOND - 1);
    expect(client.ended).toBe(false);
    rig.host.advance(1);
    expect(client.ended).toBe(true);
    expect(client.texts()).toEqual(["OK", "_heartbeat_", "_heartbeat_", "_heartbeat_"]);
  });

  test("a body that trickles in does not move the deadline", () => {
    const rig = new Rig();
    const client = rig.client(`${identify({ heartbeat_interval: 1000 })}PUB t\n\0\0\0\x05he`);
    rig.host.advance(1500 * MILLISECOND);
    client.send("l");
    rig.host.advance(500 * MILLISECOND);
    expect(client.texts().at(-1)).toBe("! E_BAD_MESSAGE PUB failed to read message body");
    expect(client.ended).toBe(true);
    expect(rig.broker.topic("t")).toBeUndefined();
  });

  test("can be off: then nothing ends a silent connection", () => {
    const rig = new Rig();
    const client = rig.client(identify({ heartbeat_interval: -1 }));
    client.frames();
    rig.host.advance(3600 * SECOND);
    expect(client.texts()).toEqual([]);
    expect(client.ended).toBe(false);
  });

  test("a second IDENTIFY moves the deadline, not the heartbeats", () => {
    const rig = new Rig();
    const client = rig.client(identify({ heartbeat_interval: 1000 }) + identify({ heartbeat_interval: 5000 }));
    client.frames();
    rig.host.advance(10 * SECOND - 1);
    expect(client.texts().length).toBe(9);
    expect(client.ended).toBe(false);
    rig.host.advance(1);
    expect(client.ended).toBe(true);
  });

  test("nobody has to send the magic", () => {
    const rig = new Rig();
    const client = rig.host.client((stream) => rig.broker.accept(stream));
    rig.host.advance(3600 * SECOND);
    expect(client.texts()).toEqual([]);
    expect(client.ended).toBe(false);
  });
});

describe("a client that does not read", () => {
  test("gets no more messages until the host has room", () => {
    const rig = new Rig();
    const consumer = consumerWith(rig, { output_buffer_size: -1 }, 100);
    consumer.isFull = true;
    rig.client(mpub("t", ["a", "b", "c"]));
    rig.client(mpub("t", ["d", "e"]));
    expect(consumer.texts()).toEqual(["a*1", "b*1", "c*1"]);
    expect(rig.channel()).toMatchObject({ depth: 2, in_flight_count: 3 });
    const other = rig.client("SUB t c\nRDY 2\n");
    expect(other.texts()).toEqual(["OK", "d*1", "e*1"]);
    rig.client(pub("t", "f"));
    expect(rig.channel().depth).toBe(1);
    consumer.drain();
    expect(consumer.texts()).toEqual(["f*1"]);
  });

  test("costs at most its buffer and a batch", () => {
    const rig = new Rig({ memQueueSize: 100_000 });
    const consumer = consumerWith(rig, {}, 2500);
    consumer.isFull = true;
    rig.client(
      mpub(
        "t",
        Array.from({ length: 2500 }, () => "x".repeat(1000)),
      ),
    );
    expect(consumer.unsentBytes).toBeLessThan(130_000);
    expect(rig.channel().in_flight_count).toBeLessThan(130);
  });

  test("is not read from either, once answers pile up", () => {
    const rig = new Rig();
    const client = rig.client("");
    client.isFull = true;
    client.send(pub("t", "a"));
    expect(client.isReadingPaused).toBe(false);
    client.send(pub("t", "b"));
    expect(client.isReadingPaused).toBe(true);
    expect(client.texts()).toEqual(["OK"]);
    client.drain();
    expect(client.isReadingPaused).toBe(false);
    expect(client.texts()).toEqual(["OK"]);
  });

  test("gets nothing more until then, however much there is to answer", () => {
    const rig = new Rig();
    const client = rig.client("");
    client.isFull = true;
    client.send(pub("t", "a"));
    client.send(pub("t", "b").repeat(5000));
    expect(client.writes).toEqual([10]);
    client.drain();
    expect(client.texts().length).toBe(5001);
  });

  test("and is closed meanwhile gets the rest with the end, and nothing after it", () => {
    const rig = new Rig();
    const client = rig.client("");
    client.isFull = true;
    client.send(pub("t", "a"));
    client.send(`${pub("t", "b")}bad\n`);
    expect(client.ended).toBe(true);
    client.drain();
    expect(client.texts()).toEqual(["OK", "OK", "! E_INVALID invalid command bad"]);
  });

  test("is cut off after a heartbeat interval without progress", () => {
    const rig = new Rig();
    const client = rig.client(identify({ heartbeat_interval: 2000 }));
    client.isFull = true;
    client.send(pub("t", "a"));
    rig.host.advance(1 * SECOND);
    client.unsentBytes -= 1;
    client.send("NOP\n");
    rig.host.advance(1 * SECOND);
    client.send("NOP\n");
    rig.host.advance(2 * SECOND - 1);
    expect(client.destroyed).toBe(false);
    rig.host.advance(1);
    expect(client.destroyed).toBe(true);
    expect(rig.broker.sessions.size).toBe(0);
  });
});
