import { describe, expect, test } from "vitest";
import { parseClientConfig } from "../../../core/client/config.ts";
import { Consumer } from "../../../core/client/consumer.ts";
import { Discovery } from "../../../core/client/discovery.ts";
import { parseLookupAnswer } from "../../../core/client/lookup-answer.ts";
import { parseLookupdUrl } from "../../../core/client/lookupd-url.ts";
import type { ConsumerObserver } from "../../../core/client/observer.ts";
import type { HttpCall, HttpResponse } from "../../../core/host.ts";
import { FRAME_ERROR, FRAME_RESPONSE, textFrame } from "../../../core/protocol/frame.ts";
import type { SimHost } from "../../../sim/host.ts";
import { ToyWorld } from "../../sim/toy-world.ts";

const FEATURES = '{"max_rdy_count":2500,"version":"1.3.0","max_msg_timeout":900000,"msg_timeout":60000}';
const VERSION = { "X-Nsq-Content-Type": "nsq; version=1.0" };

function producers(...ports: number[]): HttpResponse {
  const found = ports.map((port) => ({ broadcast_address: "q", tcp_port: port }));
  return { status: 200, headers: VERSION, body: JSON.stringify({ channels: [], producers: found }) };
}

/** Nsqlookupds that answer what the test says, and what they were asked. */
class Directory {
  readonly world = new ToyWorld();
  readonly client: SimHost;
  readonly asked: HttpCall[] = [];
  /** `<ms> <who>` of each request. */
  readonly log: string[] = [];
  answer: HttpResponse = producers();

  constructor(names: readonly string[]) {
    this.client = this.world.host("client");
    for (const name of names) {
      const handle = (request: HttpCall, reply: (response: HttpResponse) => void): void => {
        this.log.push(`${this.world.agenda.now / 1000} ${name}`);
        this.asked.push(request);
        reply(this.answer);
      };
      this.world.host(name).serveHttp(":4161", { maxBodyBytes: 0, head: () => null, handle }, () => {});
    }
  }

  discovery(settings: Record<string, string | number | boolean>, observer: ConsumerObserver = {}): Discovery {
    const found = (addresses: readonly string[]): void => void this.found.push(addresses.join(" "));
    return new Discovery(this.client, "t#ephemeral", parseClientConfig(settings), observer, found);
  }

  readonly found: string[] = [];
}

