import { expect, test } from "vitest";
import { quote } from "../../../core/protocol/quote.ts";
import { bytesOf, utf8 } from "../../../core/protocol/text.ts";

// Left: bytes, as a byte string. Right: what Go's fmt.Sprintf("%q") makes of them, as UTF-8.
const CASES: readonly (readonly [bytes: string, quoted: string])[] = [
  ["", '""'],
  ["plain", '"plain"'],
  ['say "hi" \\', '"say \\"hi\\" \\\\"'],
  ["\x07\b\f\n\r\t\v", '"\\a\\b\\f\\n\\r\\t\\v"'],
  ["\x00\x1f\x7f", '"\\x00\\x1f\\x7f"'],
  [utf8("ünï€😀"), utf8('"ünï€😀"')],
  ["\xff\xc3(", '"\\xff\\xc3("'],
  [utf8("\u00a0\u200b\u2028"), '"\\u00a0\\u200b\\u2028"'],
  [utf8("\u{10ffff}"), '"\\U0010ffff"'],
  ["\xc0\x80\xed\xa0\x80", '"\\xc0\\x80\\xed\\xa0\\x80"'],
  [utf8("\ufffd"), utf8('"\ufffd"')],
];

test.each(CASES)("%j is quoted as Go quotes it", (bytes, quoted) => {
  expect(quote(bytesOf(bytes), 0, bytes.length)).toBe(quoted);
});
