/** What {@link parseBase10} returns for bytes that are not all ASCII digits. */
export const NOT_A_NUMBER = -1n;

const UINT64 = (1n << 64n) - 1n;
/** So many digits cannot leave the safe integers. */
const SAFE_DIGITS = 15;

/**
 * A numeric parameter: ASCII digits, none at all being 0 (protocol §3). Accumulates in uint64 with silent wrap-around,
 * as nsqd does; {@link NOT_A_NUMBER} for anything but digits.
 */
export function parseBase10(bytes: Uint8Array, start: number, end: number): bigint {
  const quick = parseSmallBase10(bytes, start, end);
  if (quick !== -2) return BigInt(quick);
  let value = 0n;
  for (let at = start; at < end; at += 1) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return NOT_A_NUMBER;
    value = (value * 10n + BigInt(digit)) & UINT64;
  }
  return value;
}

/** {@link parseBase10} without big integers: -1 for what is no number, -2 for what has too many digits to decide. */
export function parseSmallBase10(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > SAFE_DIGITS) return -2;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Go's int64 of a uint64: what a duration made from a wrapped number is. */
export function asInt64(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}
