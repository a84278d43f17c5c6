/** TLS and compression as a session sees them: protocol.md §6 (upgrade sequence), §11 and §12. */
import { describe, expect, test } from "vitest";
import { HostError, type TlsContext, type TlsFacts } from "../../../core/host.ts";
import { Broker } from "../../../core/nsqd/broker.ts";
import { DEFAULT_OPTIONS, type NsqdOptions } from "../../../core/nsqd/options.ts";
import { SnappyDecoder, SnappyEncoder } from "../../../core/protocol/snappy/framing.ts";
import { bytesOf } from "../../../core/protocol/text.ts";
import { SECOND } from "../../../core/time.ts";
import { type FakeClient, FakeHost, identify, pub } from "./fake-host.ts";
import { Rig } from "./rig.ts";

/** The client's side of a connection with snappy on it. */
class SnappyClient {
  private readonly client: FakeClient;
  private readonly encoder = new SnappyEncoder();
  private received: number[] = [];
  private readonly decoder = new SnappyDecoder((bytes) => this.received.push(...bytes));

  constructor(client: FakeClient) {
    this.client = client;
  }

  send(text: string): this {
    this.client.send(this.encoder.encode(bytesOf(text)));
    return this;
  }

  /** What came, without the headers of the frames. */
  texts(): string {
    expect(this.decoder.push(this.client.bytes())).toBe(null);
    return String.fromCharCode(...this.received.splice(0));
  }
}

function answerTo(client: FakeClient): Record<string, unknown> {
  return JSON.parse(client.texts()[0] ?? "") as Record<string, unknown>;
}

const SNAPPY = identify({ feature_negotiation: true, snappy: true });
const OK = "\0\0\0\x06\0\0\0\0OK";

/** Up to the end of the step with IDENTIFY, whose answer is looked at; the OK waits inside. */
function snappyClient(rig: Rig): { client: FakeClient; snappy: SnappyClient } {
  const client = rig.client();
  client.send(SNAPPY);
  const [json = 0, ok = 0] = client.writes;
  expect(client.writes.length).toBe(2);
  const answer = Buffer.from(client.bytes());
  expect(JSON.parse(answer.subarray(8, json).toString())).toMatchObject({ snappy: true, deflate: false });
  const snappy = new SnappyClient(client);
  client.write(answer.subarray(json, json + ok));
  client.writes.length = 0;
  return { client, snappy };
}

describe("snappy", () => {
  test("the answer in clear, the OK inside, then everything", () => {
    const rig = new Rig();
    const { client, snappy } = snappyClient(rig);
    expect(snappy.texts()).toBe(OK);
    expect(snappy.send(`${pub("t", "x".repeat(500))}SUB t c\nRDY 1\n`).texts()).toContain(`OK${OK}`.slice(2));
    rig.host.advance(SECOND);
    expect(rig.channel().in_flight_count).toBe(1);
    expect(rig.channel().clients?.[0]).toMatchObject({ snappy: true, deflate: false });
    expect(client.writes.every((size) => size < 200)).toBe(true);
  });

  test("what comes in clear behind the IDENTIFY is dropped", () => {
    const rig = new Rig();
    const client = rig.client(`${SNAPPY}${pub("t", "lost")}`);
    expect(client.writes.length).toBe(2);
    expect([...(rig.broker.topics() as Iterable<unknown>)]).toEqual([]);
    client.bytes();
    new SnappyClient(client).send(pub("t", "kept"));
    expect(rig.topic().message_count).toBe(1);
  });

  test("what is no snappy closes the connection without a word", () => {
    const rig = new Rig();
    const { client } = snappyClient(rig);
    client.send(pub("t", "in clear"));
    expect(client.destroyed).toBe(true);
    expect(client.writes).toEqual([]);
    expect([...rig.broker.sessions.keys()]).toEqual([]);
  });

  test("what was about to be answered then is dropped: the stream is gone", () => {
    const rig = new Rig();
    const { client } = snappyClient(rig);
    const encoder = new SnappyEncoder();
    const good = encoder.encode(bytesOf(pub("t", "a")));
    const bad = encoder.encode(bytesOf(pub("t", "b")));
    bad[4]! ^= 1;
    client.send(Uint8Array.of(...good, ...bad));
    expect(client.destroyed).toBe(true);
    expect(client.writes).toEqual([]);
    expect(rig.topic().message_count).toBe(1);
  });

  test("another IDENTIFY changes the buffer, not the layers", () => {
    const { snappy } = snappyClient(new Rig());
    snappy.texts();
    const again = identify({ feature_negotiation: true, snappy: true, deflate: true, output_buffer_size: 128 });
    const answer = snappy.send(again).texts();
    expect(JSON.parse(answer.slice(8))).toMatchObject({ snappy: false, deflate: false, output_buffer_size: 128 });
    expect(snappy.send("NOP\nSUB t c\n").texts()).toBe(OK);
  });

  test("heartbeats are compressed as well", () => {
    const rig = new Rig();
    const { snappy } = snappyClient(rig);
    snappy.texts();
    rig.host.advance(30 * SECOND);
    expect(snappy.texts()).toContain("_heartbeat_");
  });

  test("a client that goes in the same step is told nothing any more", () => {
    const rig = new Rig();
    const client = rig.client();
    rig.host.step(() => {
      client.events?.data(bytesOf(SNAPPY));
      client.events?.closed("reset");
    });
    expect(client.texts()).toEqual([]);
  });
});

