import type { Micros } from "../time.ts";

const NANOS_PER_MS = 1_000_000n;

/** Milliseconds as Go's `time.Duration(ms) * time.Millisecond`: int64 nanoseconds that wrap silently (protocol §3). */
export function goDuration(ms: bigint): Micros {
  return Number(BigInt.asIntN(64, ms * NANOS_PER_MS) / 1000n);
}
