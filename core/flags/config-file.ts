import { nearestName } from "../nearest.ts";
import { configKeyOf, type Flag } from "./flag.ts";
import { type FlagValue, OptionError } from "./parse.ts";

/** Keys that nsqd has and that change nothing (nsqd-semantics §15). */
const WITHOUT_EFFECT: readonly string[] = ["verbose", "worker_id"];

/**
 * Flags from the keys and values of a configuration file, in the spelling of the command line. Only the kinds of values
 * are looked at here; `parseFlags` judges them. A duration given as an integer counts milliseconds, as in nsqd.
 *
 * nsqd ignores keys it does not know; here a misspelt key is refused, so that it cannot pass for a setting.
 *
 * @param table the file's top level, as a TOML parser gives it
 * @param known the flags of the program that reads it
 * @throws OptionError for an unknown key (naming the nearest one), or a value of an impossible kind
 */
export function flagsFromConfig(
  table: Readonly<Record<string, unknown>>,
  known: readonly Flag[],
): Record<string, FlagValue> {
  const flags: Record<string, FlagValue> = {};
  for (const [key, value] of Object.entries(table)) {
    if (WITHOUT_EFFECT.includes(key)) continue;
    const flag = known.find((candidate) => configKeyOf(candidate) === key);
    if (flag === undefined) throw unknownKey(key, known);
    const given = flagValue(flag, value);
    if (given === null) {
      const message = `invalid value ${shown(value)} for ${key}: expected ${EXPECTED[flag.type]}`;
      throw new OptionError(key, value, EXPECTED[flag.type], message, true);
    }
    flags[flag.name] = given;
  }
  return flags;
}

const EXPECTED: Readonly<Record<Flag["type"], string>> = {
  string: "text",
  int: "an integer",
  bool: "true or false",
  duration: 'text such as "1m30s", or milliseconds as an integer',
  "list<string>": "a list of texts",
  "list<float>": "a list of numbers",
};

function flagValue(flag: Flag, value: unknown): FlagValue | null {
  if (Array.isArray(value)) {
    const member = flag.type === "list<float>" ? "number" : "string";
    return flag.type.startsWith("list") && value.every((item) => typeof item === member)
      ? (value as readonly (string | number)[])
      : null;
  }
  if (flag.type === "list<float>") return typeof value === "number" ? [value] : null;
  if (typeof value === "number" && flag.type === "duration") return Number.isInteger(value) ? `${value}ms` : null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return null;
}

function unknownKey(key: string, known: readonly Flag[]): OptionError {
  const nearest = nearestName(key, known.map(configKeyOf));
  const expected = nearest === null ? "a flag's name with _ for -" : `did you mean ${nearest}?`;
  return new OptionError(key, null, expected, `unknown key ${JSON.stringify(key)} (${expected})`, true);
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
