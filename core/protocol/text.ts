/**
 * Text on the wire is bytes, and what a peer sends need not be UTF-8. *Byte strings* are strings whose characters all
 * are bytes (0..255): they carry a peer's bytes into an error text unchanged.
 */
const REPLACEMENT = 0xfffd;

/** The bytes from `start` to before `end` as a byte string. */
export function byteString(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += 1) text += String.fromCharCode(bytes[at]!);
  return text;
}

/** A byte string (or ASCII) as bytes. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** Length of the well-formed UTF-8 sequence that starts at `at`; 0 when there is none. */
export function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >> 4 === 0xe ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > end) return 0;
  const second = bytes[at + 1]!;
  // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let more = 2; more < length; more += 1) if (bytes[at + more]! >> 6 !== 0b10) return 0;
  return length;
}

/** The code point of a well-formed sequence of that length. */
export function codePoint(bytes: Uint8Array, at: number, length: number): number {
  const first = bytes[at]!;
  if (length === 1) return first;
  let point = first & (0xff >> (length + 1));
  for (let more = 1; more < length; more += 1) point = (point << 6) | (bytes[at + more]! & 0x3f);
  return point;
}

/** Decodes UTF-8. As in Go, each byte that is no part of a well-formed sequence becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at, bytes.length);
    text += String.fromCodePoint(length === 0 ? REPLACEMENT : codePoint(bytes, at, length));
    at += Math.max(length, 1);
  }
  return text;
}

/** Encodes as UTF-8, in a byte string. A lone surrogate becomes U+FFFD. */
export function utf8(text: string): string {
  let out = "";
  for (const character of text) {
    const found = character.codePointAt(0)!;
    const point = found >= 0xd800 && found <= 0xdfff ? REPLACEMENT : found;
    if (point < 0x80) out += character;
    else if (point < 0x800) out += String.fromCharCode(0xc0 | (point >> 6), 0x80 | (point & 63));
    else if (point < 0x10000) {
      out += String.fromCharCode(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    } else {
      const middle = 0x80 | ((point >> 12) & 63);
      out += String.fromCharCode(0xf0 | (point >> 18), middle, 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    }
  }
  return out;
}
