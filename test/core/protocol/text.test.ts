import fc from "fast-check";
import { expect, test } from "vitest";
import { byteString, bytesOf, decodeUtf8, utf8 } from "../../../core/protocol/text.ts";

test("UTF-8 is what the platform says it is, for good bytes and bad", () => {
  const platform = new TextDecoder("utf-8", { ignoreBOM: true });
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const bytes = bytesOf(utf8(text));
      expect([...bytes]).toEqual([...new TextEncoder().encode(text)]);
      expect(decodeUtf8(bytes)).toBe(platform.decode(bytes));
    }),
  );
});

test("each byte that is no UTF-8 becomes one replacement character, as in Go", () => {
  expect(decodeUtf8(Uint8Array.of(0x61, 0xff, 0xe2, 0x82, 0x62))).toBe("a\ufffd\ufffd\ufffdb");
});

test("a byte string carries any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(bytesOf(byteString(bytes, 0, bytes.length))).toEqual(bytes);
    }),
  );
});
