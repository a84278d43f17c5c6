/** Damaged files that the daemons read when they start: each is taken or refused in so many words. */
import { TomlError, parse } from "smol-toml";
import { test } from "vitest";
import { flagsFromConfig } from "../../core/flags/config-file.ts";
import { FLAGS } from "../../core/nsqd/flags.ts";
import { MetadataError, parseMetadata } from "../../core/nsqd/metadata.ts";
import { OptionError, parseNsqdOptions } from "../../core/nsqd/options.ts";
import { bytesOf } from "../../core/protocol/text.ts";
import type { Draw } from "./draw.ts";
import { FUZZ_TIMEOUT_MS, fuzz, ROUND } from "./inputs.ts";
import { mutate } from "./mutate.ts";

/** Fails for anything thrown that is not one of these. */
function expectRefusal(act: () => void, kinds: readonly (new (...args: never[]) => Error)[], what: string): void {
  try {
    act();
  } catch (error) {
    if (kinds.some((kind) => error instanceof kind)) return;
    throw new Error(`${JSON.stringify(what)} is refused with ${String(error)}`, { cause: error });
  }
}

function drawMetadata(draw: Draw): string {
  const name = (): unknown =>
    draw.once(10) ? draw.pick([null, 1, [], {}, draw.oddText()]) : draw.pick(["t", "u", "c"]);
  const paused = (): unknown => draw.pick([true, false, false, null, 0]);
  const channels = draw.many(0, 3, () => ({ name: name(), paused: paused() }));
  const topics = draw.many(0, 4, () => ({ name: name(), paused: paused(), channels }));
  const text = JSON.stringify({ topics, version: draw.oddText() });
  return draw.once(3) ? text : mutate(text, draw);
}

test(
  "nsqd.dat",
  async () => {
    await fuzz("nsqd.dat", 0.05, (draw) => {
      for (let input = 0; input < ROUND; input += 1) {
        const text = drawMetadata(draw);
        expectRefusal(() => parseMetadata(bytesOf(text)), [MetadataError], text);
      }
    });
  },
  FUZZ_TIMEOUT_MS,
);

const VALUES = [
  "1",
  "-1",
  "0",
  "1.5",
  "99999999999999999999",
  "nan",
  "true",
  '"1m30s"',
  '"100ms"',
  '"0.0.0.0:4150"',
  '"x"',
  '""',
  "[]",
  '["a:1", "b:2"]',
  "[0.5, 0.99]",
  "{ a = 1 }",
  "1979-05-27",
] as const;

function drawConfig(draw: Draw): string {
  const keys = FLAGS.map(({ name, configName }) => configName ?? name.replaceAll("-", "_"));
  const lines = draw.many(0, 6, () => `${draw.pick(keys)} = ${draw.pick(VALUES)}`);
  const text = [...new Set(lines)].join("\n");
  return draw.once(2) ? text : mutate(text, draw);
}

test(
  "the configuration file",
  async () => {
    await fuzz("config", 0.08, (draw) => {
      for (let input = 0; input < ROUND; input += 1) {
        const text = drawConfig(draw);
        const read = (): unknown => parseNsqdOptions(flagsFromConfig(parse(text), FLAGS));
        expectRefusal(read, [TomlError, OptionError], text);
      }
    });
  },
  FUZZ_TIMEOUT_MS,
);
