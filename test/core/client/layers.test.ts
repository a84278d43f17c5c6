/** TLS, compression and AUTH as a connection of a client sees them: client-semantics.md §1. */
import { describe, expect, test } from "vitest";
import { type ClientConfig, parseClientConfig } from "../../../core/client/config.ts";
import { Connection } from "../../../core/client/connection.ts";
import { HostError, type StreamEvents, type TlsContext, type TlsFacts } from "../../../core/host.ts";
import { FRAME_RESPONSE, textFrame } from "../../../core/protocol/frame.ts";
import { SnappyDecoder, SnappyEncoder } from "../../../core/protocol/snappy/framing.ts";
import { bytesOf, byteString } from "../../../core/protocol/text.ts";
import { FakeHost } from "./fake.ts";

const OK = textFrame(FRAME_RESPONSE, "OK");

function loadTls(settings: TlsContext["settings"]): TlsContext {
  return { settings };
}

/** A client on a stream that the test plays. */
class Rig {
  readonly host = new FakeHost();
  readonly told: string[] = [];
  readonly written: Uint8Array[] = [];
  readonly connection: Connection;
  handshake: ((result: HostError | TlsFacts) => void) | null = null;
  deflated: { level: number; early: string } | null = null;
  destroyed = false;
  private events: StreamEvents | null = null;

  constructor(settings: Record<string, string | number | boolean>, missing: object = {}) {
    const stream = {
      localAddress: "",
      remoteAddress: "nsqd:4150",
      unsentBytes: 0,
      write: (bytes: Uint8Array) => this.written.push(bytes) > 0,
      end: () => {},
      destroy: () => (this.destroyed = true),
      pauseReading: () => {},
      resumeReading: () => {},
      startTls: (_: TlsContext, done: (result: HostError | TlsFacts) => void) => (this.handshake = done),
      startDeflate: (level: number, early = new Uint8Array(0)) =>
        (this.deflated = { level, early: byteString(early, 0, early.length) }),
      ...missing,
    };
    const connect = (_: string, events: StreamEvents): typeof stream => {
      this.events = events;
      return stream;
    };
    const config: ClientConfig = parseClientConfig(settings);
    Object.assign(this.host, { connect, loadTls });
    this.connection = new Connection(this.host, "nsqd:4150", config, {
      ready: () => this.told.push("ready"),
      response: (text) => this.told.push(text),
      error: (text) => this.told.push(`! ${text}`),
      message: () => this.told.push("message"),
      closed: (cause) => this.told.push(`closed: ${cause}`),
    });
    this.host.step(() => this.events?.opened?.());
  }

  /** What the client has written since the last look. */
  taken(): Uint8Array {
    return Uint8Array.from(this.written.splice(0).flatMap((bytes) => [...bytes]));
  }

  text(): string {
    const bytes = this.taken();
    return byteString(bytes, 0, bytes.length);
  }

  send(...parts: Uint8Array[]): this {
    this.host.step(() => this.events?.data(Uint8Array.from(parts.flatMap((part) => [...part]))));
    return this;
  }

  agree(): void {
    this.host.step(() => this.handshake?.({ version: "TLS1.3", cipherSuite: "", protocol: "", peerName: "nsqd" }));
  }
}

function json(fields: object): Uint8Array {
  return textFrame(FRAME_RESPONSE, JSON.stringify(fields));
}

function identified(rig: Rig): Record<string, unknown> {
  const text = rig.text();
  return JSON.parse(text.slice(text.indexOf("{"))) as Record<string, unknown>;
}

