import { describe, expect, test } from "vitest";
import { DEFAULT_CLIENT_CONFIG, parseClientConfig, type ClientConfig } from "../../../core/client/config.ts";
import { Consumer } from "../../../core/client/consumer.ts";
import type { Message, MessageHandler } from "../../../core/client/message.ts";
import type { ConsumerObserver } from "../../../core/client/observer.ts";
import { SECOND } from "../../../core/time.ts";
import { FakeHost, FakeNsqd, messageFrame, messageId } from "./fake.ts";

const A = "nsqd1:4150";
const B = "nsqd2:4150";

interface World {
  readonly host: FakeHost;
  readonly nsqd: FakeNsqd;
  readonly consumer: Consumer;
  readonly messages: Message[];
}

/** A consumer connected to nsqd1. Messages are collected; the handler does nothing else by default. */
function world(
  settings: Record<string, string | number> = {},
  options: { handler?: MessageHandler; concurrency?: number; observer?: ConsumerObserver } = {},
): World {
  const host = new FakeHost();
  const nsqd = new FakeNsqd(host, A);
  const messages: Message[] = [];
  const handler = (message: Message): void => {
    messages.push(message);
    options.handler?.(message);
  };
  const config: ClientConfig = parseClientConfig(settings);
  const consumer = new Consumer(host, "t", "c", config, options.concurrency ?? 100, handler, options.observer);
  host.step(() => consumer.connect(A));
  host.settle();
  return { host, nsqd, consumer, messages };
}

describe("set-up", () => {
  test("magic, IDENTIFY, then SUB and RDY without waiting for OK", () => {
    const { nsqd } = world({ max_in_flight: 5, client_id: "née" });
    const [magic, identify, ...rest] = nsqd.last.taken();
    expect(magic).toBe('"  V2"');
    expect(identify).toMatch(/^IDENTIFY [\x20-\x7e]+$/);
    expect(JSON.parse(identify!.slice(9))).toEqual({
      client_id: "née",
      hostname: "client1.example",
      user_agent: "nsqlab/0.1.0",
      short_id: "née",
      long_id: "client1.example",
      tls_v1: false,
      deflate: false,
      deflate_level: 6,
      snappy: false,
      feature_negotiation: true,
      heartbeat_interval: 30_000,
      sample_rate: 0,
      output_buffer_size: 16_384,
      output_buffer_timeout: 250,
      msg_timeout: 0,
      topology_region: "",
      topology_zone: "",
    });
    expect(rest).toEqual(["SUB t c", "RDY 5"]);
  });

  test("RDY is limited by the server's max_rdy_count", () => {
    const host = new FakeHost();
    const nsqd = new FakeNsqd(host, A);
    nsqd.features = '{"max_rdy_count":7}';
    const config = { ...DEFAULT_CLIENT_CONFIG, maxInFlight: 100 };
    const consumer = new Consumer(host, "t", "c", config, 1, () => {});
    host.step(() => consumer.connect(A));
    host.settle();
    expect(nsqd.last.taken().at(-1)).toBe("RDY 7");
  });

  test("a second connection makes the first give way before it gets its own share", () => {
    const { host, nsqd, consumer } = world({ max_in_flight: 10 });
    const other = new FakeNsqd(host, B);
    nsqd.last.taken();
    host.step(() => consumer.connect(B));
    host.settle();
    expect(nsqd.last.taken()).toEqual(["RDY 5"]);
    expect(other.last.taken().slice(2)).toEqual(["SUB t c", "RDY 5"]);
    expect(consumer.stats()).toMatchObject({ connections: 2, rdy: 10 });
  });

  test("bad names, concurrency, double connects and heartbeats off are refused", () => {
    const { host, consumer } = world();
    expect(() => consumer.connect(A)).toThrow("already connected to nsqd1:4150");
    const make = (topic: string, channel: string, concurrency: number, heartbeat: number): Consumer =>
      new Consumer(host, topic, channel, parseClientConfig({ heartbeat_interval: heartbeat }), concurrency, () => {});
    expect(() => make("a b", "c", 1, 1_000)).toThrow('topic name "a b" is not valid');
    expect(() => make("t", "", 1, 1_000)).toThrow('channel name "" is not valid');
    expect(() => make("t", "c", 0, 1_000)).toThrow("concurrency is an integer from 1, not 0");
    expect(() => make("t", "c", 1, -1)).toThrow("heartbeat_interval");
    expect(() => consumer.setMaxInFlight(-1)).toThrow("natural number");
  });
});

