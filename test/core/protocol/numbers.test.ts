import fc from "fast-check";
import { expect, test } from "vitest";
import { asInt64, NOT_A_NUMBER, parseBase10, parseSmallBase10 } from "../../../core/protocol/numbers.ts";
import { bytesOf } from "../../../core/protocol/text.ts";

function parse(text: string): bigint {
  return parseBase10(bytesOf(text), 0, text.length);
}

test("digits are a number, modulo 2^64", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), (value) => {
      expect(parse(`${value}`)).toBe(value % 2n ** 64n);
      expect(parse(`000${value}`)).toBe(value % 2n ** 64n);
    }),
  );
});

test("nothing is zero; signs, spaces and letters are no number", () => {
  expect(parse("")).toBe(0n);
  for (const text of ["-1", "+1", " 1", "1 ", "1.0", "0x10", "ten", "١", `${"9".repeat(30)}x`]) {
    expect(parse(text)).toBe(NOT_A_NUMBER);
  }
});

test("the quick way says when it cannot tell", () => {
  expect(parseSmallBase10(bytesOf("123456789012345"), 0, 15)).toBe(123_456_789_012_345);
  expect(parseSmallBase10(bytesOf("1234567890123456"), 0, 16)).toBe(-2);
  expect(parseSmallBase10(bytesOf("12x"), 0, 3)).toBe(-1);
});

test("a count above 2^63 is negative, as in Go", () => {
  expect(asInt64(parse("18446744073709551615"))).toBe(-1n);
});
