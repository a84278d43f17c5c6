import type { Micros } from "./time.ts";

const UNIT_MICROS: Readonly<Record<string, number>> = {
  ns: 0.001,
  us: 1,
  µs: 1,
  μs: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
};

const TERM = /^(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/;

/**
 * Reads a duration as Go writes it: `1m30s`, `250ms`, `-1s`, `0`. Null when it is none.
 * Parts below a microsecond are rounded away.
 */
export function parseGoDuration(text: string): Micros | null {
  const negative = text.startsWith("-");
  let rest = negative || text.startsWith("+") ? text.slice(1) : text;
  if (rest === "0") return 0;
  if (rest === "") return null;
  let total = 0;
  while (rest !== "") {
    const term = TERM.exec(rest);
    if (term === null) return null;
    total += Number(term[1]) * UNIT_MICROS[term[2]!]!;
    rest = rest.slice(term[0].length);
  }
  if (!Number.isSafeInteger(Math.round(total))) return null;
  return negative && total !== 0 ? -Math.round(total) : Math.round(total);
}

/** Writes a duration the way Go prints it: `1m30s`, `250ms`, `0s`. */
export function formatGoDuration(duration: Micros): string {
  if (duration === 0) return "0s";
  if (duration < 0) return `-${formatGoDuration(-duration)}`;
  if (duration < 1_000) return `${duration}µs`;
  if (duration < 1_000_000) return `${duration / 1_000}ms`;
  const hours = Math.floor(duration / 3_600_000_000);
  const minutes = Math.floor(duration / 60_000_000) % 60;
  const seconds = (duration % 60_000_000) / 1_000_000;
  const tail = `${seconds}s`;
  if (hours > 0) return `${hours}h${minutes}m${tail}`;
  return minutes > 0 ? `${minutes}m${tail}` : tail;
}