describe("answers on the wire", () => {
  test("a failing message, then a success: RDY comes before the answer that caused it", () => {
    const { host, nsqd, messages } = world({ max_in_flight: 5 });
    const { last } = nsqd;
    last.taken();
    last.message(1);
    host.step(() => messages[0]!.requeue(-1));
    expect(last.taken()).toEqual(["RDY 0", `REQ ${messageId(1)} 90000`]);
    host.advance(2 * SECOND - 1);
    expect(last.taken()).toEqual([]);
    host.advance(1);
    expect(last.taken()).toEqual(["RDY 1"]);
    last.message(2);
    host.step(() => messages[1]!.finish());
    expect(last.taken()).toEqual(["RDY 5", `FIN ${messageId(2)}`]);
  });

  test("with max-in-flight 1 the last RDY is left out", () => {
    const { host, nsqd, messages } = world();
    const { last } = nsqd;
    last.message(1);
    host.step(() => messages[0]!.requeue(-1));
    host.advance(2 * SECOND);
    last.taken();
    last.message(2);
    host.step(() => messages[1]!.finish());
    expect(last.taken()).toEqual([`FIN ${messageId(2)}`]);
  });

  test("the first answer wins; touches and answers after it do nothing", () => {
    const { host, nsqd, messages, consumer } = world();
    nsqd.last.taken();
    nsqd.last.message(7, 3);
    const [message] = messages;
    host.step(() => {
      message!.touch();
      message!.finish();
      message!.finish();
      message!.requeue(0);
      message!.touch();
    });
    expect(nsqd.last.taken()).toEqual([`TOUCH ${messageId(7)}`, `FIN ${messageId(7)}`]);
    expect(message!.answered).toBe(true);
    expect(consumer.stats()).toMatchObject({ received: 1, finished: 1, requeued: 0, inFlight: 0, handling: 0 });
  });

  test.each([
    [1, 90_000],
    [3, 270_000],
    [10, 900_000],
    [60_000, 900_000],
  ])("requeue -1 at attempt %i is sent with %i ms", (attempts, delayMs) => {
    const { host, nsqd, messages } = world({ max_attempts: 0 });
    nsqd.last.message(1, attempts);
    host.step(() => messages[0]!.requeue(-1, { backoff: false }));
    expect(nsqd.last.taken().at(-1)).toBe(`REQ ${messageId(1)} ${delayMs}`);
  });

  test("a requeue delay is sent in whole milliseconds; an impossible one is refused", () => {
    const { host, nsqd, messages } = world();
    nsqd.last.message(1);
    expect(() => messages[0]!.requeue(-2)).toThrow("not -2");
    host.step(() => messages[0]!.requeue(1_999, { backoff: false }));
    expect(nsqd.last.taken().at(-1)).toBe(`REQ ${messageId(1)} 1`);
  });

  test("what a message carries", () => {
    const { nsqd, messages } = world();
    nsqd.last.message(0xbeef, 2, "body");
    expect(messages[0]).toMatchObject({ attempts: 2, idHigh: 0x0a0b0c0d, idLow: 0xbeef, address: A, connection: 0 });
    expect(messages[0]!.id).toBe("0a0b0c0d0000beef");
    expect(messages[0]!.timestamp).toBe(1_700_000_000_123_456);
    expect(String.fromCharCode(...messages[0]!.body)).toBe("body");
  });

  test("beyond max_attempts a message is finished without a handler", () => {
    const gaveUp: number[] = [];
    const { nsqd, messages } = world({}, { observer: { gaveUp: (message) => gaveUp.push(message.attempts) } });
    nsqd.last.taken();
    nsqd.last.message(1, 5);
    nsqd.last.message(2, 6);
    expect(messages.map(({ attempts }) => attempts)).toEqual([5]);
    expect(gaveUp).toEqual([6]);
    expect(nsqd.last.taken()).toEqual([`FIN ${messageId(2)}`]);
  });

  test("an error for an answer names its message, and the connection stays", () => {
    const errors: unknown[] = [];
    const { nsqd, consumer } = world(
      {},
      { observer: { answerError: (_address, _conn, error, high, low) => errors.push([error, high, low]) } },
    );
    const text = `E_FIN_FAILED FIN ${messageId(3)} failed ID not in flight`;
    nsqd.last.error(text);
    expect(errors).toEqual([[text, 0x0a0b0c0d, 3]]);
    expect(consumer.stats().connections).toBe(1);
  });
});

