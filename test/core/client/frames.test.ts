import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_CLIENT_CONFIG } from "../../../core/client/config.ts";
import { FrameReader } from "../../../core/client/frames.ts";
import { ClientSession } from "../../../core/client/session.ts";
import { textFrame } from "../../../core/protocol/frame.ts";
import { byteString } from "../../../core/protocol/text.ts";
import { FEATURES, messageFrame } from "./fake.ts";

/** Feeds `bytes` cut at the given lengths; each chunk is overwritten once it was read. */
function feed(bytes: Uint8Array, cuts: readonly number[], push: (chunk: Uint8Array) => string | null): string | null {
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const length = cuts.length === 0 ? bytes.length : cuts[index % cuts.length]!;
    const chunk = bytes.slice(at, at + length);
    const fault = push(chunk);
    chunk.fill(0xee);
    if (fault !== null) return fault;
    at += length;
  }
  return null;
}

const frame = fc.oneof(
  fc.string({ unit: "binary-ascii", maxLength: 50 }).map((text) => textFrame(0, text)),
  fc.string({ unit: "binary-ascii", maxLength: 9_000 }).map((text) => textFrame(1, text)),
  fc.nat().map((number) => messageFrame(number)),
);

const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 6_000 })), { maxLength: 8 });

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

test("frames come out as they went in, however the stream is cut", () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 12 }), cuts, (frames, lengths) => {
      const seen: string[] = [];
      const reader = new FrameReader(0, (type, bytes, start, end) => {
        seen.push(`${type} ${byteString(bytes, start, end)}`);
        return null;
      });
      expect(feed(joined(frames), lengths, (chunk) => reader.push(chunk))).toBe(null);
      expect(seen).toEqual(frames.map((bytes) => `${bytes[7]} ${byteString(bytes, 8, bytes.length)}`));
    }),
  );
});

/** Text of everything a session told, and of what it wants to send. */
function transcript(bytes: Uint8Array, lengths: readonly number[]): string[] {
  const told: string[] = [];
  const bodies: Uint8Array[] = [];
  const session = new ClientSession({ ...DEFAULT_CLIENT_CONFIG, maxMsgSize: 100_000 }, "fuzz", {
    ready: () => told.push("ready"),
    response: (text) => told.push(`response ${text}`),
    error: (text) => told.push(`error ${text}`),
    message: (timestamp, attempts, idHigh, idLow, body) => {
      told.push(`message ${timestamp} ${attempts} ${idHigh} ${idLow}`);
      bodies.push(body);
    },
  });
  session.opened(true);
  session.control.take();
  const fault = feed(bytes, lengths, (chunk) => session.receive(chunk));
  const control = session.control.take();
  told.push(`fault ${fault}`, byteString(control, 0, control.length));
  return told.concat(bodies.map((body) => byteString(body, 0, body.length)));
}

test("any bytes in any chunks: no exception, the same outcome however they are cut", () => {
  const noise = fc.oneof(
    { weight: 3, arbitrary: frame },
    { weight: 1, arbitrary: fc.constant(textFrame(0, FEATURES)) },
    { weight: 1, arbitrary: fc.constant(textFrame(0, "_heartbeat_")) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
  );
  fc.assert(
    fc.property(fc.boolean(), fc.array(noise, { maxLength: 12 }), cuts, (polite, parts, lengths) => {
      const bytes = joined(polite ? [textFrame(0, FEATURES), ...parts] : parts);
      expect(transcript(bytes, lengths)).toEqual(transcript(bytes, []));
    }),
  );
});
