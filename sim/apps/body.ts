const SPACE = 0x20;
const ZERO = 0x30;
const PADDING = 0x2e;

/** Smallest body of a workload: room for every message number and its space. */
export const MIN_BODY_BYTES = 24;

/** Writes the body of a message: its number in decimal, a space, then padding. */
export function writeBody(body: Uint8Array, message: number): void {
  const digits = String(message);
  for (let index = 0; index < digits.length; index += 1) body[index] = digits.charCodeAt(index);
  body[digits.length] = SPACE;
  body.fill(PADDING, digits.length + 1);
}

/** The number of the message that a workload wrote this body for, or -1. */
export function parseMessageNumber(body: Uint8Array): number {
  let number = 0;
  for (let index = 0; index < body.length && index < MIN_BODY_BYTES; index += 1) {
    const byte = body[index]!;
    if (byte === SPACE) return index === 0 ? -1 : number;
    const digit = byte - ZERO;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return -1;
}
