import type { Flag } from "../flags/flag.ts";
import { findFlag } from "../flags/parse.ts";
import { FLAGS } from "./flags.ts";
import { type FlagValue, OptionError } from "./options.ts";

/** A command line of a daemon, taken apart but not yet judged value by value. */
export interface Arguments {
  readonly flags: Readonly<Record<string, FlagValue>>;
  readonly wantsHelp: boolean;
  readonly wantsVersion: boolean;
  /** Path of the configuration file, whose values count less than {@link flags}; null: none. */
  readonly config: string | null;
}

/** Flags that say nothing about how a daemon behaves. `verbose` and `worker-id` are accepted and ignored, as nsqd does. */
const OTHER_BOOLS: readonly string[] = ["help", "h", "version", "verbose", "worker-id"];

/**
 * Takes a command line apart as Go's `flag` package does: `-flag` or `--flag`, `=value` or the value as the next
 * argument, flags of type bool without a value. Where a flag is repeated the last value wins; lists collect.
 *
 * @param known the flags of the daemon
 * @throws OptionError for an unknown flag (naming the nearest valid one), a missing value, or a stray argument
 */
export function parseArguments(args: readonly string[], known: readonly Flag[] = FLAGS): Arguments {
  const flags: Record<string, FlagValue> = {};
  const wanted = new Set<string>();
  let config: string | null = null;
  for (let at = 0; at < args.length; at++) {
    const { name, value } = splitArgument(args[at] ?? "");
    if (OTHER_BOOLS.includes(name)) {
      if (value !== "false") wanted.add(name);
      continue;
    }
    const flag = name === "config" ? null : findFlag(known, name);
    const takesNext = value === null && flag?.type !== "bool" && name !== "tls-required";
    if (takesNext && at + 1 >= args.length) {
      throw new OptionError(name, null, "a value", `flag needs an argument: --${name}`);
    }
    const given = value ?? (takesNext ? (args[++at] ?? "") : "true");
    if (flag === null) config = given;
    else if (flag.type.startsWith("list")) flags[name] = [...((flags[name] as string[] | undefined) ?? []), given];
    else flags[name] = given;
  }
  return { flags, wantsHelp: wanted.has("help") || wanted.has("h"), wantsVersion: wanted.has("version"), config };
}

function splitArgument(argument: string): { name: string; value: string | null } {
  const match = /^--?([^-=][^=]*)(?:=([\s\S]*))?$/.exec(argument);
  if (match === null) {
    throw new OptionError(argument, argument, "--flag=value", `unexpected argument ${JSON.stringify(argument)}`);
  }
  return { name: match[1] ?? "", value: match[2] ?? null };
}
