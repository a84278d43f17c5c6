import { msToMicros } from "../../core/time.ts";
import type { Scenario } from "../scenario/types.ts";
import { attempt, type Search } from "./search.ts";

/** How it happens: settings that are not needed, then round and small numbers, then no idle time. */
export const VALUE_SEARCHES: readonly ((from: Scenario) => Search)[] = [
  steadyNetwork,
  fewerSettings,
  mergeGaps,
  plainerNumbers,
  shorterRun,
];

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Path = readonly (string | number)[];

/**
 * Fields that stay: what identifies the scenario, what it demands, and windows whose absence means for ever. A shorter
 * recovery would make any run fail by P17.
 */
const KEPT = new Set(["name", "question", "seed", "oracles", "expect", "recoveryMs", "durationMs", "forMs"]);
/** Reduced by searches of their own, or told apart by nothing but their value. */
const NOT_PLAINER = new Set([...KEPT, "count", "atMs", "startMs"]);
NOT_PLAINER.delete("forMs");

function* steadyNetwork(from: Scenario): Search {
  return yield* attempt(from, { ...from, network: { latency: 1 } });
}

/** Leaves out every field that a scenario can do without, the outermost first. */
function* fewerSettings(from: Scenario): Search {
  let best = from;
  for (const path of pathsOf(from as unknown as Json)) {
    const key = path.at(-1)!;
    if (typeof key === "number" || path.some((part) => KEPT.has(String(part)))) continue;
    if (read(best, path) === undefined) continue;
    best = yield* attempt(best, change(best, path, undefined));
  }
  return best;
}

function* plainerNumbers(from: Scenario): Search {
  let best = from;
  for (const path of pathsOf(from as unknown as Json)) {
    if (path.some((part) => NOT_PLAINER.has(String(part)) && part !== "forMs")) continue;
    const value = read(best, path);
    // A duration that is drawn: its bounds and its mean are plainer.
    if (typeof value === "object" && value !== null && isDrawn(value)) {
      for (const fixed of numbersIn(value)) {
        best = yield* attempt(best, change(best, path, fixed));
        if (typeof read(best, path) === "number") break;
      }
    }
    const number = read(best, path);
    if (typeof number === "number") best = yield* plainerNumber(best, path, number);
  }
  return best;
}

function isDrawn(value: object): boolean {
  return "uniform" in value || "exponential" in value;
}

function numbersIn(value: Json): number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

function* plainerNumber(from: Scenario, path: Path, number: number): Search {
  let best = from;
  let current = number;
  for (;;) {
    const next = yield* firstOf(best, path, plainerThan(current));
    const value = read(next, path);
    if (typeof value !== "number" || value === current) return best;
    best = next;
    current = value;
  }
}

function* firstOf(from: Scenario, path: Path, values: readonly number[]): Search {
  for (const value of values) {
    const candidate = change(from, path, value);
    if (yield candidate) return candidate;
  }
  return from;
}

/** Numbers with fewer digits, or as many and nearer to 0; the plainest first. */
export function plainerThan(value: number): number[] {
  if (value < 0) return [-value, ...plainerThan(-value).map((one) => (one === 0 ? 0 : -one))];
  const candidates = [0, 1, down(value / 2, 1), down(value, 1), up(value, 1), down(value, 2), up(value, 2)];
  const kept: number[] = [];
  for (const one of candidates) {
    const isPlainer = digits(one) < digits(value) || (digits(one) === digits(value) && one < value);
    if (isPlainer && !kept.includes(one)) kept.push(one);
  }
  return kept;
}

function unit(value: number, keep: number): number {
  return value < 1 ? 0.001 : 10 ** Math.max(0, Math.floor(Math.log10(value)) + 1 - keep);
}

function down(value: number, keep: number): number {
  return value < 1 ? 0 : Math.floor(value / unit(value, keep)) * unit(value, keep);
}

