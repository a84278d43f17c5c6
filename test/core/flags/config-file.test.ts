import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { flagsFromConfig } from "../../../core/flags/config-file.ts";
import { configKeyOf } from "../../../core/flags/flag.ts";
import { FLAGS } from "../../../core/nsqd/flags.ts";
import { DEFAULT_OPTIONS, OptionError, parseNsqdOptions } from "../../../core/nsqd/options.ts";

function refusal(table: Record<string, unknown>): OptionError {
  try {
    flagsFromConfig(table, FLAGS);
  } catch (error) {
    if (error instanceof OptionError) return error;
    throw error;
  }
  throw new Error("the table was taken");
}

describe("keys", () => {
  test("are the flags' names with underscores, but for four", () => {
    const others = FLAGS.filter((flag) => configKeyOf(flag) !== flag.name.replaceAll("-", "_")).map(configKeyOf);
    expect(others).toEqual([
      "id",
      "nsqlookupd_tcp_addresses",
      "auth_http_addresses",
      "e2e_processing_latency_percentiles",
    ]);
  });

  test("what nsqd ignores is ignored", () => {
    expect(flagsFromConfig({ verbose: true, worker_id: 5 }, FLAGS)).toEqual({});
  });

  test.each([
    ["mem_queue_sise", "did you mean mem_queue_size?"],
    ["mem-queue-size", "did you mean mem_queue_size?"],
    ["no_such_key_at_all_anywhere", "a flag's name with _ for -"],
    ["__proto__", "a flag's name with _ for -"],
  ])("%s is unknown", (key, expected) => {
    const table = Object.fromEntries([[key, 1]]) as Record<string, unknown>;
    expect(refusal(table)).toMatchObject({ flag: key, expected, refusedAtStart: true });
  });
});

describe("values", () => {
  test("are read by their type", () => {
    const flags = flagsFromConfig(
      { max_msg_size: 77, msg_timeout: "90s", max_req_timeout: 1500, deflate: false, id: 5, log_prefix: "" },
      FLAGS,
    );
    expect(parseNsqdOptions(flags)).toEqual({
      ...DEFAULT_OPTIONS,
      maxMsgSize: 77,
      msgTimeout: 90_000_000,
      maxReqTimeout: 1_500_000,
      deflate: false,
      nodeId: 5,
      logPrefix: "",
    });
  });

  test("lists keep their order", () => {
    const flags = flagsFromConfig(
      { nsqlookupd_tcp_addresses: ["b:1", "a:2"], e2e_processing_latency_percentiles: [0.5, 1, 0.9] },
      FLAGS,
    );
    expect(flags).toEqual({
      "lookupd-tcp-address": ["b:1", "a:2"],
      "e2e-processing-latency-percentile": [0.5, 1, 0.9],
    });
  });

  test.each<[string, unknown, string]>([
    ["max_msg_size", [1], "an integer"],
    ["max_msg_size", { a: 1 }, "an integer"],
    ["msg_timeout", 1.5, 'text such as "1m30s", or milliseconds as an integer'],
    ["nsqlookupd_tcp_addresses", [1], "a list of texts"],
    ["e2e_processing_latency_percentiles", ["0.5"], "a list of numbers"],
    ["e2e_processing_latency_percentiles", "0.5", "a list of numbers"],
    ["deflate", null, "true or false"],
  ])("%s = %j is refused", (key, value, expected) => {
    expect(refusal({ [key]: value })).toMatchObject({ flag: key, value, expected });
  });

  test("any table gives flags or an OptionError", () => {
    const key = fc.oneof(fc.constantFrom(...FLAGS.map(configKeyOf)), fc.string());
    const property = fc.property(fc.dictionary(key, fc.jsonValue({ maxDepth: 2 })), (table) => {
      try {
        parseNsqdOptions(flagsFromConfig(table, FLAGS));
      } catch (error) {
        expect(error).toBeInstanceOf(OptionError);
      }
    });
    fc.assert(property);
  });
});
