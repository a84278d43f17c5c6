/** Any bytes, cut anywhere: never a throw, the same answers, nothing left behind. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { SECOND } from "../../../core/time.ts";
import { bytesOf, byteString } from "../../../core/protocol/text.ts";
import { identify, int32, mpub, pub, sized } from "./fake-host.ts";
import { Rig } from "./rig.ts";

const body = fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 60 });
const number = fc.oneof(fc.nat(5), fc.constantFrom("", "-1", "x", "2500", "2501", "3600000", "99999999999999999999"));
const place = fc.constantFrom("t", "u", "t#ephemeral", "", "a b", "\xff", "x".repeat(65));
const id = fc.constantFrom("0123456789abcdef", "0123456789ABCDEF", "short", "");

/** Commands, mostly right ones. */
const command = fc.oneof(
  fc.tuple(place, body).map(([topic, text]) => pub(topic, text)),
  fc.tuple(place, number, body).map(([topic, delay, text]) => `DPUB ${topic} ${delay}\n${sized(text)}`),
  fc.tuple(place, fc.array(body, { maxLength: 5 })).map(([topic, texts]) => mpub(topic, texts)),
  fc.tuple(place, place).map(([topic, channel]) => `SUB ${topic} ${channel}\n`),
  number.map((count) => `RDY ${count}\n`),
  fc.tuple(fc.constantFrom("FIN", "TOUCH"), id).map(([verb, which]) => `${verb} ${which}\n`),
  fc.tuple(id, number).map(([which, delay]) => `REQ ${which} ${delay}\n`),
  fc.constantFrom("NOP\n", "NOP\r\n", "CLS\n", "AUTH\n", "\n", "nop\n", `AUTH\n${sized("s")}`),
  fc
    .record({ heartbeat_interval: fc.constantFrom(-1, 0, 1000, 1), sample_rate: fc.nat(100) }, { requiredKeys: [] })
    .map(identify),
  fc.tuple(place, fc.integer()).map(([topic, size]) => `PUB ${topic}\n${int32(size)}`),
  fc.tuple(fc.integer(), fc.integer(), fc.integer()).map((sizes) => `MPUB t\n${sizes.map(int32).join("")}`),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => byteString(bytes, 0, bytes.length)),
);
const stream = fc.array(command, { maxLength: 25 }).map((commands) => `  V2${commands.join("")}`);
const cuts = fc.array(fc.nat(), { maxLength: 30 });

function chunksOf(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [0, ...places.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.slice(1).map((end, index) => bytes.slice(ends[index], end));
}

/** Everything the broker sends to a client that sends these chunks, and whether it closes. */
function converse(chunks: readonly Uint8Array[]): { out: string; ended: boolean } {
  const rig = new Rig({ maxMsgSize: 1000, maxBodySize: 2000, memQueueSize: 20 });
  const client = rig.host.client((each) => rig.broker.accept(each));
  for (const chunk of chunks) if (!client.ended) client.send(chunk);
  const out = client.bytes();
  return { out: byteString(out, 0, out.length), ended: client.ended };
}

test("how the bytes are cut makes no difference to the answers", () => {
  fc.assert(
    fc.property(stream, cuts, (text, places) => {
      const bytes = bytesOf(text);
      expect(converse(chunksOf(bytes, places))).toEqual(converse([bytes]));
    }),
    { numRuns: 300 },
  );
});

test("whatever comes, a connection can end, and leaves no timer, no session and no half message", () => {
  fc.assert(
    fc.property(stream, fc.constantFrom("finish", "close", "wait"), (text, end) => {
      const rig = new Rig({ maxMsgSize: 1000, maxBodySize: 2000, memQueueSize: 20 });
      const client = rig.host.client((each) => rig.broker.accept(each));
      client.send(text);
      const other = rig.host.client((each) => rig.broker.accept(each));
      other.send(text);
      other.close();
      if (end === "wait") rig.host.advance(61 * SECOND);
      if (end === "finish") client.finish();
      client.close();
      for (const topic of rig.broker.topics()) {
        rig.do(() => topic.empty());
        for (const channel of topic.channels()) rig.do(() => channel.empty());
        expect(topic.slab.held).toBe(0);
      }
      rig.host.advance(3600 * SECOND);
      expect(rig.broker.sessions.size).toBe(0);
      expect(rig.host.armedTimers).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test("a lying batch does not fill the memory", () => {
  const rig = new Rig();
  const client = rig.client(`MPUB t\n${int32(100)}${int32(1_000_000)}`);
  const element = sized("x".repeat(1_000_000));
  let sent = 0;
  while (!client.ended && sent < 100) {
    client.send(element);
    sent += 1;
  }
  expect(sent).toBeLessThanOrEqual(6);
  expect(client.texts()).toEqual(["! E_BAD_BODY MPUB body too big 6000028 > 5242880"]);
});
