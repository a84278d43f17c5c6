import { nearestName } from "../../core/nearest.ts";

/** One thing that is wrong with a piece of data. */
export interface Problem {
  /** Where: `faults[2].do.kind`; "" is the whole. */
  readonly path: string;
  readonly value: unknown;
  readonly expected: string;
}

/** Looks at a value and reports everything that is wrong with it. */
export type Check = (value: unknown, path: string, problems: Problem[]) => void;

export function text(pattern: RegExp, expected: string): Check {
  return (value, path, problems) => {
    if (typeof value !== "string" || !pattern.test(value)) problems.push({ path, value, expected });
  };
}

export const flag: Check = (value, path, problems) => {
  if (typeof value !== "boolean") problems.push({ path, value, expected: "true or false" });
};

/** A finite number within bounds, both included. */
export function number(min: number, max = Number.MAX_SAFE_INTEGER): Check {
  return bounded("a number", (value) => Number.isFinite(value), min, max);
}

export function integer(min: number, max = Number.MAX_SAFE_INTEGER): Check {
  return bounded("an integer", (value) => Number.isSafeInteger(value), min, max);
}

/** One of the words; a typo is told the nearest. `what` names them: "a fault". */
export function word(words: readonly string[], what: string): Check {
  return (value, path, problems) => {
    if (typeof value === "string" && words.includes(value)) return;
    problems.push({ path, value, expected: `${what}: ${choices(value, words)}` });
  };
}

export function list(item: Check, minLength = 0): Check {
  return (value, path, problems) => {
    if (!Array.isArray(value)) {
      problems.push({ path, value, expected: "a list" });
      return;
    }
    if (value.length < minLength) problems.push({ path, value, expected: `at least ${minLength} in the list` });
    for (const [index, one] of value.entries()) item(one, `${path}[${index}]`, problems);
  };
}

/** An object with exactly these fields; a field that is not known is told the nearest that is. */
export function fields(
  required: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>> = {},
): Check {
  const known = [...Object.keys(required), ...Object.keys(optional)];
  return (value, path, problems) => {
    if (!isRecord(value)) {
      problems.push({ path, value, expected: `an object with ${known.join(", ")}` });
      return;
    }
    for (const [name, check] of Object.entries(required)) {
      if (value[name] === undefined) problems.push({ path: join(path, name), value: undefined, expected: "a value" });
      else check(value[name], join(path, name), problems);
    }
    for (const [name, check] of Object.entries(optional))
      if (value[name] !== undefined) check(value[name], join(path, name), problems);
    for (const name of Object.keys(value))
      if (!known.includes(name))
        problems.push({
          path: join(path, name),
          value: value[name],
          expected: `no such field here: ${choices(name, known)}`,
        });
  };
}

/** An object whose fields are all of one kind; their names are checked too when `names` is given. */
export function table(item: Check, names: readonly string[] | null, what: string): Check {
  return (value, path, problems) => {
    if (!isRecord(value)) {
      problems.push({ path, value, expected: "an object" });
      return;
    }
    for (const [name, one] of Object.entries(value)) {
      if (names !== null && !names.includes(name))
        problems.push({ path: join(path, name), value: name, expected: `${what}: ${choices(name, names)}` });
      else item(one, join(path, name), problems);
    }
  };
}

/** Which check applies depends on the value; null: none does, and `expected` says what would have been right. */
export function pick(choose: (value: unknown) => Check | null, expected: string): Check {
  return (value, path, problems) => {
    const check = choose(value);
    if (check === null) problems.push({ path, value, expected });
    else check(value, path, problems);
  };
}

/** A further condition, looked at when the value has the right shape: `further` may name its type. */
export function refine(check: Check, further: (value: never, path: string, problems: Problem[]) => void): Check {
  return (value, path, problems) => {
    const before = problems.length;
    check(value, path, problems);
    if (problems.length === before) further(value as never, path, problems);
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function bounded(what: string, fits: (value: number) => boolean, min: number, max: number): Check {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return (value, path, problems) => {
    const right = typeof value === "number" && fits(value) && value >= min && value <= max;
    if (!right) problems.push({ path, value, expected: `${what} ${range}` });
  };
}

function choices(wrong: unknown, words: readonly string[]): string {
  const nearest = typeof wrong === "string" ? nearestName(wrong, words) : null;
  if (nearest !== null) return `did you mean "${nearest}"?`;
  return words.length === 0 ? "there is none" : `one of ${words.join(", ")}`;
}
