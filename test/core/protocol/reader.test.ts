import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader, type ByteSink, MAX_LINE } from "../../../core/protocol/reader.ts";
import { byteString, bytesOf } from "../../../core/protocol/text.ts";

/** Reads lines; the line `N` asks for an integer, and that for so many bytes. */
class Recorder implements ByteSink {
  readonly seen: string[] = [];
  readonly reader = new ByteReader(this);
  private body = new Uint8Array(0);

  line(bytes: Uint8Array, start: number, end: number): void {
    const text = byteString(bytes, start, end);
    this.seen.push(`line ${JSON.stringify(text)}`);
    if (text === "N") this.reader.expectInt32();
  }

  int32(value: number): void {
    this.seen.push(`int32 ${value}`);
    this.body = new Uint8Array((value & 0xff) + 1);
    this.reader.expectBytes(this.body, 0, this.body.length);
  }

  filled(): void {
    this.seen.push(`body ${byteString(this.body, 0, this.body.length)}`);
    this.reader.expectLine();
  }

  lineTooLong(): void {
    this.seen.push("too long");
    this.reader.stop();
  }
}

function read(chunks: readonly Uint8Array[]): string[] {
  const recorder = new Recorder();
  for (const chunk of chunks) recorder.reader.feed(chunk);
  return recorder.seen;
}

const piece = fc.oneof(
  fc.constantFrom("PUB t\n", "x\r\n", "\r\r\n", "\n", "N\n", "N\r\n"),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => byteString(bytes, 0, bytes.length)),
);

test("how a stream is cut makes no difference", () => {
  const stream = fc.array(piece, { maxLength: 20 }).map((pieces) => bytesOf(pieces.join("")));
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), { maxLength: 20 }), (bytes, cuts) => {
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
      const chunks = places.slice(1).map((place, index) => bytes.slice(places[index], place));
      expect(read(chunks)).toEqual(read([bytes]));
      expect(read(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(read([bytes]));
    }),
  );
});

test("one carriage return belongs to the end of the line", () => {
  expect(read([bytesOf("a\r\n\r\r\nb\rc\n")])).toEqual(['line "a"', 'line "\\r"', 'line "b\\rc"']);
});

test.each([1, 100, MAX_LINE])("a line may fill the buffer, and not more; in chunks of %i", (size) => {
  const feed = (length: number): string[] => {
    const bytes = bytesOf(`${"x".repeat(length - 1)}\nnext\n`);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    return read(chunks);
  };
  expect(feed(MAX_LINE)).toEqual([`line "${"x".repeat(MAX_LINE - 1)}"`, 'line "next"']);
  expect(feed(MAX_LINE + 1)).toEqual(["too long"]);
});

test("integers are signed", () => {
  expect(read([Uint8Array.of(0x4e, 0x0a, 0xff, 0xff, 0xff, 0x00, 0x61)])).toEqual(['line "N"', "int32 -256", "body a"]);
});

test("what comes while it is held waits, in order", () => {
  const recorder = new Recorder();
  const { reader } = recorder;
  const line = recorder.line.bind(recorder);
  recorder.line = (bytes, start, end) => {
    line(bytes, start, end);
    if (bytes[start] === 0x68) reader.hold();
  };
  reader.feed(bytesOf("a\nh\nb\nh\nc"));
  reader.feed(bytesOf("c\n"));
  expect(recorder.seen).toEqual(['line "a"', 'line "h"']);
  reader.release();
  expect(recorder.seen.slice(2)).toEqual(['line "b"', 'line "h"']);
  reader.feed(bytesOf("d\n"));
  reader.release();
  expect(recorder.seen.slice(4)).toEqual(['line "cc"', 'line "d"']);
  reader.hold();
  reader.feed(bytesOf("lost\n"));
  reader.stop();
  reader.release();
  expect(recorder.seen.length).toBe(6);
});
