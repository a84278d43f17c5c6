/** npm's client, which we did not write, over encrypted and compressed connections. */
import http from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import path from "node:path";
import nsq from "nsqjs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startServer, type Server } from "../../core/node/server.ts";

let server: Server;
const closers: (() => void)[] = [];

const CERTIFICATES = path.resolve(import.meta.dirname, "../golden/fixtures/tls");

const FLAGS = { "tls-cert": `${CERTIFICATES}/server.pem`, "tls-key": `${CERTIFICATES}/server.key` };

beforeEach(async () => {
  server = await startServer({ flags: FLAGS });
});

afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await server.close();
});

/** Its snappy needs a native module, which not every machine can install. */
function hasSnappy(): boolean {
  try {
    createRequire(createRequire(import.meta.url).resolve("nsqjs"))("snappystream");
    return true;
  } catch {
    return false;
  }
}

/** Publishes these bodies one by one and reads them back, both with those options. */
async function roundTrip(options: object, bodies: readonly string[]): Promise<string[]> {
  const [host = "", port] = server.tcpAddress.split(":");
  const writer = new nsq.Writer(host, Number(port), options);
  closers.push(() => writer.close());
  await new Promise<void>((resolve, reject) => {
    writer.on("ready", resolve);
    writer.on("error", reject);
    writer.connect();
  });
  for (const body of bodies) {
    await new Promise<void>((resolve, reject) => {
      writer.publish("t", body, (error) => (error ? reject(error) : resolve()));
    });
  }
  const reader = new nsq.Reader("t", "c", {
    nsqdTCPAddresses: server.tcpAddress,
    maxInFlight: 10,
    outputBufferTimeout: 25,
    ...options,
  });
  closers.push(() => reader.close());
  const received: string[] = [];
  await new Promise<void>((resolve, reject) => {
    reader.on("error", reject);
    reader.on("message", (message) => {
      received.push(message.body.toString());
      message.finish();
      if (received.length === bodies.length) resolve();
    });
    reader.connect();
  });
  return received;
}

const BODIES = ["one", "2".repeat(20_000), "{}", "x".repeat(300_000), "five"];

function consumer() {
  return server.stats({ topic: "t" }).topics?.[0]?.channels[0]?.clients?.[0];
}

describe("nsqjs", () => {
  test.each([1, 6])("over deflate, level %d", async (deflateLevel) => {
    expect(await roundTrip({ deflate: true, deflateLevel }, BODIES)).toEqual(BODIES);
    expect(consumer()).toMatchObject({ deflate: true, snappy: false });
  });

  test.each([{}, { deflate: true }])("over TLS, with %j", async (compression) => {
    expect(await roundTrip({ tls: true, tlsVerification: false, ...compression }, BODIES)).toEqual(BODIES);
    expect(consumer()).toMatchObject({ tls: true, tls_version: "TLS1.3", deflate: "deflate" in compression });
  });

  test("with AUTH, over TLS", async () => {
    const auth = http.createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? "", "http://127.0.0.1");
      const isKnown = searchParams.get("secret") === "s3cret" && searchParams.get("tls") === "true";
      const authorizations = [{ topic: "^t$", channels: [".*"], permissions: ["publish", "subscribe"] }];
      response.end(JSON.stringify({ ttl: 60, identity: "nsqjs", authorizations: isKnown ? authorizations : [] }));
    });
    await new Promise<void>((resolve) => auth.listen(0, "127.0.0.1", resolve));
    closers.push(() => auth.close());
    await server.close();
    const { port } = auth.address() as AddressInfo;
    server = await startServer({ flags: { ...FLAGS, "auth-http-address": [`127.0.0.1:${port}`] } });
    expect(await roundTrip({ tls: true, tlsVerification: false, authSecret: "s3cret" }, BODIES)).toEqual(BODIES);
    expect(consumer()).toMatchObject({ authed: true, auth_identity: "nsqjs" });
    await expect(roundTrip({ authSecret: "guess" }, BODIES)).rejects.toThrow("E_UNAUTHORIZED");
  });

  test.skipIf(!hasSnappy())("over snappy", async () => {
    expect(await roundTrip({ snappy: true }, BODIES)).toEqual(BODIES);
    expect(consumer()).toMatchObject({ deflate: false, snappy: true });
  });
});
