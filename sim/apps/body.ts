const SPACE = 0x20;
const ZERO = 0x30;
const PADDING = 0x2e;

/** Smallest body of a workload: room for every message number and its space. */
export const MIN_BODY_BYTES = 24;

/** A body without a number. */
export function emptyBody(size: number): Uint8Array {
  return new Uint8Array(size).fill(PADDING);
}

/** Writes the number of a message into its body: in decimal, then a space; the rest is padding. */
export function numberBody(body: Uint8Array, message: number): void {
  let length = 1;
  for (let rest = message; rest >= 10; rest = Math.floor(rest / 10)) length += 1;
  for (let index = length - 1, rest = message; index >= 0; index -= 1) {
    const tenth = Math.floor(rest / 10);
    body[index] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  body[length] = SPACE;
  for (let index = length + 1; index < MIN_BODY_BYTES; index += 1) body[index] = PADDING;
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
