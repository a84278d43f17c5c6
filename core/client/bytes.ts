/** Text from the bytes of a frame: UTF-8; bytes that are none stand for the character of their number. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let ascii = true;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte >= 0x80) ascii = false;
    text += String.fromCharCode(byte);
  }
  if (ascii) return text;
  try {
    const escaped = text.replaceAll(/[%\u0080-\u00ff]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
    return decodeURIComponent(escaped);
  } catch {
    return text;
  }
}

export function int32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Eight lower-case hex digits as an unsigned number, or -1. */
export function hex32At(bytes: Uint8Array, at: number): number {
  let value = 0;
  let wrong = 0;
  for (let index = at; index < at + 8; index += 1) {
    const digit = DIGIT_OF[bytes[index]!]!;
    wrong |= digit;
    value = (value << 4) | (digit & 15);
  }
  return wrong > 15 ? -1 : value >>> 0;
}

const NOT_HEX = 16;

/** Byte to hex digit, or {@link NOT_HEX}. */
const DIGIT_OF = new Uint8Array(256).fill(NOT_HEX);
const HEX_DIGITS = "0123456789abcdef";
for (let digit = 0; digit < 16; digit += 1) DIGIT_OF[HEX_DIGITS.charCodeAt(digit)] = digit;

/** Hex digit to byte. */
export const BYTE_OF_DIGIT = new Uint8Array(16);
for (let digit = 0; digit < 16; digit += 1) BYTE_OF_DIGIT[digit] = HEX_DIGITS.charCodeAt(digit);

/** Message id as its 16 hex digits. */
export function formatMessageId(high: number, low: number): string {
  return high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
}