describe("polling", () => {
  test("asks at once, then every interval after one random delay, each time the next in turn", () => {
    const directory = new Directory(["a", "b"]);
    const discovery = directory.discovery({ lookupd_poll_interval: "10s", lookupd_poll_jitter: 0 });
    directory.answer = producers(1, 2);
    for (const name of ["a:4161", "b:4161", "a:4161"]) discovery.add(name);
    directory.world.pass(31_000);
    // The turn begins anew with the second nsqlookupd, as in go-nsq.
    expect(directory.log).toEqual(["10 a", "10010 a", "20010 b", "30010 a"]);
    expect(directory.found).toEqual(["q:1 q:2", "q:1 q:2", "q:1 q:2", "q:1 q:2"]);
    discovery.stop();
    directory.world.pass(60_000);
    expect(directory.log).toHaveLength(4);
  });

  test("delays the first interval by up to jitter times it, differently for each consumer", () => {
    const delays = ["one", "two", "three", "four"].map((name) => {
      const directory = new Directory(["a"]);
      const config = parseClientConfig({ lookupd_poll_interval: "10s", lookupd_poll_jitter: 0.5 });
      const discovery = new Discovery(directory.world.host(name), "t", config, {}, () => {});
      discovery.add("a:4161");
      directory.world.pass(40_000);
      const times = directory.log.map((line) => Number.parseFloat(line));
      expect(times[2]! - times[1]!).toBe(10_000);
      return times[1]! - times[0]! - 10_000;
    });
    for (const delay of delays) expect(delay >= 0 && delay <= 5_000).toBe(true);
    expect(new Set(delays).size).toBe(4);
  });

  test("asks the next one when one fails, three at most", () => {
    const directory = new Directory(["b"]);
    const failed: string[] = [];
    const observer = { lookupFailed: (lookupd: string, cause: string) => void failed.push(`${lookupd} ${cause}`) };
    const discovery = directory.discovery({ lookupd_poll_interval: "10s", lookupd_poll_jitter: 0 }, observer);
    for (const name of ["a", "x", "y", "b"]) discovery.add(`${name}:4161`);
    directory.world.pass(9_000);
    const who = (): string[] => failed.splice(0).map((line) => line.split(" ")[0]!);
    expect(who()).toEqual(["a:4161", "a:4161", "x:4161"]);
    directory.world.pass(10_000);
    expect(who()).toEqual(["y:4161"]);
    expect(directory.log).toEqual(["10030 b"]);
  });

  test("takes a topic that is not known for a failure like any other", () => {
    const directory = new Directory(["a", "b"]);
    const failed: string[] = [];
    const observer = { lookupFailed: (lookupd: string, cause: string) => void failed.push(`${lookupd} ${cause}`) };
    const discovery = directory.discovery({}, observer);
    directory.answer = { status: 404, headers: VERSION, body: '{"message":"TOPIC_NOT_FOUND"}' };
    discovery.add("a:4161");
    discovery.add("b:4161");
    directory.world.pass(1_000);
    expect(failed).toEqual(["a", "a", "b"].map((name) => `${name}:4161 got response 404`));
    expect(directory.found).toEqual([]);
  });

  test("gives up on an answer after lookupd_poll_timeout", () => {
    const directory = new Directory([]);
    directory.world.host("a").serveHttp(":4161", { maxBodyBytes: 0, head: () => null, handle: () => {} }, () => {});
    const failed: string[] = [];
    const observer = { lookupFailed: (_: string, cause: string) => void failed.push(cause) };
    directory.discovery({ lookupd_poll_timeout: "2s" }, observer).add("a:4161");
    directory.world.pass(6_500);
    expect(failed).toEqual(["a:4161: i/o timeout", "a:4161: i/o timeout", "a:4161: i/o timeout"]);
  });

  test("wanted during a poll happens once, after it", () => {
    const directory = new Directory(["a"]);
    const discovery = directory.discovery({});
    discovery.add("a:4161");
    for (let times = 0; times < 5; times += 1) discovery.poll();
    directory.world.pass(1_000);
    expect(directory.log).toEqual(["10 a", "30 a"]);
  });
});

describe("a request", () => {
  test("says the topic, the version and the secret", () => {
    const directory = new Directory(["a"]);
    directory.discovery({ auth_secret: "s3" }).add("http://a:4161/path?x=1");
    directory.discovery({ auth_secret: "s3", "skip-lookupd-authorization": false }).add("a:4161");
    directory.world.pass(100);
    expect(directory.asked).toMatchObject([
      {
        method: "GET",
        target: "/path?x=1&topic=t%23ephemeral",
        headers: { Accept: "application/vnd.nsq; version=1.0", Authorization: "Bearer s3" },
      },
      { target: "/lookup?topic=t%23ephemeral" },
    ]);
    expect(directory.asked[1]!.headers).toEqual({ Accept: "application/vnd.nsq; version=1.0" });
  });

  test.each([
    ["lk:4161", { address: "lk:4161", path: "/lookup", query: "" }],
    ["http://[::1]:4161/", { address: "[::1]:4161", path: "/lookup", query: "" }],
    ["lk:1?a=b", { address: "lk:1", path: "/lookup", query: "a=b" }],
  ])("goes to %s", (lookupd, parsed) => {
    expect(parseLookupdUrl(lookupd)).toEqual(parsed);
  });

  test.each([
    "",
    "lk",
    "lk:",
    "http://lk/lookup",
    "https://lk:4161",
    "lk:0",
    "lk:65536",
    "lk:1 ",
    ":1#x",
    "ftp://lk:1",
  ])("does not go to %j", (lookupd) => {
    expect(() => parseLookupdUrl(lookupd)).toThrow(expect.objectContaining({ code: "invalid-argument" }));
  });
});

