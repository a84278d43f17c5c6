import type { CommandLine } from "../protocol/command.ts";
import { NOT_A_NUMBER, parseBase10, parseSmallBase10 } from "../protocol/numbers.ts";
import { MILLISECOND, type Micros } from "../time.ts";
import { goDuration } from "./goduration.ts";

/** The delay is word 2 of `REQ <id> <ms>`. */
const DELAY = 2;
/** Milliseconds below which a delay needs no big integers. */
const SAFE_MS = 1e12;

/** The delay of a REQ, clamped into 0..`maxReqTimeout` after Go's int64 arithmetic (protocol §8); -1: not digits. */
export function requeueDelay(line: CommandLine, maxReqTimeout: Micros): Micros {
  const ms = parseSmallBase10(line.bytes, line.start(DELAY), line.end(DELAY));
  if (ms >= 0 && ms < SAFE_MS) return Math.min(ms * MILLISECOND, maxReqTimeout);
  const exact = parseBase10(line.bytes, line.start(DELAY), line.end(DELAY));
  if (exact === NOT_A_NUMBER) return -1;
  return Math.min(Math.max(goDuration(exact), 0), maxReqTimeout);
}
