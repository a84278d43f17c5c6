import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { buildSync } from "esbuild";
import nsq from "nsqjs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createConsumer, createProducer, type ConsumerError } from "../../core/node/client.ts";
import { startServer, type Server } from "../../core/node/server.ts";
import { bundleDaemon, Daemon } from "../daemon.ts";

/** Our nsqlookupd and nsqd over TCP, with our client and with npm's, which we did not write. */
const folder = mkdtempSync(path.join(os.tmpdir(), "nsqlab-discovery-"));
const FLAGS = ["--tcp-address=127.0.0.1:0", "--http-address=127.0.0.1:0", "--broadcast-address=127.0.0.1"];

let program = "";
let lookupd: Daemon;
let addresses: { tcp: string; http: string };
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  program = bundleDaemon(folder, "nsqlookupd");
  lookupd = new Daemon(program, FLAGS, folder);
  addresses = await lookupd.serving();
});

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

afterAll(async () => {
  lookupd.signal("SIGTERM");
  expect(await lookupd.exited).toBe(0);
  rmSync(folder, { recursive: true });
});

async function startNsqd(): Promise<Server> {
  const server = await startServer({
    flags: { "lookupd-tcp-address": addresses.tcp, "broadcast-address": "127.0.0.1" },
  });
  closers.push(() => server.close());
  return server;
}

/** Waits until the lookupd knows so many nsqds of the topic. */
async function knows(topic: string, count: number): Promise<void> {
  for (;;) {
    const response = await fetch(`http://${addresses.http}/lookup?topic=${topic}`);
    const { producers } = (await response.json()) as { producers?: object[] };
    if (producers?.length === count) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function publish(server: Server, topic: string, text: string): Promise<void> {
  const producer = createProducer({ address: server.tcpAddress });
  await producer.publish(topic, text);
  await producer.close();
}

test("our consumer finds nsqds, also one that comes later", async () => {
  const first = await startNsqd();
  await publish(first, "ours", "one");
  await knows("ours", 1);
  const consumer = createConsumer({
    topic: "ours",
    channel: "c",
    lookupds: [addresses.http],
    settings: { lookupd_poll_interval: "20ms" },
    maxInFlight: 2,
  });
  closers.push(() => consumer.close());
  const messages = consumer[Symbol.asyncIterator]();
  expect((await messages.next()).value.text).toBe("one");
  const second = await startNsqd();
  await publish(second, "ours", "two");
  const { value } = await messages.next();
  expect([value.text, value.address]).toEqual(["two", second.tcpAddress]);
  // The channel was there before anybody consumed from it.
  expect(second.stats().topics![0]!.channels.map((channel) => channel.channel_name)).toEqual(["c"]);
  await messages.return!();
});

test("our consumer says what it cannot find, and finds it when it is there", async () => {
  const errors: ConsumerError[] = [];
  const consumer = createConsumer({
    topic: "later",
    channel: "c",
    lookupds: [`http://${addresses.http}/lookup`],
    settings: { lookupd_poll_interval: "20ms" },
    onError: (error) => errors.push(error),
  });
  closers.push(() => consumer.close());
  const messages = consumer[Symbol.asyncIterator]();
  const next = messages.next();
  while (errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(errors[0]).toMatchObject({ kind: "lookup", message: "cannot look later up: got response 404" });
  await publish(await startNsqd(), "later", "here");
  expect((await next).value.text).toBe("here");
  await messages.return!();
});

test("a consumer that is closed while it asks does not keep the process running", async () => {
  const silent = net.createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const script = path.join(folder, "closes.ts");
  const client = path.resolve(import.meta.dirname, "../../core/node/client.ts");
  const lookupd = `127.0.0.1:${(silent.address() as net.AddressInfo).port}`;
  writeFileSync(
    script,
    `import { createConsumer } from ${JSON.stringify(client)};
     const consumer = createConsumer({ topic: "t", channel: "c", lookupds: ["${lookupd}"] });
     await new Promise((resolve) => setTimeout(resolve, 50));
     await consumer.close();`,
  );
  const bundle = path.join(folder, "closes.mjs");
  buildSync({ entryPoints: [script], outfile: bundle, bundle: true, platform: "node", format: "esm" });
  const began = performance.now();
  expect(await new Daemon(bundle, [], folder).exited).toBe(0);
  expect(performance.now() - began).toBeLessThan(20_000);
  silent.close();
});

test("a consumer needs somebody to ask", () => {
  expect(() => createConsumer({ topic: "t", channel: "c" })).toThrow("needs addresses, lookupds, or both");
  expect(() => createConsumer({ topic: "t", channel: "c", lookupds: ["localhost"] })).toThrow("host:port");
});

test("nsqjs finds our nsqd through our nsqlookupd", async () => {
  const server = await startNsqd();
  await publish(server, "theirs", "hello");
  await knows("theirs", 1);
  const reader = new nsq.Reader("theirs", "c", {
    lookupdHTTPAddresses: addresses.http,
    lookupdPollInterval: 1,
    outputBufferTimeout: 25,
  });
  closers.push(() => reader.close());
  const body = await new Promise<string>((resolve) => {
    reader.on("message", (message) => {
      message.finish();
      resolve(message.body.toString());
    });
    reader.connect();
  });
  expect(body).toBe("hello");
  await server.close();
  await knows("theirs", 0);
});

test("a command line that cannot be understood, and an address that is taken, end it", async () => {
  const wrong = new Daemon(program, ["--broadcast-adress=x"], folder);
  expect(await wrong.exited).toBe(2);
  expect(wrong.output).toContain("did you mean --broadcast-address?");
  const taken = new Daemon(program, [`--tcp-address=${addresses.tcp}`, "--http-address=127.0.0.1:0"], folder);
  expect(await taken.exited).toBe(1);
  expect(taken.output).toMatch(/FATAL: failed to instantiate nsqlookupd - listen \(.*\) failed - .*EADDRINUSE/);
});
