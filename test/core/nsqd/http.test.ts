import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { goJson } from "../../../core/nsqd/http/answer.ts";
import { parseQuery } from "../../../core/nsqd/http/query.ts";
import { FLAGS } from "../../../core/nsqd/flags.ts";
import { Http } from "./fake-admin.ts";

const OK = { status: 200, body: "OK" };
const NOTHING = { status: 200, body: "" };

function error(status: number, code: string): object {
  return { status, body: `{"message":"${code}"}` };
}

describe("routing", () => {
  test.each([
    ["GET", "/nope", error(404, "NOT_FOUND")],
    ["GET", "/", error(404, "NOT_FOUND")],
    ["GET", "/config/", error(404, "NOT_FOUND")],
    ["GET", "/constructor", error(404, "NOT_FOUND")],
    ["GET", "/config/*", error(400, "INVALID_OPTION")],
    ["OPTIONS", "/nope", error(404, "NOT_FOUND")],
    ["GET", "/pub", error(405, "METHOD_NOT_ALLOWED")],
    ["HEAD", "/ping", error(405, "METHOD_NOT_ALLOWED")],
    ["GET", "/%70ing", OK],
    ["GET", "http://box:4151/ping", OK],
  ])("%s %s", (method, target, answer) => {
    expect(new Http().ask(method, target)).toMatchObject(answer);
  });

  test("a stopping nsqd shows, and changes nothing any more", () => {
    const http = new Http();
    http.admin.isStopping = true;
    for (const target of ["/pub?topic=t", "/topic/create?topic=t", "/topic/delete?topic=t", "/channel/delete?topic=t"])
      expect(http.post(target, "x")).toMatchObject(error(503, "EXITING"));
    expect(http.get("/ping")).toMatchObject(OK);
    expect([...http.admin.topics()]).toEqual([]);
  });

  test("a publish hangs while the topic has no ids for it, and goes on when it has", () => {
    const http = new Http();
    const topic = http.admin.createTopic("t");
    topic.idWait.isOver = false;
    for (const target of ["/pub?topic=t", "/mpub?topic=t"]) expect(http.post(target, "x")).toBeNull();
    expect(http.post("/pub?topic=u", "x")).toMatchObject(OK);
    topic.idWait.isOver = true;
    for (const then of topic.idWait.waiting) then();
    expect(http.lastAnswer).toMatchObject(OK);
    expect(topic.published.map(({ body }) => body)).toEqual(["x", "x"]);
  });

  test("405 and OPTIONS say what is allowed", () => {
    const http = new Http();
    expect(http.get("/pub")).toMatchObject({ headers: { Allow: "OPTIONS, POST" } });
    const config = http.ask("OPTIONS", "/config/log_level");
    expect(config).toEqual({ status: 200, headers: { Allow: "GET, OPTIONS, PUT" }, body: "" });
  });

  test("a trailing slash is redirected, with the query", () => {
    const http = new Http();
    expect(http.get("/stats/")).toMatchObject({ status: 301, headers: { Location: "/stats" } });
    expect(http.post("/pub/?topic=t", "x")).toMatchObject({ status: 307, headers: { Location: "/pub?topic=t" } });
    expect(http.get("/pub/")).toMatchObject(error(404, "NOT_FOUND"));
  });

  test("the version header is everywhere but on /ping", () => {
    const http = new Http();
    expect(http.get("/ping")?.headers).not.toHaveProperty("X-Nsq-Content-Type");
    for (const answer of [http.get("/info"), http.get("/nope"), http.post("/topic/create?topic=t")]) {
      expect(answer?.headers).toMatchObject({ "X-Nsq-Content-Type": "nsq; version=1.0" });
    }
  });
});

