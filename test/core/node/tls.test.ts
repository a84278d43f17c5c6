/** Streams that go on in TLS, and HTTPS: both ends ours, or Node's own TLS as the peer. */
import { readFileSync } from "node:fs";
import https from "node:https";
import net from "node:net";
import path from "node:path";
import tls from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import {
  type ByteStream,
  type CloseCause,
  type Host,
  HostError,
  type HttpResponse,
  type StreamEvents,
  type TlsContext,
  type TlsFacts,
  type TlsSettings,
} from "../../../core/host.ts";
import { createNodeHost } from "../../../core/node/host.ts";

const host: Host = createNodeHost({ log: () => {} });
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Throw-away certificates: a CA, `server` and `client` signed by it, and a `stranger`. */
function file(name: string): string {
  return path.resolve(import.meta.dirname, "../../golden/fixtures/tls", name);
}

function context(settings: Partial<TlsSettings>): TlsContext {
  const whole: TlsSettings = {
    role: "server",
    certFile: file("server.pem"),
    keyFile: file("server.key"),
    caFile: file("ca.pem"),
    minVersion: "tls1.2",
    peer: "anyone",
    ...settings,
  };
  const loaded = host.loadTls!(whole);
  if (loaded instanceof HostError) throw loaded;
  return loaded;
}

function client(name: "client" | "stranger" | null, settings: Partial<TlsSettings> = {}): TlsContext {
  const certFile = name === null ? "" : file(`${name}.pem`);
  const keyFile = name === null ? "" : file(`${name}.key`);
  return context({ role: "client", certFile, keyFile, peer: "verified", ...settings });
}

/** One end of a connection, and what happens to it. */
class End implements StreamEvents {
  stream: ByteStream | null = null;
  result: HostError | TlsFacts | null = null;
  received = 0;
  text = "";
  isOpen = false;
  hasEnded = false;
  hasDrained = false;
  cause: CloseCause | null = null;

  accept(stream: ByteStream): this {
    this.stream = stream;
    return this;
  }

  opened(): void {
    this.isOpen = true;
  }

  data(bytes: Uint8Array): void {
    this.received += bytes.length;
    if (this.text.length < 1000) this.text += Buffer.from(bytes).toString("latin1");
  }

  ended(): void {
    this.hasEnded = true;
  }

  drained(): void {
    this.hasDrained = true;
  }

  closed(cause: CloseCause): void {
    this.cause = cause;
  }

  secure(by: TlsContext): void {
    this.stream!.startTls!(by, (result) => (this.result = result));
  }

  get facts(): TlsFacts {
    if (this.result === null || this.result instanceof HostError) throw new Error(String(this.result));
    return this.result;
  }
}

async function listen(accepted: End): Promise<string> {
  return new Promise((resolve, reject) => {
    const listener = host.listen(
      "127.0.0.1:0",
      (stream) => accepted.accept(stream),
      (result) => {
        if (result instanceof HostError) reject(result);
        else resolve(result.address);
      },
    );
    closers.push(() => {
      listener.close();
      accepted.stream?.destroy();
    });
  });
}

/** A connection, still in clear. */
async function connect(): Promise<{ server: End; peer: End }> {
  const server = new End();
  const peer = new End();
  const address = await listen(server);
  peer.stream = host.connect(address, peer);
  closers.push(() => peer.stream?.destroy());
  await until(() => peer.isOpen && server.stream !== null);
  return { server, peer };
}

async function handshake(serverContext: TlsContext, clientContext: TlsContext): Promise<{ server: End; peer: End }> {
  const { server, peer } = await connect();
  server.stream?.write(Buffer.from("in clear"));
  await until(() => peer.text === "in clear");
  server.secure(serverContext);
  peer.secure(clientContext);
  await until(() => server.result !== null && peer.result !== null);
  peer.text = "";
  peer.received = 0;
  return { server, peer };
}

function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (condition()) resolve();
      else if (performance.now() > deadline) reject(new Error("it did not happen within 5 s"));
      else setImmediate(look);
    };
    look();
  });
}

