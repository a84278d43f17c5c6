import { nearestName } from "../nearest.ts";
import { formatGoDuration, parseGoDuration } from "../nsqd/duration.ts";
import type { Flag, FlagType } from "./flag.ts";

/** A flag that cannot be obeyed. The message is a whole sentence for a person. */
export class OptionError extends Error {
  override readonly name = "OptionError";
  /** As the user spelled it, without dashes. */
  readonly flag: string;
  readonly value: unknown;
  /** What would have been right. */
  readonly expected: string;
  /** The flag is well-formed, but the program will not start with it (exit 1 rather than 2). */
  readonly refusedAtStart: boolean;

  constructor(flag: string, value: unknown, expected: string, message: string, refusedAtStart = false) {
    super(message);
    this.flag = flag;
    this.value = value;
    this.expected = expected;
    this.refusedAtStart = refusedAtStart;
  }
}

/** A flag's value: lists may also be given as arrays. */
export type FlagValue = string | number | boolean | readonly (string | number)[];

/**
 * Options from flags as the command line spells them: `{ "mem-queue-size": 100, "msg-timeout": "1m30s" }`. Strings are
 * read as Go reads them. What one flag cannot say by itself is left to the caller.
 *
 * @param known the flags of the program
 * @param defaults for the flags that are not given
 * @throws OptionError for an unknown flag (naming the nearest valid one), or a malformed or impossible value
 */
export function parseFlags<Options extends object>(
  known: readonly Flag<keyof Options & string>[],
  flags: Readonly<Record<string, FlagValue>>,
  defaults: Options,
): Options {
  const options = { ...defaults } as Record<string, unknown>;
  for (const [name, value] of Object.entries(flags)) {
    const flag = findFlag(known, name);
    options[flag.key] = parseValue(flag, value);
  }
  return options as Options;
}

/** The flag of that name. @throws OptionError when there is none; it names the nearest one. */
export function findFlag<Known extends Flag>(known: readonly Known[], name: string): Known {
  const flag = known.find((candidate) => candidate.name === name);
  if (flag !== undefined) return flag;
  const nearest = nearestName(
    name,
    known.map((candidate) => candidate.name),
  );
  const expected = nearest === null ? "one of the flags that --help lists" : `did you mean --${nearest}?`;
  throw new OptionError(name, null, expected, `flag provided but not defined: --${name} (${expected})`);
}

function parseValue(flag: Flag, value: FlagValue): unknown {
  if (flag.type.startsWith("list")) {
    const items = Array.isArray(value) ? (value as readonly (string | number)[]) : [value as string | number | boolean];
    const parsed = items.flatMap((item) => parseItems(flag, item));
    // As nsqd does: what the command line gives is put in order, what a configuration file lists is not.
    const isWritten = items.some((item) => typeof item === "string");
    return flag.type === "list<float>" && isWritten ? (parsed as number[]).sort((a, b) => b - a) : parsed;
  }
  if (Array.isArray(value)) throw badValue(flag, value, SYNTAX[flag.type]);
  return parseScalar(flag, flag.type, value as string | number | boolean);
}

function parseItems(flag: Flag, item: string | number | boolean): unknown[] {
  if (flag.type !== "list<float>") return [parseScalar(flag, "string", item)];
  return String(item)
    .split(",")
    .map((part) => {
      const number = Number(part.trim());
      if (part.trim() === "" || !Number.isFinite(number)) throw badValue(flag, item, SYNTAX["list<float>"]);
      return number;
    });
}

function parseScalar(flag: Flag, type: FlagType, value: string | number | boolean): unknown {
  const read = SCALARS[type](value);
  if (read === null) throw badValue(flag, value, SYNTAX[type]);
  const parsed = typeof read === "string" && flag.fold !== undefined ? flag.fold(read) : read;
  if (flag.oneOf !== undefined && !flag.oneOf.includes(String(parsed))) {
    throw badValue(flag, value, `one of ${flag.oneOf.map((text) => JSON.stringify(text)).join(", ")}`);
  }
  if (typeof parsed === "number" && flag.checkedAtStart !== true) requireRange(flag, value, parsed);
  return parsed;
}

function requireRange(flag: Flag, value: unknown, number: number): void {
  const { least = 0, most = Infinity } = flag;
  if (number >= least && number <= most) return;
  const show = (limit: number): string => (flag.type === "duration" ? formatGoDuration(limit) : String(limit));
  throw badValue(flag, value, most === Infinity ? `at least ${show(least)}` : `${show(least)} to ${show(most)}`);
}

type Scalar = string | number | boolean;

const SCALARS: Readonly<Record<FlagType, (value: Scalar) => Scalar | null>> = {
  string: (value) => (typeof value === "string" ? value : typeof value === "boolean" ? String(value) : null),
  int: (value) => (typeof value === "number" ? integer(value) : typeof value === "string" ? parseGoInt(value) : null),
  bool: (value) => (typeof value === "boolean" ? value : typeof value === "string" ? parseGoBool(value) : null),
  duration: (value) => (typeof value === "string" ? parseGoDuration(value) : null),
  "list<string>": () => null,
  "list<float>": () => null,
};

const SYNTAX: Readonly<Record<FlagType, string>> = {
  string: "text",
  int: "an integer",
  bool: "true or false",
  duration: "a duration with a unit, such as 250ms or 1m30s",
  "list<string>": "text, repeatable",
  "list<float>": "numbers separated by commas",
};

function badValue(flag: Flag, value: unknown, expected: string): OptionError {
  const shown = typeof value === "string" ? JSON.stringify(value) : `"${String(value)}"`;
  return new OptionError(
    flag.name,
    value,
    expected,
    `invalid value ${shown} for flag --${flag.name}: expected ${expected}`,
  );
}

function integer(value: number): number | null {
  return Number.isSafeInteger(value) ? value : null;
}

/** Go's `strconv.ParseInt(text, 0, 64)`: decimal, or with the prefix 0x, 0o or 0b. */
function parseGoInt(text: string): number | null {
  const match = /^([+-]?)(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|\d+)$/.exec(text);
  if (match === null) return null;
  const digits = match[2] ?? "";
  const size = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return integer(match[1] === "-" && size !== 0 ? -size : size);
}

/** Go's `strconv.ParseBool`. */
export function parseGoBool(text: string): boolean | null {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  return null;
}
