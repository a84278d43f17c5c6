import { expect, test } from "vitest";
import { crc32c, maskedCrc32c } from "../../../../core/protocol/snappy/crc32c.ts";
import { bytesOf } from "../../../../core/protocol/text.ts";

// RFC 3720, B.4.
test("the test vectors of iSCSI", () => {
  expect(crc32c(new Uint8Array(32), 0, 32)).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff), 0, 32)).toBe(0x62a8ab43);
  expect(
    crc32c(
      Uint8Array.from({ length: 32 }, (_, index) => index),
      0,
      32,
    ),
  ).toBe(0x46dd794e);
  expect(crc32c(bytesOf("123456789"), 0, 9)).toBe(0xe3069283);
});

test("a part of an array, of any length", () => {
  const bytes = bytesOf("xx123456789yy");
  expect(crc32c(bytes, 2, 11)).toBe(0xe3069283);
  expect(crc32c(bytes, 2, 2)).toBe(0);
  expect(maskedCrc32c(bytes, 2, 11)).toBe((((0xe3069283 >>> 15) | (0xe3069283 << 17)) + 0xa282ead8) >>> 0);
});
