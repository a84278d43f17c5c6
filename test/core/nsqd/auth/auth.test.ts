/** AUTH and what it permits: protocol.md §13. */
import { describe, expect, test } from "vitest";
import {
  type Host,
  HostError,
  type HttpCall,
  type HttpResponse,
  type TlsContext,
  type TlsFacts,
} from "../../../../core/host.ts";
import { endpointOf, jsonEncoded, urlEncoded } from "../../../../core/nsqd/auth/query.ts";
import { Broker } from "../../../../core/nsqd/broker.ts";
import { DEFAULT_OPTIONS, type NsqdOptions } from "../../../../core/nsqd/options.ts";
import { byteString } from "../../../../core/protocol/text.ts";
import { SECOND } from "../../../../core/time.ts";
import { type FakeClient, FakeHost, identify, mpub, pub, sized } from "../fake-host.ts";

interface Asked {
  readonly address: string;
  readonly call: HttpCall;
  readonly done: (result: HostError | HttpResponse) => void;
}

const EVERYTHING = [{ topic: ".*", channels: [".*"], permissions: ["subscribe", "publish"] }];

function answer(fields: object = {}): HttpResponse {
  const whole = { ttl: 60, identity: "me", identity_url: "http://127.0.0.1/me", authorizations: EVERYTHING, ...fields };
  return { status: 200, headers: {}, body: JSON.stringify(whole) };
}

/** A broker with auth servers that the test plays. */
class AuthRig {
  readonly asked: Asked[] = [];
  readonly host = new FakeHost();
  readonly broker: Broker;

  constructor(options: Partial<NsqdOptions> = {}, tls: TlsContext | null = null) {
    const requestHttp: Host["requestHttp"] = (address, call, done) => this.asked.push({ address, call, done });
    Object.assign(this.host, { requestHttp });
    const whole = { ...DEFAULT_OPTIONS, authHttpAddresses: ["auth:4181"], ...options };
    this.broker = new Broker(this.host, whole, null, tls);
  }

  client(text = ""): FakeClient {
    const client = this.host.client((stream) => this.broker.accept(stream));
    return client.send(`  V2${text}`);
  }

  /** Answers the oldest question. */
  reply(result: HostError | HttpResponse): Asked {
    const asked = this.asked.shift();
    if (asked === undefined) throw new Error("nobody was asked");
    this.host.step(() => asked.done(result));
    return asked;
  }

  /** A client that may do what these say. */
  authenticated(fields: object = {}): FakeClient {
    const client = this.client(AUTH);
    this.reply(answer(fields));
    expect(client.texts()[0]).toContain("permission_count");
    return client;
  }
}

/** An answer with one rule. */
function rules(topic: string, channels: string[], ...permissions: string[]): object {
  return { authorizations: [{ topic, channels, permissions }] };
}

const AUTH = `AUTH\n${sized("secret")}`;

