import type { Micros } from "../time.ts";

const UNIT_MICROS: ReadonlyMap<string, number> = new Map([
  ["ns", 0.001],
  ["us", 1],
  ["µs", 1],
  ["μs", 1],
  ["ms", 1_000],
  ["s", 1_000_000],
  ["m", 60_000_000],
  ["h", 3_600_000_000],
]);

/** Go keeps a duration in an int64 of nanoseconds; ours must stay an exact integer of microseconds as well. */
const LARGEST: Micros = Number.MAX_SAFE_INTEGER;

/**
 * Parses a duration the way Go's `time.ParseDuration` does: an optional sign, then numbers with units (`1m30s`,
 * `1.5h`, `250ms`). A number without a unit is refused, except `0`.
 *
 * @returns microseconds, rounded to the nearest integer; null when the text is not a duration or is out of range.
 */
export function parseGoDuration(text: string): Micros | null {
  const sign = text.startsWith("-") ? -1 : 1;
  const unsigned = /^[+-]/.test(text) ? text.slice(1) : text;
  if (unsigned === "0") return 0;
  const pair = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy;
  let micros = 0;
  let end = 0;
  for (let match = pair.exec(unsigned); match !== null; match = pair.exec(unsigned)) {
    const [, number = "", unit = ""] = match;
    micros += Number(number) * (UNIT_MICROS.get(unit) ?? Number.NaN);
    end = pair.lastIndex;
  }
  if (unsigned === "" || end !== unsigned.length || micros > LARGEST) return null;
  return micros === 0 ? 0 : sign * Math.round(micros);
}

/** Prints a duration as Go's `Duration.String` does, to the microsecond: `1m0s`, `250ms`, `1h0m1.5s`, `0s`. */
export function formatGoDuration(micros: Micros): string {
  if (micros === 0) return "0s";
  const sign = micros < 0 ? "-" : "";
  const size = Math.abs(micros);
  if (size < 1_000) return `${sign}${size}µs`;
  if (size < 1_000_000) return `${sign}${size / 1_000}ms`;
  const hours = Math.floor(size / 3_600_000_000);
  const minutes = Math.floor((size % 3_600_000_000) / 60_000_000);
  const seconds = `${(size % 60_000_000) / 1_000_000}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}
