import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameCutter, isOk, publishCommand } from "../../../scenarios/bench/load/wire.ts";

function frame(type: number, data: string): Buffer {
  const bytes = Buffer.alloc(8 + data.length);
  bytes.writeInt32BE(4 + data.length, 0);
  bytes.writeInt32BE(type, 4);
  bytes.write(data, 8, "latin1");
  return bytes;
}

function text(chunk: Buffer, start: number, end: number): string {
  return chunk.toString("latin1", start + 8, end);
}

describe("the load generator's wire", () => {
  test("frames are found however the bytes are cut", () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(0, 1, 2), fc.string({ unit: "binary-ascii", maxLength: 40 })));
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 30 })), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(([type, data]) => frame(type, data)));
        const seen: [number, string][] = [];
        const cutter = new FrameCutter({
          response: (chunk, start, end) => void seen.push([0, text(chunk, start, end)]),
          error: (message) => void seen.push([1, message]),
          message: (chunk, start, end) => void seen.push([2, text(chunk, start, end)]),
        });
        let at = 0;
        for (const length of [...cuts, bytes.length]) {
          cutter.push(bytes.subarray(at, at + length));
          at = Math.min(bytes.length, at + length);
        }
        expect(seen).toEqual(sent);
      }),
    );
  });

  test("OK is told from other answers", () => {
    const ok = frame(0, "OK");
    expect(isOk(ok, 0, ok.length)).toBe(true);
    const other = frame(0, "_heartbeat_");
    expect(isOk(other, 0, other.length)).toBe(false);
  });

  test("commands declare their own sizes", () => {
    expect(publishCommand("t", 1, 3)).toEqual(Buffer.from("PUB t\n\0\0\0\x03xxx", "latin1"));
    const many = publishCommand("t", 2, 3);
    expect(many).toEqual(Buffer.from("MPUB t\n\0\0\0\x12\0\0\0\x02\0\0\0\x03xxx\0\0\0\x03xxx", "latin1"));
  });
});
