import { open } from "node:fs/promises";
import { flagsFromConfig } from "../flags/config-file.ts";
import type { Flag } from "../flags/flag.ts";
import { type FlagValue, OptionError } from "../flags/parse.ts";

/** A configuration file has a line per flag; what is larger is some other file. */
const LARGEST_BYTES = 1024 * 1024;

/**
 * The flags that a TOML configuration file sets.
 *
 * @throws OptionError (refused at start) when it cannot be read, is no TOML, or says something impossible
 */
export async function readConfigFile(path: string, known: readonly Flag[]): Promise<Record<string, FlagValue>> {
  try {
    // Most daemons have no such file: those need not load the parser.
    const { parse } = await import("smol-toml");
    return flagsFromConfig(parse(await readText(path)), known);
  } catch (error) {
    const message = `failed to load config file ${path} - ${(error as Error).message.trimEnd()}`;
    throw new OptionError("config", path, "a TOML file with the names of flags", message, true);
  }
}

async function readText(path: string): Promise<string> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(LARGEST_BYTES + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length);
      length += bytesRead;
      if (length > LARGEST_BYTES) throw new Error(`it is larger than ${LARGEST_BYTES} bytes`);
      if (bytesRead === 0) return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length));
    }
  } finally {
    await file.close();
  }
}