describe("queries", () => {
  test("the first value wins, + is a blank, what is no UTF-8 is replaced", () => {
    const query = parseQuery("a=1&a=2&b=x+y%21&c&=e&%c3%a9=%ff%41&&");
    expect([...(query ?? [])]).toEqual([
      ["a", "1"],
      ["b", "x y!"],
      ["c", ""],
      ["", "e"],
      ["é", "\ufffdA"],
    ]);
  });

  test.each(["%", "%2", "a=%zz", "a=1;b=2", "a=1&%"])("%j cannot be decoded", (text) => {
    expect(parseQuery(text)).toBeNull();
  });

  test("any text is decoded or refused", () => {
    const property = fc.property(fc.string(), (text) => {
      parseQuery(text);
    });
    fc.assert(property);
  });

  test.each(["/pub", "/mpub", "/topic/create", "/topic/delete", "/topic/empty", "/topic/pause", "/channel/create"])(
    "%s refuses a query that cannot be decoded",
    (path) => {
      expect(new Http().post(`${path}?topic=%zz`, "x")).toMatchObject(error(400, "INVALID_REQUEST"));
    },
  );
});

describe("/pub", () => {
  test("publishes the body as it is", () => {
    const http = new Http();
    expect(http.post("/pub?topic=t&defer=%2B250", "a\nb")).toMatchObject(OK);
    expect(http.admin.topic("t")?.published).toEqual([{ body: "a\nb", delayMs: 250 }]);
  });

  test.each([
    ["/pub", "", error(400, "MSG_EMPTY")],
    ["/pub", "12345678901", error(413, "MSG_TOO_BIG")],
    ["/pub?topic=%zz", "x", error(400, "INVALID_REQUEST")],
    ["/pub", "x", error(400, "MISSING_ARG_TOPIC")],
    ["/pub?topic=t/x", "x", error(400, "INVALID_TOPIC")],
    ["/pub?topic=t&defer=-1", "x", error(400, "INVALID_DEFER")],
    ["/pub?topic=t&defer=", "x", error(400, "INVALID_DEFER")],
    ["/pub?topic=t&defer=0x1", "x", error(400, "INVALID_DEFER")],
    ["/pub?topic=t&defer=3600001", "x", error(400, "INVALID_DEFER")],
  ])("%s with %j", (target, body, answer) => {
    const http = new Http({ maxMsgSize: 10 });
    expect(http.post(target, body)).toMatchObject(answer);
    // A bad delay is found after the topic was created.
    expect(http.admin.topics().map(({ name }) => name)).toEqual(target.includes("defer") ? ["t"] : []);
  });

  test("what the broker refuses is 503", () => {
    const http = new Http();
    http.admin.createTopic("t").refusal = "exiting";
    expect(http.post("/pub?topic=t", "x")).toMatchObject(error(503, "EXITING"));
    http.admin.createTopic("t").refusal = "no space left on device";
    expect(http.post("/pub?topic=t", "x")).toMatchObject(error(503, "EXITING"));
  });
});

describe("/mpub", () => {
  test("lines, without their ends and without empty ones", () => {
    const http = new Http();
    expect(http.post("/mpub?topic=t", "a\n\nb\r\nc")).toMatchObject(OK);
    expect(http.admin.topic("t")?.published.map(({ body }) => body)).toEqual(["a", "b\r", "c"]);
  });

  test("an empty body publishes nothing and is OK", () => {
    const http = new Http();
    expect(http.post("/mpub?topic=t")).toMatchObject(OK);
    expect(http.admin.topic("t")?.published).toEqual([]);
  });

  test.each(["true", "1", "", "yes"])("binary=%s is binary", (value) => {
    const http = new Http();
    const body = "\0\0\0\x02\0\0\0\x01a\0\0\0\x02bcsurplus";
    expect(http.post(`/mpub?topic=t&binary=${value}`, body)).toMatchObject(OK);
    expect(http.admin.topic("t")?.published.map(({ body }) => body)).toEqual(["a", "bc"]);
    expect(http.host.logged.length).toBe(value === "true" || value === "1" ? 0 : 1);
  });

  test.each([
    ["", "BAD_BODY"],
    ["\0\0\0", "BAD_BODY"],
    ["\0\0\0\0", "BAD_BODY"],
    ["\xff\xff\xff\xff", "BAD_BODY"],
    ["\0\x10\0\0", "BAD_BODY"],
    ["\0\0\0\x01", "BAD_MESSAGE"],
    ["\0\0\0\x01\0\0\0\0", "BAD_MESSAGE"],
    ["\0\0\0\x01\0\0\0\x06123456", "BAD_MESSAGE"],
    ["\0\0\0\x01\0\0\0\x05abc", "BAD_MESSAGE"],
    ["\0\0\0\x02\0\0\0\x01a", "BAD_MESSAGE"],
  ])("binary %j is %s", (body, code) => {
    const http = new Http({ maxMsgSize: 5 });
    expect(http.post("/mpub?topic=t&binary=true", body)).toMatchObject(error(413, code));
    expect(http.admin.topic("t")?.published).toEqual([]);
  });

  test("limits of a line and of the whole", () => {
    const http = new Http({ maxMsgSize: 5, maxBodySize: 20 });
    expect(http.post("/mpub?topic=t", "ok\n123456")).toMatchObject(error(413, "MSG_TOO_BIG"));
    expect(http.post("/mpub?topic=t", "12345\n12345\n12345\n12")).toMatchObject(OK);
    expect(http.post("/mpub?topic=u", "12345\n12345\n12345\n123")).toMatchObject(error(413, "BODY_TOO_BIG"));
    expect(http.admin.topic("u")).toBeUndefined();
  });
});

