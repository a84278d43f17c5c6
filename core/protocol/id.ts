/**
 * Message ids: 64 bits, on the wire 16 lower-case hex digits. In code they are two unsigned 32-bit halves, because a
 * string or a big integer per message would cost more than the rest of its handling.
 */
const DIGITS = new Uint8Array(256);
/** Hex digit to value; 255 for any other byte. Upper case is another byte: ids are compared as bytes (protocol §3). */
const VALUES = new Uint8Array(256).fill(255);
for (let value = 0; value < 16; value += 1) {
  const digit = "0123456789abcdef".charCodeAt(value);
  DIGITS[value] = digit;
  VALUES[digit] = value;
}

/** What {@link parseHalf} returns for bytes that are not eight lower-case hex digits. */
export const NOT_HEX = -1;

/** Eight hex digits from `at` as an unsigned integer, or {@link NOT_HEX}. */
export function parseHalf(bytes: Uint8Array, at: number): number {
  const a = VALUES[bytes[at]!]!;
  const b = VALUES[bytes[at + 1]!]!;
  const c = VALUES[bytes[at + 2]!]!;
  const d = VALUES[bytes[at + 3]!]!;
  const e = VALUES[bytes[at + 4]!]!;
  const f = VALUES[bytes[at + 5]!]!;
  const g = VALUES[bytes[at + 6]!]!;
  const h = VALUES[bytes[at + 7]!]!;
  if ((a | b | c | d | e | f | g | h) > 15) return NOT_HEX;
  return ((a << 28) | (b << 24) | (c << 20) | (d << 16) | (e << 12) | (f << 8) | (g << 4) | h) >>> 0;
}

/** Writes an unsigned 32-bit integer as eight hex digits. */
export function writeHalf(bytes: Uint8Array, at: number, half: number): void {
  bytes[at] = DIGITS[half >>> 28]!;
  bytes[at + 1] = DIGITS[(half >>> 24) & 15]!;
  bytes[at + 2] = DIGITS[(half >>> 20) & 15]!;
  bytes[at + 3] = DIGITS[(half >>> 16) & 15]!;
  bytes[at + 4] = DIGITS[(half >>> 12) & 15]!;
  bytes[at + 5] = DIGITS[(half >>> 8) & 15]!;
  bytes[at + 6] = DIGITS[(half >>> 4) & 15]!;
  bytes[at + 7] = DIGITS[half & 15]!;
}
