const SPACE = 0x20;
const ZERO = 0x30;
const PADDING = 0x2e;

/** Smallest body of a workload: room for a message number and a business id. */
export const MIN_BODY_BYTES = 24;
/** Smallest body of a workload with keys: room for the message before it, too. */
export const MIN_KEYED_BODY_BYTES = 36;

/** A body without a number. */
export function emptyBody(size: number): Uint8Array {
  return new Uint8Array(size).fill(PADDING);
}

/**
 * Writes into a body what it carries, in decimal, a space after each: the number of the message; its business id, if that
 * is another (a retry has that of the first publish) or a third follows; with keys, the business id of the message before
 * it of the same key, 0 for the first. The rest is padding.
 */
export function numberBody(body: Uint8Array, message: number, business = message, before = -1): void {
  let end = writeNumber(body, 0, message);
  if (business !== message || before >= 0) end = writeNumber(body, end, business);
  if (before >= 0) end = writeNumber(body, end, before);
  const limit = Math.min(body.length, MIN_KEYED_BODY_BYTES);
  for (let index = end; index < limit; index += 1) body[index] = PADDING;
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