describe("topics and channels", () => {
  test.each([
    ["/topic/create", error(400, "MISSING_ARG_TOPIC")],
    ["/topic/create?topic=a/b", error(400, "INVALID_TOPIC")],
    ["/topic/delete", error(400, "MISSING_ARG_TOPIC")],
    ["/topic/delete?topic=a/b", error(404, "TOPIC_NOT_FOUND")],
    ["/topic/empty?topic=a/b", error(400, "INVALID_TOPIC")],
    ["/topic/empty?topic=no", error(404, "TOPIC_NOT_FOUND")],
    ["/topic/pause?topic=a/b", error(404, "TOPIC_NOT_FOUND")],
    ["/topic/unpause", error(400, "MISSING_ARG_TOPIC")],
    ["/channel/create?channel=a/b", error(400, "MISSING_ARG_TOPIC")],
    ["/channel/create?topic=a/b", error(400, "INVALID_ARG_TOPIC")],
    ["/channel/create?topic=no", error(400, "MISSING_ARG_CHANNEL")],
    ["/channel/create?topic=no&channel=a/b", error(400, "INVALID_ARG_CHANNEL")],
    ["/channel/create?topic=no&channel=c", error(404, "TOPIC_NOT_FOUND")],
    ["/channel/delete?topic=t&channel=no", error(404, "CHANNEL_NOT_FOUND")],
    ["/channel/empty?topic=t&channel=no", error(404, "CHANNEL_NOT_FOUND")],
    ["/channel/pause?topic=t&channel=no", error(404, "CHANNEL_NOT_FOUND")],
  ])("POST %s", (target, answer) => {
    const http = new Http();
    http.admin.createTopic("t");
    expect(http.post(target)).toMatchObject(answer);
  });

  test("create, empty and delete", () => {
    const http = new Http();
    expect(http.post("/topic/create?topic=t")).toMatchObject(NOTHING);
    expect(http.post("/channel/create?topic=t&channel=c")).toMatchObject(NOTHING);
    expect(http.post("/topic/empty?topic=t")).toMatchObject(NOTHING);
    expect(http.post("/channel/empty?topic=t&channel=c")).toMatchObject(NOTHING);
    expect(http.admin.topic("t")?.emptied).toBe(1);
    expect(http.admin.topic("t")?.channel("c")?.emptied).toBe(1);
    expect(http.post("/channel/delete?topic=t&channel=c")).toMatchObject(NOTHING);
    expect(http.admin.topic("t")?.channels()).toEqual([]);
    expect(http.post("/topic/delete?topic=t")).toMatchObject(NOTHING);
    expect(http.admin.topics()).toEqual([]);
  });

  test("a pause is answered when nsqd.dat has it", () => {
    const http = new Http();
    http.admin.createTopic("t").createChannel("c");
    expect(http.post("/channel/pause?topic=t&channel=c")).toBeNull();
    expect(http.admin.topic("t")?.channel("c")?.paused).toBe(true);
    http.host.endStep();
    expect(http.lastAnswer).toBeNull();
    http.host.files.finishWrite();
    expect(http.lastAnswer).toMatchObject(NOTHING);
    expect(http.host.files.written.at(-1)).toContain('{"name":"c","paused":true}');
  });
});

