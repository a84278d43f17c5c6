import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CommandScanner, FrameScanner, type WireScanner } from "../../../sim/network/wire.ts";

function bytes(...parts: (string | number[])[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === "string" ? Array.from(part, (char) => char.charCodeAt(0)) : part)),
  );
}

function frame(type: number, data: string): Uint8Array {
  return bytes([0, 0, 0, data.length + 4, 0, 0, 0, type], data);
}

/** The units found, each with the offset in the whole stream at which it begins in its last chunk. */
function scan(scanner: WireScanner, stream: Uint8Array, cuts: readonly number[]): { unit: string; start: number }[] {
  const units: { unit: string; start: number }[] = [];
  const ends = [...new Set([...cuts.map((cut) => cut % (stream.length + 1)), stream.length])].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    scanner.scan(stream.subarray(from, end), (unit, start) => units.push({ unit, start: from + start }));
    from = end;
  }
  return units;
}

const COMMANDS = bytes(
  "  V2IDENTIFY\n",
  [0, 0, 0, 2],
  "{}SUB orders billing\nRDY 10\nPUB orders\n",
  [0, 0, 0, 5],
  "FIN\n!DPUB orders 100\n",
  [0, 0, 0, 1],
  "xFIN 0123456789abcdef\nMPUB orders\n",
  [0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1],
  "yPUB orders\n",
  [0, 0, 0, 0],
  "CLS\n",
);
const COMMAND_UNITS = ["IDENTIFY", "SUB", "RDY", "PUB", "DPUB", "FIN", "MPUB", "PUB", "CLS"];

const FRAMES = bytes(
  [...frame(0, '{"max_rdy_count":2500}')],
  [...frame(0, "OK")],
  [...frame(0, "_heartbeat_")],
  [...frame(2, "0123456789 a message with OK in it")],
  [...frame(1, "E_FIN_FAILED")],
  [...frame(0, "")],
  [...frame(0, "CLOSE_WAIT")],
);
const FRAME_UNITS = ["response", "OK", "_heartbeat_", "message", "error", "response", "CLOSE_WAIT"];

describe("the wire scanners", () => {
  test("commands are found wherever the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 20 }), (cuts) => {
        expect(scan(new CommandScanner(), COMMANDS, cuts).map(({ unit }) => unit)).toEqual(COMMAND_UNITS);
      }),
    );
  });

  test("frames are found wherever the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 20 }), (cuts) => {
        expect(scan(new FrameScanner(), FRAMES, cuts).map(({ unit }) => unit)).toEqual(FRAME_UNITS);
      }),
    );
  });

  test("a unit that came in one piece is reported with where it begins", () => {
    const [, second, third] = scan(new FrameScanner(), FRAMES, []);
    expect(second).toEqual({ unit: "OK", start: 30 });
    expect(third).toEqual({ unit: "_heartbeat_", start: 40 });
  });

  test("a unit ends where the next one begins, wherever the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 20 }), (cuts) => {
        const ends: number[] = [];
        let from = 0;
        const scanner = new CommandScanner();
        for (const to of [...cuts.map((cut) => cut % COMMANDS.length), COMMANDS.length].sort((a, b) => a - b)) {
          const start = from;
          scanner.scan(COMMANDS.subarray(from, to), (_unit, _start, end) => ends.push(start + end));
          from = to;
        }
        const whole: number[] = [];
        new CommandScanner().scan(COMMANDS, (_unit, _start, end) => whole.push(end));
        expect(ends).toEqual(whole);
        expect(whole.at(-1)).toBe(COMMANDS.length);
      }),
    );
  });

  test("bytes that are not NSQ yield nothing that harms", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (chunks) => {
        const scanners = [new CommandScanner(), new FrameScanner()];
        for (const chunk of chunks) {
          for (const scanner of scanners) {
            scanner.scan(chunk, (_, start) => expect(start).toBeLessThanOrEqual(chunk.length));
          }
        }
      }),
    );
  });
});
