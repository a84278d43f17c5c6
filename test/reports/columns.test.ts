import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeDeltas, decodePlain, encodeDeltas, encodePlain } from "../../reports/columns.ts";

const integers = fc.array(fc.oneof(fc.integer(), fc.integer({ min: -(2 ** 50), max: 2 ** 50 })));

test("integers come back from differences", () => {
  fc.assert(
    fc.property(integers, (values) => {
      expect([...decodeDeltas(encodeDeltas(values), new Float64Array(values.length))]).toEqual(values);
    }),
  );
});

test("integers come back one by one", () => {
  fc.assert(
    fc.property(integers, (values) => {
      expect([...decodePlain(encodePlain(values), new Float64Array(values.length))]).toEqual(values);
    }),
  );
});

test("a long column of neighbours takes about a character and a half per number", () => {
  const values = Array.from({ length: 100_000 }, (_, index) => index * 3);
  const text = encodeDeltas(values);
  expect(text.length).toBeLessThan(140_000);
  expect(decodeDeltas(text, new Int32Array(values.length)).at(-1)).toBe(299_997);
});
