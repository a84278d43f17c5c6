import { byteString, codePoint, sequenceLength } from "./text.ts";

/** Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

const ESCAPES = new Map([
  [0x07, "\\a"],
  [0x08, "\\b"],
  [0x0c, "\\f"],
  [0x0a, "\\n"],
  [0x0d, "\\r"],
  [0x09, "\\t"],
  [0x0b, "\\v"],
  [0x22, '\\"'],
  [0x5c, "\\\\"],
]);

/** Quotes bytes as Go's `%q` does, as names in error texts are (protocol §5). Returns a byte string. */
export function quote(bytes: Uint8Array, start: number, end: number): string {
  let out = '"';
  for (let at = start; at < end;) {
    const length = sequenceLength(bytes, at, end);
    out += length === 0 ? `\\x${hex(bytes[at]!, 2)}` : quoteSequence(bytes, at, length);
    at += Math.max(length, 1);
  }
  return `${out}"`;
}

function quoteSequence(bytes: Uint8Array, at: number, length: number): string {
  const point = codePoint(bytes, at, length);
  const escape = ESCAPES.get(point);
  if (escape !== undefined) return escape;
  if (PRINTABLE.test(String.fromCodePoint(point))) return byteString(bytes, at, at + length);
  if (point < 0x20 || point === 0x7f) return `\\x${hex(point, 2)}`;
  return point < 0x10000 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