async function serve(serverContext: TlsContext): Promise<number> {
  return new Promise((resolve, reject) => {
    const handler = {
      maxBodyBytes: 100,
      head: () => null,
      handle: (request: { target: string }, reply: (response: object) => void) =>
        reply({ status: 200, headers: {}, body: request.target }),
    };
    const listener = host.serveHttp(
      "127.0.0.1:0",
      handler as Parameters<Host["serveHttp"]>[1],
      (result) => {
        if (result instanceof HostError) reject(result);
        else resolve(Number(result.address.split(":")[1]));
      },
      serverContext,
    );
    closers.push(() => listener.close());
  });
}

function get(port: number, options: https.RequestOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const ask = { host: "127.0.0.1", port, path: "/x", rejectUnauthorized: false, agent: false, ...options } as const;
    https
      .get(ask, (response) => {
        response.setEncoding("utf8").on("data", resolve).on("error", reject);
      })
      .on("error", reject);
  });
}

function certificate(name: string): https.RequestOptions {
  return { cert: readFileSync(file(`${name}.pem`)), key: readFileSync(file(`${name}.key`)) };
}

describe("a handshake", () => {
  test("ends in what both agreed on, and whom they met", async () => {
    const { server, peer } = await handshake(context({ peer: "verified" }), client("client"));
    expect(server.facts).toMatchObject({ version: "TLS1.3", peerName: "client.test", protocol: "" });
    expect(server.facts.cipherSuite).toMatch(/^TLS_/);
    expect(peer.facts).toMatchObject({ version: "TLS1.3", peerName: "localhost" });
  });

  test("a client that shows no certificate has no name", async () => {
    const { server } = await handshake(context({}), client(null));
    expect(server.facts.peerName).toBe("");
  });

  test.each([
    ["a stranger, where certificates are verified", context({ peer: "verified" }), client("stranger")],
    ["nobody's, where certificates are verified", context({ peer: "verified" }), client(null)],
    ["nobody's, where one is required", context({ peer: "certified" }), client(null)],
  ])("that is refused by the server: %s", async (_, serverContext, clientContext) => {
    const { server, peer } = await connect();
    server.secure(serverContext);
    peer.secure(clientContext);
    await until(() => server.cause !== null);
    expect(server.cause).toBe("insecure");
    expect(server.result).toBeInstanceOf(HostError);
  });

  test("that is refused by the server: an old version", async () => {
    const server = new End();
    const port = Number((await listen(server)).split(":")[1]);
    const raw = net.connect({ host: "127.0.0.1", port });
    closers.push(() => raw.destroy());
    await until(() => server.stream !== null);
    server.secure(context({ minVersion: "tls1.3" }));
    tls.connect({ socket: raw, maxVersion: "TLSv1.2", rejectUnauthorized: false }).on("error", () => {});
    await until(() => server.cause !== null);
    expect(server.cause).toBe("insecure");
  });

  test("a stranger will do where any certificate is required", async () => {
    const { server } = await handshake(context({ peer: "certified" }), client("stranger"));
    expect(server.facts.peerName).toBe("stranger.test");
  });

  test("a client refuses a server that its authorities do not know, unless it does not care", async () => {
    const stranger = context({ certFile: file("stranger.pem"), keyFile: file("stranger.key") });
    const { peer } = await handshake(stranger, client(null));
    expect(peer.result).toBeInstanceOf(HostError);
    await until(() => peer.cause !== null);
    expect(peer.cause).toBe("insecure");
    const careless = await handshake(stranger, client(null, { peer: "anyone" }));
    expect(careless.peer.facts.peerName).toBe("stranger.test");
  });

  test("bytes that are no TLS fail it", async () => {
    const { server, peer } = await connect();
    server.secure(context({}));
    peer.stream?.write(Buffer.from("PUB t\n"));
    await until(() => server.cause !== null);
    expect(server.cause).toBe("insecure");
    expect(server.text).toBe("");
  });

  test("a peer that goes fails it", async () => {
    const { server, peer } = await connect();
    server.secure(context({}));
    peer.stream?.destroy();
    await until(() => server.cause !== null);
    expect(server.result).toBeInstanceOf(HostError);
  });

  test.each(["TLSv1", "TLSv1.1", "TLSv1.2"] as const)("in %s, where that is allowed", async (version) => {
    const server = new End();
    const port = Number((await listen(server)).split(":")[1]);
    const raw = net.connect({ host: "127.0.0.1", port });
    closers.push(() => raw.destroy());
    await until(() => server.stream !== null);
    server.secure(context({ minVersion: "tls1.0" }));
    const versions = { minVersion: version, maxVersion: version };
    const ciphers = `${tls.DEFAULT_CIPHERS}:@SECLEVEL=0`;
    tls.connect({ socket: raw, ...versions, ciphers, rejectUnauthorized: false }).on("error", () => {});
    await until(() => server.result !== null);
    expect(server.facts.version).toBe(version === "TLSv1" ? "TLS1.0" : version.replace("v", ""));
  });
});