describe("handlers", () => {
  test("no more than `concurrency` messages are with handlers; a release frees the slot", () => {
    const { host, nsqd, messages, consumer } = world({ max_in_flight: 10 }, { concurrency: 2 });
    for (const number of [1, 2, 3, 4]) nsqd.last.message(number);
    expect(messages.length).toBe(2);
    expect(consumer.stats()).toMatchObject({ handling: 2, buffered: 2, inFlight: 4 });
    host.step(() => messages[0]!.finish());
    expect(messages.length).toBe(3);
    host.step(() => messages[1]!.release());
    host.step(() => messages[1]!.release());
    expect(messages.length).toBe(4);
    expect(consumer.stats()).toMatchObject({ handling: 2, buffered: 0, inFlight: 3 });
  });

  test("messages that wait when the connection is lost are still handled; their answers go nowhere", () => {
    const dropped: string[] = [];
    const { host, nsqd, messages } = world(
      { max_in_flight: 3 },
      { concurrency: 1, observer: { dropped: (message, answer) => dropped.push(`${answer} ${message.idLow}`) } },
    );
    for (const number of [1, 2]) nsqd.last.message(number);
    nsqd.last.lose("reset");
    host.step(() => messages[0]!.finish());
    expect(messages.length).toBe(2);
    host.step(() => messages[1]!.touch());
    host.step(() => messages[1]!.requeue(-1));
    expect(dropped).toEqual(["finish 1", "touch 2", "requeue 2"]);
    expect(nsqd.last.taken().filter((command) => /FIN|REQ|TOUCH/.test(command))).toEqual([]);
  });

  test("isStarved: most of RDY is in flight", () => {
    const { nsqd, consumer } = world({ max_in_flight: 10 });
    for (let number = 1; number <= 7; number += 1) nsqd.last.message(number);
    expect(consumer.isStarved()).toBe(false);
    nsqd.last.message(8);
    expect(consumer.isStarved()).toBe(true);
  });
});

/** Fails messages until the level stays, and returns how long each wait was. */
function waits(count: number, settings: Record<string, string | number> = {}): number[] {
  const seen: number[] = [];
  const { host, nsqd, messages } = world(settings, {
    observer: { backoff: (phase, _level, wait) => phase === "wait" && seen.push(wait / SECOND) },
  });
  for (let number = 0; number < count; number += 1) {
    nsqd.last.message(number);
    host.step(() => messages.at(-1)!.requeue(0));
    host.advance(130 * SECOND);
    nsqd.last.response("_heartbeat_");
  }
  return seen;
}