describe("/config", () => {
  test.each([
    ["max_msg_size", "1048576"],
    ["msg_timeout", "60000000000"],
    ["log_level", "2"],
    ["id", "0"],
    ["nsqlookupd_tcp_addresses", "[]"],
    ["tcp_address", "0.0.0.0:4150"],
    ["deflate", "true"],
    ["tls_min_version", "769"],
    ["tls_required", "0"],
    ["statsd_prefix", "nsq.box_4151."],
    ["broadcast_address", "box"],
  ])("GET %s is %s", (name, value) => {
    expect(new Http().get(`/config/${name}`)).toMatchObject({ status: 200, body: value });
  });

  test("every flag is there", () => {
    const http = new Http();
    for (const flag of FLAGS) {
      const name = flag.configName ?? flag.name.replaceAll("-", "_");
      expect(http.get(`/config/${name}`), name).toMatchObject({ status: 200 });
    }
    expect(http.get("/config/node_id")).toMatchObject(error(400, "INVALID_OPTION"));
  });

  test("the log level can be set, by its word", () => {
    const http = new Http();
    expect(http.ask("PUT", "/config/log_level", "DEBUG")).toMatchObject({ status: 200, body: "1" });
    expect(http.get("/config/log_level")).toMatchObject({ body: "1" });
    expect(http.host.logLevel).toBe("debug");
    expect(http.ask("PUT", "/config/log_level", '"info"')).toMatchObject(error(400, "INVALID_VALUE"));
    expect(http.ask("PUT", "/config/log_level", "")).toMatchObject(error(413, "INVALID_VALUE"));
    expect(http.ask("PUT", "/config/max_msg_size", "5")).toMatchObject(error(400, "INVALID_OPTION"));
    expect(http.host.logLevel).toBe("debug");
  });
});

describe("/ping, /info, /stats", () => {
  test("/ping tells the health", () => {
    const http = new Http();
    expect(http.get("/ping")).toMatchObject(OK);
    http.admin.state = "NOK - no space left";
    expect(http.get("/ping")).toMatchObject({ status: 500, body: "NOK - no space left" });
  });

  test("/info has the real ports, and durations in nanoseconds", () => {
    expect(JSON.parse(String(new Http().get("/info")?.body))).toEqual({
      version: "1.3.0",
      broadcast_address: "box",
      hostname: "box",
      http_port: 4151,
      tcp_port: 4150,
      start_time: 1_700_000_000,
      max_heartbeat_interval: 60_000_000_000,
      max_output_buffer_size: 65_536,
      max_output_buffer_timeout: 30_000_000_000,
      max_deflate_level: 6,
      topology_zone: "",
      topology_region: "",
    });
  });

  test("/stats hands its filters on", () => {
    const http = new Http();
    http.get("/stats?format=json&topic=t&channel=c&include_clients=0");
    expect(http.admin.lastFilter).toEqual({ topic: "t", channel: "c", includeClients: false });
    http.get("/stats?include_clients=maybe");
    expect(http.admin.lastFilter).toEqual({ topic: "", channel: "", includeClients: true });
  });

  test("the text of an idle broker", () => {
    expect(new Http().get("/stats")?.body).toBe(
      [
        "nsqd v1.3.0 (nsqlab)",
        "start_time 2023-11-14T22:13:20Z",
        "uptime 1m30s",
        "",
        "Health: OK",
        "",
        "Topics: None",
        "",
        "Producers: None",
        "",
      ].join("\n"),
    );
  });

  test("JSON is escaped as Go does", () => {
    expect(goJson({ "<": "a&b>\u2028\b\f\n\\b" })).toBe(String.raw`{"\u003c":"a\u0026b\u003e\u2028\u0008\u000c\n\\b"}`);
  });

  test("escaped JSON says the same", () => {
    const property = fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(JSON.parse(goJson(text))).toBe(text);
    });
    fc.assert(property);
  });
});
