/** `nsqlab/client` against `nsqlab/server`, encrypted, compressed and authenticated. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type ClientOptions, createConsumer, createProducer } from "../../core/node/client.ts";
import { type FlagValue, startServer, type Server } from "../../core/node/server.ts";

const CERTIFICATES = path.resolve(import.meta.dirname, "../golden/fixtures/tls");
const SERVER_TLS = { "tls-cert": `${CERTIFICATES}/server.pem`, "tls-key": `${CERTIFICATES}/server.key` };
const TLS = { caFile: `${CERTIFICATES}/ca.pem` };
const BODIES = ["one", "2".repeat(20_000), "{}", "x".repeat(300_000), "five"];

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(flags: Record<string, FlagValue>): Promise<Server> {
  const server = await startServer({ flags });
  closers.push(() => server.close());
  return server;
}

/** Publishes the bodies and consumes them, both with those options. */
async function roundTrip(server: Server, options: ClientOptions): Promise<string[]> {
  const producer = createProducer({ ...options, address: server.tcpAddress });
  closers.push(() => producer.close());
  await producer.publishMany("t", BODIES.slice(0, 3));
  for (const body of BODIES.slice(3)) await producer.publish("t", body);
  const consumer = createConsumer({
    ...options,
    topic: "t",
    channel: "c",
    addresses: [server.tcpAddress],
    maxInFlight: 9,
  });
  closers.push(() => consumer.close());
  const received: string[] = [];
  for await (const message of consumer) {
    received.push(message.text);
    if (received.length === BODIES.length) break;
  }
  return received;
}

function client(server: Server) {
  return server.stats({ topic: "t" }).topics?.[0]?.channels[0]?.clients?.[0];
}

describe("a client", () => {
  test.each<[name: string, options: ClientOptions, shown: object]>([
    ["snappy", { snappy: true }, { snappy: true, deflate: false, tls: false }],
    ["deflate", { deflate: true }, { snappy: false, deflate: true, tls: false }],
    ["deflate, level 1", { deflate: 1 }, { deflate: true }],
    ["TLS", { tls: TLS }, { tls: true, tls_version: "TLS1.3", snappy: false }],
    ["TLS and snappy", { tls: TLS, snappy: true }, { tls: true, snappy: true }],
    ["TLS and deflate", { tls: TLS, deflate: 9 }, { tls: true, deflate: true }],
  ])("over %s", async (_, options, shown) => {
    const server = await start(SERVER_TLS);
    expect(await roundTrip(server, options)).toEqual(BODIES);
    expect(client(server)).toMatchObject(shown);
  });

  test("with a certificate, AUTH and the name of both", async () => {
    const asked: string[] = [];
    const auth = http.createServer((request, response) => {
      asked.push(request.url ?? "");
      const authorizations = [{ topic: "t", channels: [".*"], permissions: ["publish", "subscribe"] }];
      response.end(JSON.stringify({ ttl: 60, identity: "tester", authorizations }));
    });
    await new Promise<void>((resolve) => auth.listen(0, "127.0.0.1", resolve));
    closers.push(() => new Promise((resolve) => auth.close(resolve)));
    const server = await start({
      ...SERVER_TLS,
      "tls-client-auth-policy": "require-verify",
      "tls-root-ca-file": TLS.caFile,
      "auth-http-address": [`127.0.0.1:${(auth.address() as AddressInfo).port}`],
    });
    const own = { certFile: `${CERTIFICATES}/client.pem`, keyFile: `${CERTIFICATES}/client.key` };
    expect(await roundTrip(server, { tls: { ...TLS, ...own }, authSecret: "open sesame" })).toEqual(BODIES);
    expect(client(server)).toMatchObject({ authed: true, auth_identity: "tester" });
    expect(asked[0]).toBe("/auth?common_name=client.test&remote_ip=127.0.0.1&secret=open+sesame&tls=true");
  });

  test.each<[name: string, options: ClientOptions, flags: Record<string, FlagValue>, reason: RegExp]>([
    ["a server it does not trust", { tls: true }, SERVER_TLS, /certificate/],
    ["a server without TLS", { tls: TLS }, {}, /does not offer TLS/],
    ["a missing file", { tls: { caFile: "/nowhere.pem" } }, SERVER_TLS, /failed to build TLS config - ENOENT/],
  ])("refuses %s", async (_, options, flags, reason) => {
    const server = await start(flags);
    const producer = createProducer({ ...options, address: server.tcpAddress });
    closers.push(() => producer.close());
    await expect(producer.publish("t", "x")).rejects.toThrow(reason);
  });

  test("need not trust anybody", async () => {
    const server = await start(SERVER_TLS);
    expect(await roundTrip(server, { tls: { verify: false } })).toEqual(BODIES);
  });
});