describe("AUTH", () => {
  test("is answered when the auth server has answered, and what follows it waits", () => {
    const rig = new AuthRig();
    const client = rig.client(`${AUTH}${pub("t", "one")}SUB t c\nRDY 1\n`);
    expect(client.isReadingPaused).toBe(true);
    client.send(pub("t", "two"));
    expect(client.texts()).toEqual([]);
    rig.reply(answer());
    expect(client.isReadingPaused).toBe(false);
    expect(client.texts()).toEqual([
      '{"identity":"me","identity_url":"http://127.0.0.1/me","permission_count":1}',
      "OK",
      "OK",
      "one*1",
      "OK",
    ]);
    const [topic] = rig.broker.stats().topics ?? [];
    const shown = { authed: true, auth_identity: "me", auth_identity_url: "http://127.0.0.1/me" };
    expect(topic?.channels[0]?.clients?.[0]).toMatchObject(shown);
    expect(rig.asked).toEqual([]);
  });

  test("an identity that is empty is not shown", () => {
    const rig = new AuthRig();
    const client = rig.authenticated({ identity: "", identity_url: null });
    client.send(pub("t", "x"));
    const [producer] = rig.broker.stats().producers ?? [];
    expect(producer).toMatchObject({ authed: true });
    expect(Object.keys(producer ?? {}).filter((key) => key.startsWith("auth_"))).toEqual([]);
  });

  test("is announced", () => {
    const client = new AuthRig().client(identify({ feature_negotiation: true }));
    expect(JSON.parse(client.texts()[0] ?? "")).toMatchObject({ auth_required: true });
  });

  test.each<[name: string, result: HostError | HttpResponse]>([
    ["no connection", new HostError("ECONNREFUSED", "connection refused")],
    ["another status", { status: 403, headers: {}, body: "{}" }],
    ["no JSON", { status: 200, headers: {}, body: "{" }],
    ["no object", { status: 200, headers: {}, body: "[]" }],
    ["null", { status: 200, headers: {}, body: "null" }],
    ["no ttl", answer({ ttl: undefined })],
    ["a ttl of 0", answer({ ttl: 0 })],
    ["half a second", answer({ ttl: 0.5 })],
    ["a number for a name", answer({ identity: 1 })],
    ["an object for a list", answer({ authorizations: {} })],
    ["a text for a rule", answer({ authorizations: ["x"] })],
    ["an unknown permission", answer({ authorizations: [{ permissions: ["dance"] }] })],
    ["a bad topic", answer({ authorizations: [{ topic: "(" }] })],
    ["a bad channel", answer({ authorizations: [{ topic: "", channels: ["(?=a)"] }] })],
  ])("fails with %s", (_, result) => {
    const rig = new AuthRig();
    const client = rig.client(AUTH);
    rig.reply(result);
    expect(client.texts()).toEqual(["! E_AUTH_FAILED AUTH failed"]);
    expect(client.ended).toBe(true);
    expect(rig.host.logs.some((line) => line.startsWith("error auth server auth:4181: "))).toBe(true);
    expect(rig.host.logs.some((line) => line.includes("secret"))).toBe(false);
  });

  test.each([{ authorizations: [] }, { authorizations: null }])("without rules it is refused: %j", (fields) => {
    const rig = new AuthRig();
    const client = rig.client(AUTH);
    rig.reply(answer(fields));
    expect(client.texts()).toEqual(["! E_UNAUTHORIZED AUTH no authorizations found"]);
  });

  test("names of fields are matched as Go does", () => {
    const rig = new AuthRig();
    const client = rig.client(AUTH);
    rig.reply({
      status: 200,
      headers: {},
      body: '{"TTL":1,"Identity":"I","Authorizations":[{"Topic":"t"}],"more":{}}',
    });
    expect(client.texts()).toEqual(['{"identity":"I","identity_url":"","permission_count":1}']);
  });

  test("a client that goes while the server is asked is forgotten", () => {
    const rig = new AuthRig();
    const client = rig.client(AUTH);
    client.close();
    rig.reply(answer());
    expect(client.texts()).toEqual([]);
    expect([...rig.broker.sessions.keys()]).toEqual([]);
  });

  test("a client that has said all is still answered", () => {
    const rig = new AuthRig();
    const client = rig.client(`${AUTH}${pub("t", "last")}`);
    client.finish();
    expect(client.ended).toBe(false);
    rig.reply(answer());
    expect(client.texts().slice(1)).toEqual(["OK"]);
    expect(client.ended).toBe(true);
  });

  test("a client is not cut off because its auth server is slow", () => {
    const rig = new AuthRig();
    const client = rig.client(`${identify({ heartbeat_interval: 1000 })}${AUTH}`);
    rig.host.advance(5 * SECOND);
    rig.reply(answer());
    expect(client.texts().at(-1)).toContain("permission_count");
    rig.host.advance(2 * SECOND);
    expect(client.ended).toBe(true);
  });
});

