const SPACE = 0x20;
const ZERO = 0x30;
const PADDING = 0x2e;

/** Smallest body of a workload: room for a message number, a business id and a check. */
export const MIN_BODY_BYTES = 24;
/** Smallest body of a workload with keys: room for the message before it, too. */
export const MIN_KEYED_BODY_BYTES = 36;

/** The check is two printable characters: the weighed sum of the numbers, modulo a multiple of the prime 47. */
const CHECK_BASE = 0x21;
const CHECKS = 94;
const CHECK_BYTES = 2;
const WEIGHTS = [1, 3, 7] as const;

/** A body without a number. */
export function emptyBody(size: number): Uint8Array {
  return new Uint8Array(size).fill(PADDING);
}

/**
 * Writes into a body what it carries, in decimal, a space after each: the number of the message; its business id, if that
 * is another (a retry has that of the first publish) or a third follows; with keys, the business id of the message before
 * it of the same key, 0 for the first. Then padding, and a check of these numbers, that damage may be seen.
 */
export function numberBody(body: Uint8Array, message: number, business = message, before = -1): void {
  let end = writeNumber(body, 0, message);
  if (business !== message || before >= 0) end = writeNumber(body, end, business);
  if (before >= 0) end = writeNumber(body, end, before);
  const limit = Math.min(body.length, MIN_KEYED_BODY_BYTES);
  for (let index = end; index < limit; index += 1) body[index] = PADDING;
  const isLong = business !== message || before >= 0;
  const sum = message + (isLong ? business * WEIGHTS[1] : 0) + (before >= 0 ? before * WEIGHTS[2] : 0);
  const check = checkAt(end);
  body[check] = CHECK_BASE + (sum % CHECKS);
  body[check + 1] = CHECK_BASE + (Math.floor(sum / CHECKS) % CHECKS);
}

/** Where the check is, when the numbers end there. */
function checkAt(end: number): number {
  return (end + CHECK_BYTES <= MIN_BODY_BYTES ? MIN_BODY_BYTES : MIN_KEYED_BODY_BYTES) - CHECK_BYTES;
}

/** Writes a number and a space; returns where they end. */
function writeNumber(body: Uint8Array, start: number, number: number): number {
  let length = 1;
  for (let rest = number; rest >= 10; rest = Math.floor(rest / 10)) length += 1;
  for (let index = start + length - 1, rest = number; index >= start; index -= 1) {
    const tenth = Math.floor(rest / 10);
    body[index] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  body[start + length] = SPACE;
  return start + length + 1;
}

/** The number of the message that a workload wrote the body `bytes[start, end)` for, or -1. */
export function parseMessageNumber(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let number = 0;
  const limit = Math.min(end, start + MIN_BODY_BYTES);
  for (let at = start; at < limit; at += 1) {
    const byte = bytes[at]!;
    if (byte === SPACE) return at === start ? -1 : number;
    const digit = byte - ZERO;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return -1;
}

/** As {@link parseMessageNumber}, and -1 when the numbers are not those that were written. */
export function parseWholeNumber(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const first = parseMessageNumber(bytes, start, end);
  let at = start;
  let sum = 0;
  for (const weight of WEIGHTS) {
    const number = parseMessageNumber(bytes, at, end);
    if (number < 0) break;
    sum += number * weight;
    at = bytes.indexOf(SPACE, at) + 1;
  }
  const check = start + checkAt(at - start);
  const isWhole =
    check + CHECK_BYTES <= end &&
    bytes[check] === CHECK_BASE + (sum % CHECKS) &&
    bytes[check + 1] === CHECK_BASE + (Math.floor(sum / CHECKS) % CHECKS);
  return isWhole ? first : -1;
}

/** The business id that a body carries, or -1: the number of the message, or of the first of which it is a retry. */
export function parseBusinessId(bytes: Uint8Array): number {
  const number = parseMessageNumber(bytes);
  if (number < 0) return -1;
  const second = parseMessageNumber(bytes, bytes.indexOf(SPACE) + 1);
  return second < 0 ? number : second;
}

/** The business id of the message before it of the same key, 0 for the first of a key, -1: the body names none. */
export function parseBefore(bytes: Uint8Array): number {
  const first = bytes.indexOf(SPACE);
  if (first < 0 || parseMessageNumber(bytes, first + 1) < 0) return -1;
  return parseMessageNumber(bytes, bytes.indexOf(SPACE, first + 1) + 1);
}