function up(value: number, keep: number): number {
  return value < 1 ? 1 : Math.ceil(value / unit(value, keep)) * unit(value, keep);
}

/** Significant digits. 0 has none. */
function digits(value: number): number {
  return value === 0
    ? 0
    : String(value)
        .replace(".", "")
        .replace(/^0+|0+$/g, "").length;
}

/** Shifts everything from an instant on to the instant before it, or half the way; then makes the instants round. */
function* mergeGaps(from: Scenario): Search {
  let best = from;
  for (let index = 0; ; index += 1) {
    const times = instants(best);
    const at = times[index];
    if (at === undefined) break;
    const before = index === 0 ? 0 : times[index - 1]!;
    for (const target of [before, before + 1, Math.floor((before + at) / 2), down(at, 1), down(at, 2), down(at, 3)]) {
      if (target >= at || target < before) continue;
      const shifted = shift(best, at, target - at);
      if (!(yield shifted)) continue;
      best = shifted;
      break;
    }
  }
  return best;
}

/** Instants at which something of the scenario begins, in order, each once. */
function instants(scenario: Scenario): number[] {
  const times = new Set<number>();
  mapTimes(scenario, (time) => {
    if (time > 0) times.add(time);
    return time;
  });
  return [...times].sort((a, b) => a - b);
}

function shift(scenario: Scenario, from: number, by: number): Scenario {
  return mapTimes(scenario, (time) => (time >= from ? toMicros(time + by) : time));
}

/** Milliseconds have three decimals: sums of them must not have more. */
function toMicros(ms: number): number {
  return msToMicros(ms) / 1_000;
}

function mapTimes(scenario: Scenario, map: (time: number) => number): Scenario {
  const start = <T extends { readonly startMs?: number }>(spec: T): T =>
    spec.startMs === undefined ? spec : { ...spec, startMs: map(spec.startMs) };
  const { faults, operations } = scenario;
  return {
    ...scenario,
    producers: scenario.producers.map((one) => ({ ...one, workload: one.workload.map(start) })),
    consumers: scenario.consumers.map(start),
    ...(operations !== undefined && { operations: operations.map((one) => ({ ...one, atMs: map(one.atMs) })) }),
    ...(faults !== undefined && {
      faults: faults.map((one) =>
        "atMs" in one.trigger ? { ...one, trigger: { ...one.trigger, atMs: map(one.trigger.atMs) } } : one,
      ),
    }),
  };
}

function* shorterRun(from: Scenario): Search {
  return yield* plainerNumber(from, ["durationMs"], from.durationMs);
}

/** Every field and member below the whole, the outer before the inner. */
function pathsOf(value: Json, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return path.length === 0 ? [] : [path];
  const entries = Array.isArray(value) ? value.map((one, index) => [index, one] as const) : Object.entries(value);
  const inner = entries.flatMap(([key, one]: readonly [string | number, Json]) => pathsOf(one, [...path, key]));
  return path.length === 0 ? inner : [path, ...inner];
}

function read(scenario: Scenario, path: Path): Json | undefined {
  let value = scenario as unknown as Json | undefined;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as { readonly [key: string | number]: Json })[key];
  }
  return value;
}

/** A copy with another value at the path; undefined: without the field. */
function change(scenario: Scenario, path: Path, value: Json | undefined): Scenario {
  return changed(scenario as unknown as Json, path, value) as unknown as Scenario;
}

function changed(target: Json, [key, ...rest]: Path, value: Json | undefined): Json {
  if (Array.isArray(target)) {
    const list = target as readonly Json[];
    return list.map((one, index) => (index === key ? changed(one, rest, value) : one));
  }
  if (key === undefined) return value!;
  const { [key]: inner, ...others } = target as { readonly [key: string]: Json };
  if (rest.length > 0) return { ...others, [key]: changed(inner!, rest, value) };
  return value === undefined ? others : { ...others, [key]: value };
}