describe("the servers", () => {
  test("are asked in turn, from any of them on, until one answers", () => {
    const first = new Set<string>();
    for (let round = 0; round < 8; round += 1) {
      const rig = new AuthRig({ authHttpAddresses: ["a:1", "b:1", "c:1"] });
      for (let skipped = 0; skipped < round; skipped += 1) rig.host.random("auth").integer(0, 2);
      const client = rig.client(AUTH);
      const asked = [rig.reply(new HostError("ECONNREFUSED", "")), rig.reply(new HostError("ETIMEDOUT", ""))];
      expect(client.texts()).toEqual([]);
      asked.push(rig.reply(answer()));
      expect(client.texts().length).toBe(1);
      const order = asked.map(({ address }) => address).join(" ");
      expect(["a:1 b:1 c:1", "b:1 c:1 a:1", "c:1 a:1 b:1"]).toContain(order);
      first.add(order);
    }
    expect(first.size).toBeGreaterThan(1);
  });

  test("are asked with the timeouts of the flags", () => {
    const rig = new AuthRig({ httpClientConnectTimeout: 3 * SECOND, httpClientRequestTimeout: 4 * SECOND });
    rig.client(AUTH);
    expect(rig.asked[0]?.call).toMatchObject({
      method: "GET",
      target: "/auth?common_name=&remote_ip=client&secret=secret&tls=false",
      headers: { Accept: "application/vnd.nsq; version=1.0" },
      connectTimeout: 3 * SECOND,
      timeout: 4 * SECOND,
    });
  });

  test("may be asked by POST", () => {
    const rig = new AuthRig({ authHttpRequestMethod: "post" });
    rig.client(AUTH);
    const { method, target, headers, body } = rig.asked[0]!.call;
    expect([method, target, headers?.["Content-Type"]]).toEqual(["POST", "/auth", "application/json"]);
    expect(byteString(body, 0, body.length)).toBe(
      '{"common_name":[""],"remote_ip":["client"],"secret":["secret"],"tls":["false"]}',
    );
  });

  test("that refuse clear text are asked again over HTTPS, once", () => {
    const context = { settings: {} } as TlsContext;
    const rig = new AuthRig();
    Object.assign(rig.host, { loadTls: () => context });
    const client = rig.client(AUTH);
    const refusal = { status: 403, headers: {}, body: '{"message":"TLS_REQUIRED","https_port":4443}' };
    expect(rig.reply(refusal).call.tls).toBe(undefined);
    const second = rig.reply(refusal);
    expect([second.address, second.call.tls]).toEqual(["auth:4443", context]);
    expect(client.texts()).toEqual(["! E_AUTH_FAILED AUTH failed"]);
  });

  test("over HTTPS need a host with TLS", () => {
    const client = new AuthRig({ authHttpAddresses: ["https://auth/x"] }).client(AUTH);
    expect(client.texts()).toEqual(["! E_AUTH_FAILED AUTH failed"]);
  });

  test.each([
    ["auth:4181", { isSecure: false, address: "auth:4181", target: "/auth" }],
    ["http://[::1]", { isSecure: false, address: "[::1]:80", target: "/" }],
    ["https://auth:8443/who?x=1", { isSecure: true, address: "auth:8443", target: "/who?x=1" }],
    ["HTTPS://[::1]/a", { isSecure: true, address: "[::1]:443", target: "/a" }],
    ["ftp://auth", null],
  ])("%s", (server, endpoint) => {
    expect(endpointOf(server)).toEqual(endpoint);
  });

  test("any secret reaches them whole", () => {
    const query = { commonName: "a b", remoteIp: "::1", secret: "\xffä&=+%~é\n", isTls: true };
    expect(urlEncoded(query)).toBe("common_name=a+b&remote_ip=%3A%3A1&secret=%FF%E4%26%3D%2B%25~%E9%0A&tls=true");
    const json = Buffer.from(jsonEncoded({ ...query, secret: "<\xc3\xa4\xff>" })).toString();
    expect(JSON.parse(json)).toEqual({
      common_name: ["a b"],
      remote_ip: ["::1"],
      secret: ["<ä\ufffd>"],
      tls: ["true"],
    });
  });

  test("are told of TLS and of the name in the client's certificate", () => {
    const rig = new AuthRig({}, { settings: {} } as TlsContext);
    const client = rig.host.client((stream) => {
      const facts: TlsFacts = { version: "TLS1.3", cipherSuite: "", protocol: "", peerName: "jörg" };
      const startTls = (_: TlsContext, done: (result: TlsFacts) => void): void => done(facts);
      return rig.broker.accept(Object.assign(stream, { startTls }));
    });
    client.send(`  V2${identify({ feature_negotiation: true, tls_v1: true })}`).send(AUTH);
    expect(rig.asked[0]?.call.target).toBe("/auth?common_name=j%C3%B6rg&remote_ip=client&secret=secret&tls=true");
  });
});

