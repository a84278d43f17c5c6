import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyBody, MIN_BODY_BYTES, numberBody, parseMessageNumber } from "../../../sim/apps/body.ts";

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

test("a body carries its number, whatever was in the buffer before", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      fc.integer({ min: MIN_BODY_BYTES, max: 99 }),
      (number, size) => {
        const body = emptyBody(size);
        numberBody(body, 2 ** 31 - 1);
        numberBody(body, number);
        expect(parseMessageNumber(body)).toBe(number);
        expect(String.fromCharCode(...body)).toBe(`${number} `.padEnd(size, "."));
      },
    ),
  );
});

test("bodies of others have no number", () => {
  for (const text of ["", " ", "x", "17", "1x ", "-1 .", "order 17", "123456789012345678901234567890 "])
    expect(parseMessageNumber(bytes(text))).toBe(-1);
});
