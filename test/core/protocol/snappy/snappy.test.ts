/** Against ourselves, and against the native library (where it is installed) as the independent one. */
import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compressBlock,
  decompressBlock,
  MAX_BLOCK,
  maxCompressedLength,
} from "../../../../core/protocol/snappy/block.ts";
import { SnappyDecoder, SnappyEncoder } from "../../../../core/protocol/snappy/framing.ts";
import { bytesOf } from "../../../../core/protocol/text.ts";

interface NativeSnappy {
  compressSync(bytes: Uint8Array): Buffer;
  uncompressSync(bytes: Uint8Array): Buffer;
}

const native = ((): NativeSnappy | null => {
  try {
    return createRequire(import.meta.url)("snappy") as NativeSnappy;
  } catch {
    return null;
  }
})();

/** Bytes that compress well, badly, or now this, now that; across the limit of a block. */
const content = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.nat({ max: 9000 })).map(([piece, times]) => {
        const bytes = new Uint8Array(piece.length * times);
        for (let at = 0; at < bytes.length; at += 1) bytes[at] = piece[at % piece.length]!;
        return bytes;
      }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => Uint8Array.from(Buffer.concat(parts)));

function block(bytes: Uint8Array): Uint8Array {
  const output = new Uint8Array(maxCompressedLength(bytes.length) + 3);
  return output.slice(3, compressBlock(bytes, 0, bytes.length, output, 3));
}

function plain(compressed: Uint8Array): Uint8Array | null {
  const output = new Uint8Array(MAX_BLOCK);
  const length = decompressBlock(compressed, 0, compressed.length, output);
  return length < 0 ? null : output.slice(0, length);
}

/** toEqual takes its time with large arrays. */
function isSame(bytes: Uint8Array | null, expected: Uint8Array): boolean {
  return bytes !== null && Buffer.compare(bytes, expected) === 0;
}