describe("deflate", () => {
  test("is the host's, at the level agreed on", () => {
    const rig = new Rig();
    const client = rig.client(identify({ feature_negotiation: true, deflate: true, deflate_level: 3 }));
    expect(client.deflateLevel).toBe(3);
    const [json, ok] = client.texts();
    expect(JSON.parse(json ?? "")).toMatchObject({ deflate: true, deflate_level: 3 });
    expect(ok).toBe("OK");
    client.send("SUB t c\n");
    expect(client.texts()).toEqual(["OK"]);
    expect(rig.channel().clients?.[0]).toMatchObject({ snappy: false, deflate: true });
  });

  test.each([
    [{}, 0, 6],
    [{}, 9, 6],
    [{ maxDeflateLevel: 9 }, 9, 9],
    [{ maxDeflateLevel: 2 }, 0, 2],
    [{}, -4, 6],
  ])("level with %j: %d asked, %d granted", (options, asked, granted) => {
    const client = new Rig(options).client(
      identify({ feature_negotiation: true, deflate: true, deflate_level: asked }),
    );
    expect(client.deflateLevel).toBe(granted);
    expect(answerTo(client)).toMatchObject({ deflate_level: granted });
  });

  test("is not granted by a host without it", () => {
    const rig = new Rig();
    const client = rig.client();
    Object.assign(client, { startDeflate: undefined });
    client.send(identify({ feature_negotiation: true, deflate: true }));
    expect(answerTo(client)).toMatchObject({ deflate: false });
    client.send("SUB t c\n");
    expect(client.texts()).toEqual(["OK"]);
  });

  test("is off with --deflate=false, like snappy", () => {
    const rig = new Rig({ deflate: false, snappy: false });
    const client = rig.client(identify({ feature_negotiation: true, deflate: true, snappy: true }));
    expect(answerTo(client)).toMatchObject({ deflate: false, snappy: false, deflate_level: 6 });
  });
});

/** A broker with a certificate, and a client whose handshake the test ends. */
class TlsRig {
  readonly host = new FakeHost();
  readonly broker: Broker;
  handshake: ((result: HostError | TlsFacts) => void) | null = null;

  constructor(options: Partial<NsqdOptions> = {}) {
    const context = { settings: {} } as TlsContext;
    this.broker = new Broker(this.host, { ...DEFAULT_OPTIONS, ...options }, null, context);
  }

  client(text = ""): FakeClient {
    const client = this.host.client((stream) => {
      const startTls = (_: TlsContext, done: (result: HostError | TlsFacts) => void): void => {
        this.handshake = done;
      };
      return this.broker.accept(Object.assign(stream, { startTls }));
    });
    return client.send(`  V2${text}`);
  }