describe("permissions", () => {
  test.each<[name: string, fields: object, send: string, text: string]>([
    ["everything", {}, pub("t", "x"), "OK"],
    [
      "a publish needs a channel pattern that finds nothing",
      rules("t", ["^c$"], "publish"),
      pub("t", "x"),
      'PUB on "t" ""',
    ],
    ["…of which there must be one", rules("t", [], "publish"), pub("t", "x"), 'PUB on "t" ""'],
    ["a publish needs the permission", rules("t", [".*"], "subscribe"), pub("t", "x"), 'PUB on "t" ""'],
    ["DPUB", rules("t", [".*"], "subscribe"), `DPUB t 10\n${sized("x")}`, 'DPUB on "t" ""'],
    ["MPUB", rules("t", [".*"], "subscribe"), mpub("t", ["x"]), 'MPUB on "t" ""'],
    ["MPUB that may", {}, mpub("t", ["x"]), "OK"],
    ["a subscription needs the permission", rules("t", [".*"], "publish"), "SUB t c\n", 'SUB on "t" "c"'],
    ["another topic", rules("^u$", [".*"], "subscribe"), "SUB t c\n", 'SUB on "t" "c"'],
    ["another channel", rules("t", ["^d$"], "subscribe"), "SUB t c\n", 'SUB on "t" "c"'],
    ["patterns are not anchored", rules("r", ["h"], "subscribe"), "SUB orders cha\n", "OK"],
  ])("%s", (_, fields, send, text) => {
    const rig = new AuthRig();
    const client = rig.authenticated(fields);
    client.send(send);
    expect(client.texts()).toEqual([text === "OK" ? "OK" : `! E_UNAUTHORIZED AUTH failed for ${text}`]);
    // What is refused leaves nothing behind.
    expect(rig.broker.stats().topics?.length).toBe(text === "OK" ? 1 : 0);
  });

  test("are asked for again when they have expired; what follows waits", () => {
    const rig = new AuthRig();
    const client = rig.authenticated({ ttl: 2 });
    rig.host.advance(2 * SECOND - 1);
    client.send(pub("t", "in time"));
    expect(client.texts()).toEqual(["OK"]);
    rig.host.advance(1);
    client.send(`${mpub("t", ["late"])}${pub("t", "after")}`);
    expect(client.texts()).toEqual([]);
    rig.reply(answer({ ttl: 2 }));
    expect(client.texts()).toEqual(["OK", "OK"]);
    expect(rig.broker.stats().topics?.[0]?.message_count).toBe(3);
  });

  test("that cannot be had again end the connection", () => {
    const rig = new AuthRig();
    const client = rig.authenticated({ ttl: 1 });
    rig.host.advance(SECOND);
    client.send(pub("t", "x"));
    rig.reply(new HostError("ECONNREFUSED", ""));
    expect(client.texts()).toEqual(["! E_AUTH_FAILED AUTH failed"]);
    expect(rig.broker.stats().topics).toEqual([]);
  });

  test("do not touch a subscription that there is", () => {
    const rig = new AuthRig();
    const client = rig.authenticated({ ttl: 1 });
    client.send("SUB t c\nRDY 5\n");
    rig.host.advance(5 * SECOND);
    rig.authenticated().send(pub("t", "x"));
    expect(client.texts()).toEqual(["OK", "x*1"]);
    expect(rig.asked).toEqual([]);
  });
});
