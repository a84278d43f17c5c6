import fc from "fast-check";
import { expect, test } from "vitest";
import { NOT_HEX, parseHalf, writeHalf } from "../../../core/protocol/id.ts";
import { byteString, bytesOf } from "../../../core/protocol/text.ts";

test("a half is eight lower-case hex digits", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (half) => {
      const bytes = new Uint8Array(10);
      writeHalf(bytes, 1, half);
      expect(byteString(bytes, 1, 9)).toBe(half.toString(16).padStart(8, "0"));
      expect(parseHalf(bytes, 1)).toBe(half);
    }),
  );
});

test.each(["0123456G", "ABCDEF01", " 1234567", "0123456\xff"])("%j is none", (text) => {
  expect(parseHalf(bytesOf(text), 0)).toBe(NOT_HEX);
});
