import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyBody, MIN_BODY_BYTES, numberBody, parseMessageNumber, parseWholeNumber } from "../../../sim/apps/body.ts";

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
        expect(parseWholeNumber(body)).toBe(number);
        const text = String.fromCharCode(...body);
        expect(text.slice(0, MIN_BODY_BYTES - 2) + text.slice(MIN_BODY_BYTES)).toBe(`${number} `.padEnd(size - 2, "."));
      },
    ),
  );
});

test("a bit that turned over in its numbers is seen", () => {
  for (const [message, business, before] of [
    [1, 1, -1],
    [10, 7, -1],
    [4_711, 4_711, 300],
    [2 ** 31 - 1, 2 ** 31 - 2, 2 ** 31 - 3],
  ] as const) {
    const body = emptyBody(64);
    numberBody(body, message, business, before);
    expect(parseWholeNumber(body)).toBe(message);
    for (let bit = 0; bit < String.fromCharCode(...body).lastIndexOf(" ") * 8; bit += 1) {
      body[bit >> 3]! ^= 1 << (bit & 7);
      expect(parseWholeNumber(body)).toBe(-1);
      body[bit >> 3]! ^= 1 << (bit & 7);
    }
  }
});

test("bodies of others have no number", () => {
  for (const text of ["", " ", "x", "17", "1x ", "-1 .", "order 17", "123456789012345678901234567890 "])
    expect(parseMessageNumber(bytes(text))).toBe(-1);
});
