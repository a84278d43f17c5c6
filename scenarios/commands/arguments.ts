import { nearestName } from "../../core/nearest.ts";
import { parseGoDuration } from "../../core/nsqd/duration.ts";
import { microsToMs } from "../../core/time.ts";
import { InputError } from "./command.ts";

/**
 * `flag`: no value. `text`, `integer`, `duration` (as Go writes it, `20s`; here in milliseconds): one value, the last one
 * counts. `list`: may be repeated.
 */
export type OptionKind = "flag" | "text" | "integer" | "duration" | "list";

type ValueOf<K extends OptionKind> = K extends "flag"
  ? boolean
  : K extends "text"
    ? string | null
    : K extends "integer" | "duration"
      ? number | null
      : readonly string[];

export type OptionValues<S extends Readonly<Record<string, OptionKind>>> = { readonly [N in keyof S]: ValueOf<S[N]> };

export interface Arguments<S extends Readonly<Record<string, OptionKind>>> {
  readonly names: readonly string[];
  readonly options: OptionValues<S>;
}

/**
 * Takes a command line apart: `--name value`, `--name=value`, names in any place; `--` ends the options.
 *
 * @throws InputError for an unknown option (naming the nearest one), a missing or an unwanted value
 */
export function parseArguments<S extends Readonly<Record<string, OptionKind>>>(
  args: readonly string[],
  spec: S,
): Arguments<S> {
  const names: string[] = [];
  const values = new Map<string, boolean | string | number | string[]>();
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      names.push(...rest);
      break;
    }
    if (!word.startsWith("--")) {
      if (word.startsWith("-") && word !== "-") throw new InputError(`unknown option ${word}; options begin with --`);
      names.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    const name = equals === -1 ? word.slice(2) : word.slice(2, equals);
    const kind = Object.hasOwn(spec, name) ? spec[name] : undefined;
    if (kind === undefined) throw new InputError(unknownOption(name, spec));
    const inline = equals === -1 ? null : word.slice(equals + 1);
    if (kind === "flag") {
      if (inline !== null) throw new InputError(`--${name} takes no value`);
      values.set(name, true);
      continue;
    }
    const value = inline ?? rest.shift();
    if (value === undefined) throw new InputError(`--${name} needs a value`);
    store(values, name, kind, value);
  }
  return { names, options: withDefaults(spec, values) };
}

function store(
  values: Map<string, boolean | string | number | string[]>,
  name: string,
  kind: OptionKind,
  value: string,
): void {
  if (kind === "list") {
    const list = values.get(name);
    if (Array.isArray(list)) list.push(value);
    else values.set(name, [value]);
  } else if (kind === "integer") {
    if (!/^\d{1,15}$/.test(value))
      throw new InputError(`--${name}: ${JSON.stringify(value)} is not a whole number ≥ 0`);
    values.set(name, Number(value));
  } else if (kind === "duration") {
    const micros = parseGoDuration(value);
    if (micros === null || micros <= 0)
      throw new InputError(`--${name}: ${JSON.stringify(value)} is not a duration, such as 20s or 1m30s`);
    values.set(name, microsToMs(micros));
  } else values.set(name, value);
}

function withDefaults<S extends Readonly<Record<string, OptionKind>>>(
  spec: S,
  values: ReadonlyMap<string, unknown>,
): OptionValues<S> {
  const none = { flag: false, text: null, integer: null, duration: null, list: [] };
  return Object.fromEntries(
    Object.entries(spec).map(([name, kind]) => [name, values.get(name) ?? none[kind]]),
  ) as OptionValues<S>;
}

function unknownOption(name: string, spec: Readonly<Record<string, OptionKind>>): string {
  const nearest = nearestName(name, Object.keys(spec));
  const known = Object.keys(spec).map((one) => `--${one}`);
  const hint = nearest === null ? `known are ${known.join(", ")}` : `did you mean --${nearest}?`;
  return `unknown option --${name}; ${known.length === 0 ? "this command takes none" : hint}`;
}

/**
 * The only name on a command line.
 *
 * @throws InputError when there is none, or more than one
 */
export function onlyName([name, ...more]: readonly string[], command: string): string {
  if (name === undefined || more.length > 0) throw new InputError(`${command} takes one scenario`);
  return name;
}
