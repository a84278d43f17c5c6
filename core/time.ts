/**
 * Time inside nsqlab is an integer number of microseconds. Nanoseconds exist only on the wire, milliseconds only in
 * names that end in `Ms` (NSQ's commands and flags, scenario files).
 */
export type Micros = number;

export const MILLISECOND: Micros = 1_000;
export const SECOND: Micros = 1_000_000;

/** Milliseconds to microseconds, rounded to the nearest integer. */
export function msToMicros(ms: number): Micros {
  return Math.round(ms * MILLISECOND);
}

/** Microseconds to (possibly fractional) milliseconds. */
export function microsToMs(us: Micros): number {
  return us / MILLISECOND;
}