describe("backoff", () => {
  test("waits double up to 64 s, never 120 s", () => {
    expect(waits(8, { read_timeout: "5m" })).toEqual([2, 4, 8, 16, 32, 64, 64, 64]);
  });

  test("max_backoff_duration 0 switches it off", () => {
    expect(waits(3, { max_backoff_duration: 0, read_timeout: "5m" })).toEqual([]);
  });

  test("full_jitter stays below the exponential wait", () => {
    const drawn = waits(5, { backoff_strategy: "full_jitter", read_timeout: "5m" });
    expect(drawn.length).toBe(5);
    for (const wait of drawn) expect(wait).toBeLessThan(64);
    expect(new Set(drawn).size).toBe(5);
  });

  test("answers during a wait are not counted; leaving takes as many successes as the level", () => {
    const phases: string[] = [];
    const { host, nsqd, messages } = world(
      { max_in_flight: 4 },
      { observer: { backoff: (phase, level, wait) => phases.push(`${phase} ${level} ${wait / SECOND}`) } },
    );
    for (const number of [1, 2, 3]) nsqd.last.message(number);
    for (const message of messages) host.step(() => message.requeue(0));
    expect(phases.splice(0)).toEqual(["enter 1 2", "wait 1 2"]);
    host.advance(2 * SECOND);
    nsqd.last.message(4);
    host.step(() => messages[3]!.requeue(0));
    host.advance(4 * SECOND);
    expect(phases.splice(0)).toEqual(["test 1 0", "wait 2 4", "test 2 0"]);
    nsqd.last.message(5);
    host.step(() => messages[4]!.requeue(0, { backoff: false }));
    host.advance(4 * SECOND);
    expect(phases.splice(0)).toEqual(["wait 2 4", "test 2 0"]);
    nsqd.last.message(6);
    host.step(() => messages[5]!.finish());
    host.advance(2 * SECOND);
    nsqd.last.message(7);
    nsqd.last.taken();
    host.step(() => messages[6]!.finish());
    expect(phases).toEqual(["wait 1 2", "test 1 0", "leave 0 0"]);
    expect(nsqd.last.taken()).toEqual(["RDY 4", `FIN ${messageId(7)}`]);
  });
});

describe("losing and finding nsqds", () => {
  test("a lost connection is made again after lookupd_poll_interval, for ever", () => {
    const log: string[] = [];
    const { host, nsqd, consumer } = world(
      {},
      {
        observer: {
          closed: (_address, conn, cause) => log.push(`closed ${conn} ${cause}`),
          connectFailed: (_address, cause) => log.push(`failed ${cause}`),
          connected: (_address, conn) => log.push(`connected ${conn}`),
          subscribed: (_address, conn, msgTimeout) => log.push(`subscribed ${conn} ${msgTimeout / SECOND}`),
        },
      },
    );
    expect(log.splice(0)).toEqual(["connected 0", "subscribed 0 60"]);
    nsqd.mode = "refuse";
    nsqd.last.finish();
    host.advance(60 * SECOND - 1);
    expect(log.splice(0)).toEqual(["closed 0 closed by nsqd"]);
    host.advance(1);
    expect(log.splice(0)).toEqual(["failed refused"]);
    nsqd.mode = "hang";
    host.advance(61 * SECOND);
    expect(log.splice(0)).toEqual(["failed dial timeout"]);
    nsqd.mode = "accept";
    host.advance(60 * SECOND);
    expect(log).toEqual(["connected 3", "subscribed 3 60"]);
    expect(consumer.stats().rdy).toBe(1);
  });

  test("a refused SUB closes with nsqd's reason and is tried again", () => {
    const causes: string[] = [];
    const host = new FakeHost();
    const nsqd = new FakeNsqd(host, A);
    nsqd.reply = (command) => (command.startsWith("IDENTIFY") ? nsqd.features : undefined);
    const observer: ConsumerObserver = { closed: (_address, _conn, cause) => causes.push(cause) };
    const consumer = new Consumer(host, "t", "c", DEFAULT_CLIENT_CONFIG, 1, () => {}, observer);
    host.step(() => consumer.connect(A));
    host.settle();
    nsqd.last.error("E_SUB_FAILED SUB failed consumers for t:c exceeds limit of 1");
    nsqd.last.finish();
    expect(causes).toEqual(["closed by nsqd after E_SUB_FAILED SUB failed consumers for t:c exceeds limit of 1"]);
    host.advance(60 * SECOND);
    expect(nsqd.connections.length).toBe(2);
  });

  test("silence for read_timeout closes; heartbeats are answered and are no silence", () => {
    const { host, nsqd, consumer } = world();
    nsqd.last.taken();
    for (let beat = 0; beat < 4; beat += 1) {
      host.advance(30 * SECOND);
      nsqd.last.response("_heartbeat_");
    }
    expect(nsqd.last.taken()).toEqual(["NOP", "NOP", "NOP", "NOP"]);
    host.advance(60 * SECOND - 1);
    expect(consumer.stats().connections).toBe(1);
    host.advance(1);
    expect(consumer.stats().connections).toBe(0);
  });

  test("a socket that takes nothing for write_timeout closes; one that drains in time does not", () => {
    const { host, nsqd, messages, consumer } = world({ max_in_flight: 9 });
    const { last } = nsqd;
    last.taken();
    for (const number of [1, 2, 3]) last.message(number);
    last.full = true;
    for (const message of messages) host.step(() => message.finish());
    host.advance(SECOND - 1);
    last.drain();
    expect(last.taken()).toEqual([1, 2, 3].map((number) => `FIN ${messageId(number)}`));
    last.full = true;
    last.message(4);
    host.step(() => messages[3]!.finish());
    host.advance(SECOND);
    expect(consumer.stats().connections).toBe(0);
  });

  test("auth is demanded: refused without a secret, sent with one", () => {
    const causes: string[] = [];
    const host = new FakeHost();
    const nsqd = new FakeNsqd(host, A);
    nsqd.features = '{"auth_required":true}';
    nsqd.reply = (command) =>
      command.startsWith("IDENTIFY") ? nsqd.features : command.startsWith("AUTH") ? "{}" : "OK";
    const observer: ConsumerObserver = { connectFailed: (_address, cause) => causes.push(cause) };
    const start = (config: ClientConfig): void => {
      const consumer = new Consumer(host, "t", "c", config, 1, () => {}, observer);
      host.step(() => consumer.connect(A));
      host.settle();
    };
    start(DEFAULT_CLIENT_CONFIG);
    expect(causes).toEqual(["Auth Required"]);
    start({ ...DEFAULT_CLIENT_CONFIG, authSecret: "sécret" });
    expect(nsqd.last.taken().slice(2)).toEqual(["AUTH s\u00c3\u00a9cret", "SUB t c", "RDY 1"]);
  });
});