describe("a stream in TLS", () => {
  test("carries much, both ways, and ends", async () => {
    const { server, peer } = await handshake(context({}), client(null));
    const size = 3_000_000;
    expect(server.stream?.write(Buffer.alloc(size))).toBe(false);
    expect(server.stream?.unsentBytes).toBeGreaterThan(0);
    peer.stream?.write(Buffer.alloc(size));
    await until(() => peer.received === size && server.received === size && server.hasDrained);
    expect(server.stream?.unsentBytes).toBe(0);
    server.stream?.end();
    await until(() => peer.hasEnded);
    peer.stream?.write(Buffer.from("half-closed"));
    await until(() => server.received === size + 11);
    peer.stream?.end();
    await until(() => peer.cause !== null && server.cause !== null);
    expect([peer.cause, server.cause]).toEqual(["ended", "ended"]);
  });

  test("can be paused", async () => {
    const { server, peer } = await handshake(context({}), client(null));
    server.stream?.pauseReading();
    while (peer.stream?.write(Buffer.alloc(65_536)) === true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.received).toBe(0);
    server.stream?.resumeReading();
    await until(() => server.received > 0 && peer.hasDrained);
  });

  test("can be compressed as well", async () => {
    const { server, peer } = await handshake(context({}), client(null));
    server.stream?.startDeflate?.(6);
    peer.stream?.startDeflate?.(1);
    server.stream?.write(Buffer.from("a".repeat(5000)));
    await until(() => peer.received === 5000);
    // Much for the compression, little for the socket.
    expect(server.stream?.write(Buffer.alloc(300_000))).toBe(false);
    await until(() => peer.received === 305_000 && server.hasDrained);
    peer.stream?.end();
    await until(() => server.hasEnded);
  });
});

describe("what cannot be loaded", () => {
  test.each([
    ["a missing file", { certFile: file("nobody.pem") }, "ENOENT"],
    ["a certificate without its key", { keyFile: "" }, "ENOENT"],
    ["another's key", { keyFile: file("client.key") }, "ERR_OSSL_X509_KEY_VALUES_MISMATCH"],
    ["a key as certificate", { certFile: file("server.key") }, "ERR_OSSL_PEM_NO_START_LINE"],
  ])("%s", (_, settings, code) => {
    expect(() => context(settings)).toThrow(/^failed to build TLS config - /);
    expect(() => context(settings)).toThrow(expect.objectContaining({ code }));
  });
});

describe("HTTPS", () => {
  test("is the same HTTP", async () => {
    expect(await get(await serve(context({})))).toBe("/x");
  });

  test("can be asked for by our own requests, which look at the certificate", async () => {
    const port = await serve(context({}));
    const ask = (tls: TlsContext): Promise<HostError | HttpResponse> =>
      new Promise((resolve) => {
        const call = { method: "GET", target: "/y", body: new Uint8Array(0), tls };
        host.requestHttp(`127.0.0.1:${port}`, call, resolve);
      });
    expect(await ask(client(null))).toMatchObject({ status: 200, body: Buffer.from("/y") });
    expect(await ask(client(null, { caFile: "" }))).toBeInstanceOf(HostError);
  });

  test("asks for certificates as the streams do", async () => {
    const certified = await serve(context({ peer: "certified" }));
    expect(await get(certified, certificate("stranger"))).toBe("/x");
    await expect(get(certified)).rejects.toThrow();
    const verified = await serve(context({ peer: "verified" }));
    expect(await get(verified, certificate("client"))).toBe("/x");
    await expect(get(verified, certificate("stranger"))).rejects.toThrow();
  });
});
