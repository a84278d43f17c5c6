import { expect, test } from "vitest";
import { ConfigError, DEFAULT_CLIENT_CONFIG, parseClientConfig } from "../../../core/client/config.ts";
import { MILLISECOND, SECOND } from "../../../core/time.ts";

test("no settings: go-nsq's defaults", () => {
  expect(parseClientConfig({})).toEqual(DEFAULT_CLIENT_CONFIG);
});

test("every default is acceptable as a setting", () => {
  for (const [key, value] of Object.entries(DEFAULT_CLIENT_CONFIG)) {
    const name = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const isDuration = typeof value === "number" && value >= 1_000 && key !== "outputBufferSize";
    expect(parseClientConfig({ [name]: isDuration ? value / MILLISECOND : value })).toEqual(DEFAULT_CLIENT_CONFIG);
  }
});

test("names with _ or -, durations as text or milliseconds, numbers as text", () => {
  const config = parseClientConfig({
    max_in_flight: "200",
    "msg-timeout": "1m30s",
    read_timeout: 100,
    "lookupd_poll-jitter": "0.5",
    backoff_strategy: "full_jitter",
    heartbeat_interval: 50,
    output_buffer_timeout: -1,
    tls_v1: true,
    tls_insecure_skip_verify: "true",
    deflate_level: 9,
  });
  expect(config).toMatchObject({
    maxInFlight: 200,
    msgTimeout: 90 * SECOND,
    readTimeout: 100 * MILLISECOND,
    lookupdPollJitter: 0.5,
    backoffStrategy: "full_jitter",
    heartbeatInterval: 50 * MILLISECOND,
    outputBufferTimeout: -1,
    tlsV1: true,
    tlsInsecureSkipVerify: true,
    deflate: false,
    deflateLevel: 9,
  });
});

test.each<[Record<string, string | number | boolean>, string]>([
  [{ max_inflight: 1 }, "the setting max_in_flight"],
  [{ handler: "x" }, "a setting of go-nsq"],
  [{ max_in_flight: -1 }, "an integer from 0 to 2147483647"],
  [{ max_in_flight: 1.5 }, "an integer from 0 to 2147483647"],
  [{ max_attempts: 65_536 }, "an integer from 0 to 65535"],
  [{ sample_rate: 100 }, "an integer from 0 to 99"],
  [{ read_timeout: "6m" }, 'a duration such as "1s", or a number of milliseconds, from 100ms to 5m0s'],
  [{ read_timeout: "60" }, 'a duration such as "1s", or a number of milliseconds, from 100ms to 5m0s'],
  [{ heartbeat_interval: -2 }, 'a duration such as "1s", or a number of milliseconds, at least 1ms, or -1 for off'],
  [{ msg_timeout: true }, 'a duration such as "1s", or a number of milliseconds, at least 0s'],
  [{ lookupd_poll_jitter: 2 }, "a number from 0 to 1"],
  [{ backoff_strategy: "linear" }, '"exponential" or "full_jitter"'],
  [{ client_id: 7 }, "a string"],
  [{ local_addr: "x:1" }, "it to be off: certificates are given as files, and local addresses are not available"],
  [{ deflate: true, snappy: true }, "one compression, and deflate is on"],
  [{ deflate_level: 0 }, "an integer from 1 to 9"],
  [{ tls_v1: "yes" }, "true or false"],
  [{ tls_cert: "x.pem" }, "a file: a certificate and its key go together"],
  [{ tls_min_version: "tls2" }, '"ssl3.0" or "tls1.0" or "tls1.1" or "tls1.2" or "tls1.3"'],
  [{ heartbeat_interval: "30s", read_timeout: "29s" }, "at most read_timeout, 29s"],
  [{ backoff_strategy: "full_jitter", backoff_multiplier: 0 }, "more than 0 with backoff_strategy full_jitter"],
])("%j is refused: expected %s", (settings, expected) => {
  let error: unknown;
  try {
    parseClientConfig(settings);
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(ConfigError);
  expect(error).toMatchObject({ expected });
  expect((error as ConfigError).message).toContain((error as ConfigError).setting);
});