  /** The client and the server agree. */
  agree(): void {
    const facts = { version: "TLS1.3", cipherSuite: "TLS_AES_128_GCM_SHA256", protocol: "", peerName: "client.test" };
    this.host.step(() => this.handshake?.(facts));
  }
}

const TLS = { feature_negotiation: true, tls_v1: true };

describe("TLS", () => {
  test("begins behind the answer, and is confirmed when it is up", () => {
    const rig = new TlsRig();
    const client = rig.client(`${identify(TLS)}${pub("t", "dropped")}`);
    expect(answerTo(client)).toMatchObject({ tls_v1: true });
    expect(rig.handshake).not.toBe(null);
    rig.host.advance(4 * SECOND);
    expect(client.texts()).toEqual([]);
    rig.agree();
    expect(client.texts()).toEqual(["OK"]);
    client.send(`SUB t c\n`);
    expect(client.texts()).toEqual(["OK"]);
    const [topic] = rig.broker.stats().topics ?? [];
    expect(topic?.message_count).toBe(0);
    expect(topic?.channels[0]?.clients?.[0]).toMatchObject({
      tls: true,
      tls_version: "TLS1.3",
      tls_cipher_suite: "TLS_AES_128_GCM_SHA256",
      tls_negotiated_protocol: "",
      tls_negotiated_protocol_is_mutual: true,
    });
  });

  test("goes below the compression, with an OK for each", () => {
    const rig = new TlsRig();
    const client = rig.client(identify({ ...TLS, deflate: true }));
    client.texts();
    expect(client.deflateLevel).toBe(0);
    rig.agree();
    expect(client.deflateLevel).toBe(6);
    expect(client.texts()).toEqual(["OK", "OK"]);
  });

  test("a client that does not come to terms within 5 s is cut off, with no heartbeat before", () => {
    const rig = new TlsRig();
    const client = rig.client(identify({ ...TLS, heartbeat_interval: 3000 }));
    client.texts();
    rig.host.advance(5 * SECOND - 1);
    expect(client.destroyed).toBe(false);
    rig.host.advance(1);
    expect(client.destroyed).toBe(true);
    expect(client.texts()).toEqual([]);
    rig.agree();
    expect(client.texts()).toEqual([]);
  });

  test("a failed handshake is said in the log only", () => {
    const rig = new TlsRig();
    const client = rig.client(identify(TLS));
    client.texts();
    rig.host.step(() => rig.handshake?.(new HostError("EPROTO", "wrong version number")));
    expect(client.destroyed).toBe(true);
    expect(client.texts()).toEqual([]);
    expect(rig.host.logs.some((line) => line.includes("TLS handshake: wrong version number"))).toBe(true);
  });

  test.each(["NOP", "SUB t c", "nonsense", "AUTH", ""])("where it is required, %j comes too early", (command) => {
    const client = new TlsRig({ tlsRequired: "tcp-https" }).client(`${command}\n`);
    const [word] = command.split(" ");
    expect(client.texts()).toEqual([`! E_INVALID cannot ${word} in current state (TLS required)`]);
    expect(client.ended).toBe(true);
  });

  test("where it is required, an IDENTIFY without it changes nothing", () => {
    const client = new TlsRig({ tlsRequired: "true" }).client(`${identify({})}NOP\n`);
    expect(client.texts()).toEqual(["OK", "! E_INVALID cannot NOP in current state (TLS required)"]);
  });

  test("where it is required, it suffices", () => {
    const rig = new TlsRig({ tlsRequired: "true" });
    const client = rig.client(identify(TLS));
    rig.agree();
    client.send("SUB t c\n");
    expect(client.texts().slice(1)).toEqual(["OK", "OK"]);
  });

  test("needs a certificate, a host that has it, and feature negotiation", () => {
    expect(answerTo(new Rig().client(identify(TLS)))).toMatchObject({ tls_v1: false });
    const rig = new TlsRig();
    const client = rig.host.client((stream) => rig.broker.accept(stream));
    expect(answerTo(client.send(`  V2${identify(TLS)}`))).toMatchObject({ tls_v1: false });
    expect(new TlsRig().client(identify({ tls_v1: true })).texts()).toEqual(["OK"]);
  });
});