describe("a block", () => {
  test("holds what went into it, for us and for the native library", () => {
    fc.assert(
      fc.property(content, (bytes) => {
        const piece = bytes.subarray(0, MAX_BLOCK);
        const compressed = block(piece);
        expect(isSame(plain(compressed), piece)).toBe(true);
        if (native === null) return;
        expect(isSame(native.uncompressSync(compressed), piece)).toBe(true);
        expect(isSame(plain(native.compressSync(piece)), piece)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("is small where the content repeats itself", () => {
    expect(block(new Uint8Array(MAX_BLOCK)).length).toBeLessThan(3200);
    expect(block(bytesOf("0123456789abcdef".repeat(100))).length).toBeLessThan(150);
  });

  test.each([
    ["nothing", []],
    ["a length without an end", [0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ["more than a block may hold", [0x81, 0x80, 0x04, 0x00, 0x61]],
    ["less than it says", [5, 0x08, 0x61, 0x61, 0x61]],
    ["more than it says", [1, 0x04, 0x61, 0x61]],
    ["a literal that is cut off", [3, 0x08, 0x61]],
    ["a copy from before the beginning", [8, 0x00, 0x61, 0x0d, 2]],
    ["a copy of itself", [8, 0x00, 0x61, 0x0d, 0]],
    ["a copy without its offset", [8, 0x00, 0x61, 0x0e, 1]],
  ])("is refused: %s", (_, bytes) => {
    expect(plain(Uint8Array.from(bytes))).toBe(null);
  });

  test("may reach into what it writes", () => {
    expect(plain(Uint8Array.of(8, 0x00, 0x61, 0x0d, 1))).toEqual(bytesOf("aaaaaaaa"));
    expect(plain(Uint8Array.of(5, 0x00, 0x61, 0x0f, 1, 0, 0, 0))).toEqual(bytesOf("aaaaa"));
  });
});

/** What a decoder makes of a stream that is cut at these places. */
function decode(bytes: Uint8Array, cuts: readonly number[] = []): { plain: Uint8Array; fault: string | null } {
  const parts: Uint8Array[] = [];
  const decoder = new SnappyDecoder((part) => parts.push(part.slice()));
  let fault: string | null = null;
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  for (let index = 1; index < places.length && fault === null; index += 1) {
    fault = decoder.push(bytes.slice(places[index - 1], places[index]));
  }
  return { plain: Uint8Array.from(Buffer.concat(parts)), fault };
}

const START = Uint8Array.of(0xff, 6, 0, 0, ...bytesOf("sNaPpY"));

function withStart(...bytes: number[]): Uint8Array {
  return Uint8Array.of(...START, ...bytes);
}

describe("a stream", () => {
  test("holds what went into it, however it is cut", () => {
    fc.assert(
      fc.property(content, content, fc.array(fc.nat(), { maxLength: 8 }), (first, second, cuts) => {
        const encoder = new SnappyEncoder();
        const stream = Buffer.concat([encoder.encode(first), encoder.encode(second)]);
        const { plain: out, fault } = decode(stream, cuts);
        expect(fault).toBe(null);
        expect(isSame(out, Buffer.concat([first, second]))).toBe(true);
      }),
      { numRuns: 40 },
    );
    const small = new SnappyEncoder().encode(bytesOf("PUB t\n, byte by byte, PUB t\n, byte by byte"));
    const everywhere = Array.from(small, (_, index) => index);
    expect(decode(small, everywhere).plain).toEqual(bytesOf("PUB t\n, byte by byte, PUB t\n, byte by byte"));
  });

  test("identifies itself once", () => {
    const encoder = new SnappyEncoder();
    expect(encoder.encode(bytesOf("a")).subarray(0, 10)).toEqual(START);
    expect([...encoder.encode(bytesOf("a"))].slice(0, 4)).toEqual([1, 5, 0, 0]);
  });

  test("may identify itself again, be padded, and hold chunks for others", () => {
    const chunk = new SnappyEncoder().encode(bytesOf("x")).subarray(10);
    const stream = Uint8Array.from([...START, 0xfe, 3, 0, 0, 0, 0, 0, ...chunk, ...START, 0x80, 1, 0, 0, 9, ...chunk]);
    for (const cuts of [[], Array.from(stream, (_, index) => index)]) {
      expect(decode(stream, cuts)).toEqual({ plain: bytesOf("xx"), fault: null });
    }
  });

  test.each([
    ["it does not begin as one", bytesOf("PUB t\n"), "no stream identifier"],
    ["a padding comes first", Uint8Array.of(0xfe, 0, 0, 0), "no stream identifier"],
    ["its identifier is wrong", Uint8Array.of(0xff, 6, 0, 0, ...bytesOf("sNaPpy")), "a wrong stream identifier"],
    ["its identifier is long", Uint8Array.of(0xff, 7, 0, 0), "a chunk of 7 bytes"],
    ["a reserved chunk comes", withStart(2, 5, 0, 0, 0, 0, 0, 0, 0), "unknown chunk type 2"],
    ["a chunk is too large", withStart(0, 0, 0, 2), "a chunk of 131072 bytes"],
    ["a chunk has no checksum", withStart(1, 3, 0, 0, 0, 0, 0), "a chunk without a checksum"],
    ["a chunk is empty", withStart(1, 0, 0, 0), "a chunk without a checksum"],
    ["a checksum is wrong", withStart(1, 5, 0, 0, 1, 2, 3, 4, 0x61), "a wrong checksum"],
    ["a block is none", withStart(0, 5, 0, 0, 1, 2, 3, 4, 0x61), "a block that is none"],
  ])("is refused: %s", (_, stream, fault) => {
    expect(decode(stream).fault).toBe(fault);
    const byteByByte = decode(
      stream,
      Array.from(stream, (__, index) => index),
    );
    expect(byteByByte.fault).toBe(fault);
  });

  test("of any bytes never throws and never gives more than its blocks may hold", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        const { plain: out } = decode(withStart(...noise), [3, 20]);
        expect(out.length).toBeLessThanOrEqual(MAX_BLOCK);
      }),
    );
  });
});