describe("max-in-flight at run time", () => {
  test("0 pauses, more resumes; lowering works with several connections", () => {
    const { host, nsqd, consumer } = world({ max_in_flight: 10 });
    const other = new FakeNsqd(host, B);
    host.step(() => consumer.connect(B));
    host.settle();
    nsqd.last.taken();
    other.last.taken();
    const set = (count: number): string[] => {
      host.step(() => consumer.setMaxInFlight(count));
      return [...nsqd.last.taken(), ...other.last.taken()];
    };
    expect(set(4)).toEqual(["RDY 2", "RDY 2"]);
    expect(set(0)).toEqual(["RDY 0", "RDY 0"]);
    expect(set(1)).toEqual(["RDY 1"]);
    expect(set(6)).toEqual(["RDY 3", "RDY 3"]);
  });
});

describe("stop", () => {
  test("CLS, answers of what came, FIN of the stream; done once everything is over", () => {
    const { host, nsqd, messages, consumer } = world({ max_in_flight: 5 }, { concurrency: 1 });
    const { last } = nsqd;
    last.taken();
    last.message(1);
    last.message(2);
    const done: string[] = [];
    host.step(() => consumer.stop(() => done.push("first")));
    host.step(() => consumer.stop(() => done.push("second")));
    expect(last.taken()).toEqual(["CLS"]);
    last.message(3);
    last.response("CLOSE_WAIT");
    for (const index of [0, 1, 2]) {
      expect(last.clientEnded).toBe(false);
      host.step(() => messages[index]!.requeue(0));
    }
    expect(last.taken()).toEqual([1, 2, 3].map((number) => `REQ ${messageId(number)} 0`));
    expect(last.clientEnded).toBe(true);
    host.settle();
    expect(done).toEqual(["first", "second"]);
    expect(() => consumer.connect(B)).toThrow("stopped");
    host.advance(300 * SECOND);
    expect(nsqd.connections.length).toBe(1);
  });

  test("after 30 s it is over, answered or not", () => {
    const { host, nsqd, consumer } = world();
    nsqd.last.message(1);
    let done = false;
    host.step(() => consumer.stop(() => (done = true)));
    nsqd.last.response("CLOSE_WAIT");
    host.advance(30 * SECOND - 1);
    expect(done).toBe(false);
    host.advance(1);
    expect(done).toBe(true);
    expect(nsqd.last.alive).toBe(false);
  });

  test("an nsqd that does not answer the end of the stream is dropped after write_timeout", () => {
    const { host, nsqd, consumer } = world();
    nsqd.answersEnd = false;
    let done = false;
    host.step(() => consumer.stop(() => (done = true)));
    nsqd.last.response("CLOSE_WAIT");
    host.advance(SECOND);
    expect(done).toBe(true);
  });

  test("during a backoff wait it is over at once, and leaves no timer behind", () => {
    const { host, nsqd, messages, consumer } = world();
    nsqd.last.message(1);
    host.step(() => messages[0]!.requeue(-1));
    let done = false;
    host.step(() => consumer.stop(() => (done = true)));
    nsqd.last.response("CLOSE_WAIT");
    host.settle();
    expect(done).toBe(true);
    expect(host.armedTimers).toBe(0);
  });

  test("connections being made and reconnects are given up at once", () => {
    const { host, consumer } = world();
    const hanging = new FakeNsqd(host, B);
    hanging.mode = "hang";
    host.step(() => consumer.connect(B));
    host.step(() => consumer.connect("nowhere:1"));
    host.settle();
    let done = false;
    host.servers.get(A)!.last.lose("reset");
    host.step(() => consumer.stop(() => (done = true)));
    host.settle();
    expect(done).toBe(true);
  });
});

