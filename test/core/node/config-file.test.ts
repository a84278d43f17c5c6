import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { readConfigFile } from "../../../core/node/config-file.ts";
import { FLAGS } from "../../../core/nsqd/flags.ts";
import { OptionError } from "../../../core/nsqd/options.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "nsqlab-config-"));
const file = path.join(folder, "nsqd.cfg");

afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string | Uint8Array): Promise<object> {
  writeFileSync(file, text);
  return readConfigFile(file, FLAGS);
}

describe("a configuration file", () => {
  test("in TOML", async () => {
    const text = [
      "## where nsqd listens",
      'tcp_address = "127.0.0.1:4150" # a comment',
      "mem_queue_size = 10_000",
      "nsqlookupd_tcp_addresses = [",
      '  "127.0.0.1:4160",',
      "]",
      "tls_required = false",
    ];
    expect(await read(text.join("\r\n"))).toEqual({
      "tcp-address": "127.0.0.1:4150",
      "mem-queue-size": 10_000,
      "lookupd-tcp-address": ["127.0.0.1:4160"],
      "tls-required": false,
    });
  });

  test("may be empty", async () => {
    expect(await read("")).toEqual({});
  });

  test.each<[string, string | Uint8Array, RegExp]>([
    ["no TOML", "max_msg_size: 77\n", /Invalid TOML/],
    ["a key twice", "max_msg_size = 1\nmax_msg_size = 2\n", /redefine/],
    ["an integer that is none of ours", "max_msg_size = 99999999999999999999\n", /integer/],
    ["a date", "msg_timeout = 1979-05-27\n", /invalid value "1979-05-27" for msg_timeout/],
    ["a table", "[max_msg_size]\nx = 1\n", /invalid value \{"x":1\} for max_msg_size/],
    ["bytes that are no UTF-8", Uint8Array.of(0xff, 0xfe), /encoded data was not valid/],
    ["too much", "#".repeat(1024 * 1024 + 1), /larger than 1048576 bytes/],
    ["a misspelt key", "max_msg_sise = 77\n", /did you mean max_msg_size\?/],
  ])("%s", async (_, text, reason) => {
    const error = await read(text).catch((refused: unknown) => refused);
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ flag: "config", value: file, refusedAtStart: true });
    expect((error as Error).message).toMatch(reason);
    expect((error as Error).message).toContain(`failed to load config file ${file} - `);
  });

  test("must be there", async () => {
    await expect(readConfigFile(path.join(folder, "none"), FLAGS)).rejects.toThrow(/ENOENT/);
    await expect(readConfigFile(folder, FLAGS)).rejects.toThrow(/EISDIR/);
  });

  test("any bytes give flags or an OptionError", async () => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
      const error = await read(bytes).catch((refused: unknown) => refused);
      if (error instanceof Error) expect(error).toBeInstanceOf(OptionError);
    });
    await fc.assert(property, { numRuns: 50 });
  });
});