describe("snappy", () => {
  test("is spoken behind the answer, of which the OK may be the other half", () => {
    for (const together of [true, false]) {
      const rig = new Rig({ snappy: true });
      expect(identified(rig)).toMatchObject({ snappy: true, deflate: false, tls_v1: false });
      const server = new SnappyEncoder();
      const [answer, ok] = [json({ snappy: true }), server.encode(OK)];
      if (together) rig.send(answer, ok);
      else rig.send(answer).send(ok.subarray(0, 5)).send(ok.subarray(5));
      expect(rig.told).toEqual(["ready"]);
      rig.host.step(() => {
        rig.connection.commands.publish("t", bytesOf("x"));
        rig.connection.plan();
      });
      let plain = "";
      const decoder = new SnappyDecoder((bytes) => (plain += byteString(bytes, 0, bytes.length)));
      expect(decoder.push(rig.taken())).toBe(null);
      expect(plain).toBe("PUB t\n\0\0\0\x01x");
      rig.send(server.encode(textFrame(1, "E_BAD_TOPIC no")));
      expect(rig.told.at(-1)).toBe("! E_BAD_TOPIC no");
    }
  });

  test("that is none ends the connection", () => {
    const rig = new Rig({ snappy: true }).send(json({ snappy: true })).send(OK);
    expect(rig.told).toEqual(["closed: snappy: no stream identifier"]);
    expect(rig.destroyed).toBe(true);
  });

  test("that a server does not offer is done without", () => {
    const rig = new Rig({ snappy: true }).send(json({ snappy: false }));
    expect(rig.told).toEqual(["ready"]);
    rig.text();
    rig.connection.commands.nop();
    rig.host.step(() => rig.connection.plan());
    expect(rig.text()).toBe("NOP\n");
  });
});

describe("deflate", () => {
  test("is the stream's, at the server's level, with what has come already", () => {
    const rig = new Rig({ deflate: true, deflate_level: 9 });
    expect(identified(rig)).toMatchObject({ deflate: true, deflate_level: 9 });
    rig.send(json({ deflate: true, deflate_level: 4 }), bytesOf("compressed"));
    expect(rig.deflated).toEqual({ level: 4, early: "compressed" });
    expect(rig.told).toEqual([]);
    rig.send(OK);
    expect(rig.told).toEqual(["ready"]);
  });

  test("is not asked for where the stream has none", () => {
    expect(identified(new Rig({ deflate: true }, { startDeflate: undefined }))).toMatchObject({ deflate: false });
  });
});

describe("TLS", () => {
  test("comes first, then the compression, then AUTH", () => {
    const rig = new Rig({ tls_v1: true, snappy: true, auth_secret: "s" });
    rig.text();
    rig.send(json({ tls_v1: true, snappy: true, auth_required: true }));
    expect(rig.handshake).not.toBe(null);
    rig.agree();
    const server = new SnappyEncoder();
    rig.send(OK, server.encode(OK));
    expect(rig.told).toEqual([]);
    let plain = "";
    new SnappyDecoder((bytes) => (plain += byteString(bytes, 0, bytes.length))).push(rig.taken());
    expect(plain).toBe("AUTH\n\0\0\0\x01s");
    rig.send(server.encode(json({ identity: "" })));
    expect(rig.told).toEqual(["ready"]);
  });

  test("that fails says why", () => {
    const rig = new Rig({ tls_v1: true }).send(json({ tls_v1: true }));
    rig.host.step(() => rig.handshake?.(new HostError("ERR", "certificate has expired")));
    expect(rig.told).toEqual(["closed: TLS handshake: certificate has expired"]);
  });

  test.each([json({ tls_v1: false, auth_required: true }), OK])("is not done without: secrets stay here", (answer) => {
    const rig = new Rig({ tls_v1: true, auth_secret: "s" });
    rig.text();
    rig.send(answer);
    expect(rig.told).toEqual(["closed: the server does not offer TLS"]);
    expect(rig.text()).toBe("");
  });

  test("needs a host that has it", () => {
    const rig = new Rig({ tls_v1: true });
    Object.assign(rig.host, { loadTls: undefined });
    rig.send(json({ tls_v1: true }));
    expect(rig.told).toEqual(["closed: there is no TLS here"]);
  });

  test("is confirmed by OK and nothing else; heartbeats are no answer", () => {
    const rig = new Rig({ tls_v1: true }).send(json({ tls_v1: true }));
    rig.agree();
    rig.send(textFrame(FRAME_RESPONSE, "_heartbeat_"));
    expect(rig.told).toEqual([]);
    rig.send(textFrame(FRAME_RESPONSE, "KO"));
    expect(rig.told).toEqual(['closed: unexpected answer "KO" while upgrading']);
  });
});