describe("bytes of a hostile nsqd", () => {
  test.each([
    ["HTTP/1.1 400 Bad Request\r\n\r\n", "the port speaks HTTP, not the NSQ protocol"],
    ["\0\0\0\x03abc", "frame size 3 is not valid"],
    ["\xff\xff\xff\xffabcd", "frame size -1 is not valid"],
    ["\0\0\0\x06\0\0\0\x07hi", "unknown frame type 7"],
    ["\0\0\x10\0\0\0\0\0", "frame size 4096 exceeds max_msg_size 4095"],
    ["\0\0\0\x08\0\0\0\x02abcd", "message frame of 4 bytes is too short"],
  ])("%j closes: %s", (bytes, cause) => {
    for (const cut of [bytes.length, 1]) {
      const causes: string[] = [];
      const observer: ConsumerObserver = { closed: (_address, _conn, reason) => causes.push(reason) };
      const { nsqd } = world({ max_msg_size: 4_095 }, { observer });
      for (let at = 0; at < bytes.length; at += cut) {
        nsqd.last.send(Uint8Array.from(bytes.slice(at, at + cut), (char) => char.charCodeAt(0)));
      }
      expect(causes).toEqual([cause]);
    }
  });

  test("an id that is not hex closes", () => {
    const causes: string[] = [];
    const { nsqd } = world({}, { observer: { closed: (_address, _conn, cause) => causes.push(cause) } });
    const frame = messageFrame(1);
    frame[20] = 0x47;
    nsqd.last.send(frame);
    expect(causes).toEqual(['message id "0aGb0c0d00000001" is not hex']);
  });

  test("upgrades that nobody asked for are refused", () => {
    const causes: string[] = [];
    const host = new FakeHost();
    const nsqd = new FakeNsqd(host, A);
    nsqd.features = '{"snappy":true}';
    const observer: ConsumerObserver = { connectFailed: (_address, cause) => causes.push(cause) };
    const consumer = new Consumer(host, "t", "c", DEFAULT_CLIENT_CONFIG, 1, () => {}, observer);
    host.step(() => consumer.connect(A));
    host.settle();
    expect(causes).toEqual(["the server switched snappy on, which was not asked for"]);
  });

  test("messages survive any fragmentation", () => {
    for (const size of [1, 2, 3, 5, 33, 34, 35, 64]) {
      const { nsqd, messages } = world({ max_in_flight: 9 });
      const stream = [1, 2, 3].flatMap((number) => [...messageFrame(number, 1, "x".repeat(number * 20))]);
      for (let at = 0; at < stream.length; at += size) nsqd.last.send(Uint8Array.from(stream.slice(at, at + size)));
      expect(messages.map(({ idLow, body }) => [idLow, String.fromCharCode(...body)])).toEqual(
        [1, 2, 3].map((number) => [number, "x".repeat(number * 20)]),
      );
    }
  });

  test("a frame that is announced but never comes costs no memory", () => {
    const { nsqd } = world();
    const before = process.memoryUsage().arrayBuffers;
    nsqd.last.send(Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 2, 1, 2, 3));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });
});
