import { InputError } from "./command.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * The scenario with settings of the form `path=value` applied. A path names fields from the top, separated by dots; a
 * member of a list by its number (`nsqd.0`), by its `name` (`consumers.c1`), or all of them by `*`:
 * `consumers.*.maxInFlight=1`, `nsqd.nsqd1.options.msg-timeout=2s`. The value is JSON, or else text.
 *
 * Fields that are absent are created, so the result has to be validated: a misspelt field is found there.
 *
 * @throws InputError for a setting without `=`, and a path that leads through something that has no such part
 */
export function applySettings(scenario: unknown, settings: readonly string[]): unknown {
  const changed = structuredClone(scenario) as Json;
  for (const setting of settings) {
    const equals = setting.indexOf("=");
    if (equals < 1) throw new InputError(`--set ${setting}: expected path=value, such as durationMs=1000`);
    const path = setting.slice(0, equals).split(".");
    if (path.includes("")) throw new InputError(`--set ${setting}: the path has an empty part`);
    assign(changed, path, 0, valueOf(setting.slice(equals + 1)), setting);
  }
  return changed;
}

function valueOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function assign(target: Json, path: readonly string[], at: number, value: Json, setting: string): void {
  const key = path[at]!;
  const here = at === 0 ? "the scenario" : path.slice(0, at).join(".");
  if (target === null || typeof target !== "object")
    throw new InputError(`--set ${setting}: ${here} is ${JSON.stringify(target)}, it has no part ${key}`);
  const isLast = at === path.length - 1;
  if (Array.isArray(target)) {
    for (const index of members(target, key, here, setting)) {
      if (isLast) target[index] = structuredClone(value);
      else assign(target[index]!, path, at + 1, value, setting);
    }
    return;
  }
  if (key === "__proto__") throw new InputError(`--set ${setting}: ${here} has no field __proto__`);
  if (isLast) target[key] = value;
  else {
    target[key] ??= {};
    assign(target[key], path, at + 1, value, setting);
  }
}

function members(list: readonly Json[], key: string, here: string, setting: string): readonly number[] {
  if (key === "*") return list.map((_, index) => index);
  const named = list.findIndex((one) => nameOf(one) === key);
  if (named !== -1) return [named];
  if (/^\d+$/.test(key) && Number(key) < list.length) return [Number(key)];
  const names = list.map((one, index) => nameOf(one) ?? String(index));
  throw new InputError(
    `--set ${setting}: ${here} has no member ${key}; it has ${names.length === 0 ? "none" : names.join(", ")}`,
  );
}

function nameOf(value: Json): string | null {
  const name = value !== null && typeof value === "object" && !Array.isArray(value) ? value["name"] : null;
  return typeof name === "string" ? name : null;
}
