import { describe, expect, test } from "vitest";
import { configKeyOf } from "../../../core/flags/flag.ts";
import { parseArguments } from "../../../core/nsqd/arguments.ts";
import { LOOKUPD_FLAGS } from "../../../core/nsqlookupd/flags.ts";
import { DEFAULT_LOOKUPD_OPTIONS, parseNsqlookupdOptions } from "../../../core/nsqlookupd/options.ts";
import { SECOND } from "../../../core/time.ts";

describe("flags of nsqlookupd", () => {
  test("set the options they say", () => {
    const args = ["-tcp-address", ":1", "--inactive-producer-timeout=1m30s", "-tombstone-lifetime", "0", "--verbose"];
    const { flags } = parseArguments(args, LOOKUPD_FLAGS);
    expect(parseNsqlookupdOptions(flags)).toEqual({
      ...DEFAULT_LOOKUPD_OPTIONS,
      tcpAddress: ":1",
      inactiveProducerTimeout: 90 * SECOND,
      tombstoneLifetime: 0,
    });
  });

  test.each([
    [["--tombstone-lifetme=1s"], /did you mean --tombstone-lifetime\?/],
    [["--mem-queue-size=1"], /not defined: --mem-queue-size/],
    [["--tombstone-lifetime=5"], /invalid value "5" for flag --tombstone-lifetime: expected a duration/],
    [["--tombstone-lifetime=-1s"], /expected at least 0s/],
    [["--log-level=loud"], /one of "debug", "info"/],
  ])("%j is refused", (args, message) => {
    expect(() => parseNsqlookupdOptions(parseArguments(args, LOOKUPD_FLAGS).flags)).toThrow(message);
  });

  test("cover every option but the version, each once", () => {
    const keys = LOOKUPD_FLAGS.map(({ key }) => key);
    expect([...keys, "version"].sort()).toEqual(Object.keys(DEFAULT_LOOKUPD_OPTIONS).sort());
    expect(LOOKUPD_FLAGS.map(configKeyOf)).toContain("inactive_producer_timeout");
  });
});
