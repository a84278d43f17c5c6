/** The flags of TLS, and what an nsqd makes of them: protocol.md §11, nsqd-http.md §1. */
import { describe, expect, test } from "vitest";
import { HostError } from "../../../core/host.ts";
import { tlsRequiredHttp } from "../../../core/nsqd/http/tls-required.ts";
import { type NsqdAddresses, startNsqd } from "../../../core/nsqd/nsqd.ts";
import { DEFAULT_OPTIONS, type NsqdOptions, OptionError, parseNsqdOptions } from "../../../core/nsqd/options.ts";
import { FakeHost } from "./fake-host.ts";

const PAIR = { "tls-cert": "cert.pem", "tls-key": "key.pem" };

describe("flags", () => {
  test.each([
    ["1", "true"],
    ["T", "true"],
    ["FALSE", "false"],
    ["TCP-HTTPS", "tcp-https"],
  ])("--tls-required=%s means %s", (value, expected) => {
    expect(parseNsqdOptions({ ...PAIR, "tls-required": value }).tlsRequired).toBe(expected);
  });

  test.each([
    ["TLS1.2", "tls1.2"],
    ["", "tls1.0"],
  ])("--tls-min-version=%s means %s", (value, expected) => {
    expect(parseNsqdOptions({ "tls-min-version": value }).tlsMinVersion).toBe(expected);
  });

  test("a policy for clients requires TLS of them", () => {
    expect(parseNsqdOptions({ ...PAIR, "tls-client-auth-policy": "require" }).tlsRequired).toBe("true");
    const both = parseNsqdOptions({ ...PAIR, "tls-client-auth-policy": "require", "tls-required": "tcp-https" });
    expect(both.tlsRequired).toBe("tcp-https");
  });

  test.each([{ "tls-required": true }, { "tls-client-auth-policy": "require" }])("%j needs a certificate", (flags) => {
    expect(() => parseNsqdOptions(flags)).toThrow("cannot require TLS client connections without TLS key and cert");
  });

  test.each([{ "tls-required": "perhaps" }, { "tls-min-version": "tls2" }, { "tls-client-auth-policy": "ask" }])(
    "%j is refused",
    (flags) => {
      expect(() => parseNsqdOptions(flags)).toThrow(OptionError);
    },
  );
});

function start(host: FakeHost, options: Partial<NsqdOptions>): HostError | NsqdAddresses | null {
  let result: HostError | NsqdAddresses | null = null;
  host.step(() => startNsqd(host, { ...DEFAULT_OPTIONS, ...options }, { ready: (outcome) => (result = outcome) }));
  host.advance(0);
  return result;
}

describe("an nsqd", () => {
  test("does not start on a host without TLS, nor with a certificate that cannot be loaded", () => {
    const host = new FakeHost();
    expect(start(host, { tlsCert: "cert.pem", tlsKey: "key.pem" })).toBeInstanceOf(HostError);
    const failure = new HostError("ENOENT", "failed to build TLS config - no such file");
    expect(start(Object.assign(new FakeHost(), { loadTls: () => failure }), { tlsCert: "cert.pem" })).toBe(failure);
  });

  test.each([
    ["", "anyone"],
    ["require", "certified"],
    ["require-verify", "verified"],
  ])("policy %j: %s may come", (tlsClientAuthPolicy, peer) => {
    let asked: unknown;
    const host = Object.assign(new FakeHost(), {
      loadTls: (settings: unknown) => {
        asked = settings;
        return new HostError("EIO", "");
      },
    });
    start(host, { tlsCert: "c", tlsKey: "k", tlsRootCaFile: "ca", tlsMinVersion: "tls1.3", tlsClientAuthPolicy });
    expect(asked).toEqual({ role: "server", certFile: "c", keyFile: "k", caFile: "ca", minVersion: "tls1.3", peer });
  });

  test("says on the plain port where to go", () => {
    const handler = tlsRequiredHttp(4152);
    expect(handler.head("GET", "/ping", 0)).toMatchObject({
      status: 403,
      body: '{"message": "TLS_REQUIRED", "https_port": 4152}',
    });
  });
});