describe("an answer", () => {
  test("is taken from old nsqlookupds as well, which wrap it", () => {
    const data = { producers: [{ broadcast_address: "q", tcp_port: 1 }] };
    expect(parseLookupAnswer({}, JSON.stringify({ status_code: 200, data }))).toEqual(["q:1"]);
    expect(parseLookupAnswer({ "x-nsq-content-type": "nsq; version=1.0" }, JSON.stringify(data))).toEqual(["q:1"]);
  });

  test("leaves out who cannot be reached", () => {
    const found = [
      { broadcast_address: "::1", tcp_port: 4150 },
      { broadcast_address: "", tcp_port: 1 },
      { broadcast_address: "q", tcp_port: 0 },
      { broadcast_address: "q", tcp_port: 65_536 },
      { broadcast_address: "q", tcp_port: "4150" },
      { tcp_port: 4150 },
      null,
    ];
    expect(parseLookupAnswer(VERSION, JSON.stringify({ producers: found }))).toEqual(["[::1]:4150"]);
  });

  test.each(["", "null", "[]", "1", '{"producers":{}}', '{"producers":"x"}', "{"])("is not %j", (body) => {
    expect(parseLookupAnswer(VERSION, body)).toBeNull();
  });
});

describe("a consumer", () => {
  test("connects to what is found, keeps what vanishes, and asks at once when a connection is lost", () => {
    const directory = new Directory(["a"]);
    const { world } = directory;
    const accepted: string[] = [];
    const streams: { destroy(): void }[] = [];
    for (const port of [1, 2]) {
      world.host("q").listen(
        `:${port}`,
        (stream) => {
          accepted.push(`${world.agenda.now / 1000} ${port}`);
          streams.push(stream);
          let isFirst = true;
          return {
            data: () => {
              stream.write(textFrame(FRAME_RESPONSE, isFirst ? FEATURES : "OK"));
              isFirst = false;
            },
            ended: () => {},
            closed: () => {},
          };
        },
        () => {},
      );
    }
    directory.answer = producers(1, 2);
    const config = parseClientConfig({ lookupd_poll_interval: "10s", lookupd_poll_jitter: 0 });
    const consumer = new Consumer(directory.client, "t", "c", config, 1, () => {});
    consumer.connectToLookupd("a:4161");
    world.pass(1_000);
    expect(accepted).toEqual(["30 1", "30 2"]);
    directory.answer = producers(2);
    world.pass(10_000);
    expect(consumer.stats().connections).toBe(2);
    streams[1]!.destroy();
    world.pass(100);
    expect(directory.log).toEqual(["10 a", "10010 a", "11020 a"]);
    expect(accepted.slice(2)).toEqual(["11040 2"]);
    streams[0]!.destroy();
    world.pass(30_000);
    expect(consumer.stats().connections).toBe(1);
    expect(() => consumer.connectToLookupd("nonsense")).toThrow("host:port");
    consumer.stop(() => {});
    expect(() => consumer.connectToLookupd("a:4161")).toThrow("stopped");
  });

  test("does not ask at once for an nsqd that refuses it", () => {
    const directory = new Directory(["a"]);
    const { world } = directory;
    let refusals = 0;
    world.host("q").listen(
      ":1",
      (stream) => ({
        data: (bytes) => {
          if (bytes[0] === "S".charCodeAt(0)) {
            refusals += 1;
            stream.write(textFrame(FRAME_ERROR, "E_SUB_FAILED SUB failed consumers for t:c exceeds limit of 1"));
            stream.end();
          } else stream.write(textFrame(FRAME_RESPONSE, FEATURES));
        },
        ended: () => {},
        closed: () => {},
      }),
      () => {},
    );
    directory.answer = producers(1);
    const config = parseClientConfig({ lookupd_poll_interval: "10s", lookupd_poll_jitter: 0 });
    new Consumer(directory.client, "t", "c", config, 1, () => {}).connectToLookupd("a:4161");
    world.pass(25_000);
    expect([directory.log.length, refusals]).toEqual([3, 3]);
  });
});
