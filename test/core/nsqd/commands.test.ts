/** Every validation and error text of protocol.md §4 to §8, §13 and §14. */
import { describe, expect, test } from "vitest";
import { int32, mpub, pub, sized } from "./fake-host.ts";
import { Rig } from "./rig.ts";

const LONG = "x".repeat(65);
const SUBSCRIBED = "SUB t c\n";
const CLOSING = "SUB t c\nCLS\n";
const ID = "0123456789abcdef";

/** What the last answer is to `text`, and whether the connection was closed. */
function answer(text: string, before = ""): { last: string | undefined; closed: boolean } {
  const rig = new Rig({ maxMsgSize: 100, maxBodySize: 200 });
  const client = rig.client(before + text);
  return { last: client.texts().at(-1), closed: client.ended };
}

/** After `text` the peer ends its side. */
function cutShort(text: string): string[] {
  const client = new Rig().client(text);
  client.finish();
  expect(client.ended).toBe(true);
  return client.texts();
}

describe("fatal errors", () => {
  test.each<[send: string, error: string, before?: string]>([
    ["nop\n", "E_INVALID invalid command nop"],
    ["\n", "E_INVALID invalid command "],
    [" NOP\n", "E_INVALID invalid command "],
    ["NOP\xff\n", "E_INVALID invalid command NOP\xff"],
    ["IDENTIFYX\n", "E_INVALID invalid command IDENTIFYX"],

    ["SUB t c\n", "E_INVALID cannot SUB in current state", SUBSCRIBED],
    ["SUB\n", "E_INVALID SUB insufficient number of parameters"],
    ["SUB t\n", "E_INVALID SUB insufficient number of parameters"],
    ["SUB  c\n", 'E_BAD_TOPIC SUB topic name "" is not valid'],
    ["SUB t\xe9 c\n", 'E_BAD_TOPIC SUB topic name "t\\xe9" is not valid'],
    ["SUB t c#\n", 'E_BAD_CHANNEL SUB channel name "c#" is not valid'],
    [`SUB t ${LONG}\n`, `E_BAD_CHANNEL SUB channel name "${LONG}" is not valid`],

    ["PUB\n", "E_INVALID PUB insufficient number of parameters"],
    ["PUB a\tb\n", 'E_BAD_TOPIC PUB topic name "a\\tb" is not valid'],
    [`PUB t\n${int32(0)}`, "E_BAD_MESSAGE PUB invalid message body size 0"],
    [`PUB t\n${int32(-1)}`, "E_BAD_MESSAGE PUB invalid message body size -1"],
    [`PUB t\n${int32(101)}`, "E_BAD_MESSAGE PUB message too big 101 > 100"],

    ["DPUB t\n", "E_INVALID DPUB insufficient number of parameters"],
    ["DPUB ! 1\n", 'E_BAD_TOPIC DPUB topic name "!" is not valid'],
    ["DPUB t -1\n", "E_INVALID DPUB could not parse timeout -1"],
    ["DPUB t 3600001\n", "E_INVALID DPUB timeout 3600001 out of range 0-3600000"],
    // 2^63 / 10^6 + 1 ms overflows int64 nanoseconds into the negative.
    ["DPUB t 9223372036855\n", "E_INVALID DPUB timeout 9223372036855 out of range 0-3600000"],
    [`DPUB t 1\n${int32(101)}`, "E_BAD_MESSAGE DPUB message too big 101 > 100"],
    [`DPUB t 1\n${int32(0)}`, "E_BAD_MESSAGE DPUB invalid message body size 0"],

    ["MPUB\n", "E_INVALID MPUB insufficient number of parameters"],
    ["MPUB *\n", 'E_BAD_TOPIC E_BAD_TOPIC MPUB topic name "*" is not valid'],
    [`MPUB t\n${int32(0)}`, "E_BAD_BODY MPUB invalid body size 0"],
    [`MPUB t\n${int32(201)}`, "E_BAD_BODY MPUB body too big 201 > 200"],
    [`MPUB t\n${int32(8)}${int32(0)}`, "E_BAD_BODY MPUB invalid message count 0"],
    [`MPUB t\n${int32(8)}${int32(40)}`, "E_BAD_BODY MPUB invalid message count 40"],
    [mpub("t", ["good", ""]), "E_BAD_MESSAGE MPUB invalid message(1) body size 0"],
    [`MPUB t\n${int32(8)}${int32(1)}${int32(101)}`, "E_BAD_MESSAGE MPUB message too big 101 > 100"],
    [
      `MPUB t\n${int32(8)}${int32(3)}${sized("x".repeat(96))}${sized("y".repeat(96))}`,
      "E_BAD_BODY MPUB body too big 204 > 200",
    ],

    ["RDY 1\n", "E_INVALID cannot RDY in current state"],
    ["RDY x\n", "E_INVALID RDY could not parse count x", SUBSCRIBED],
    ["RDY 2501\n", "E_INVALID RDY count 2501 out of range 0-2500", SUBSCRIBED],
    ["RDY 18446744073709551615\n", "E_INVALID RDY count -1 out of range 0-2500", SUBSCRIBED],
    ["CLS\n", "E_INVALID cannot CLS in current state"],
    ["CLS\n", "E_INVALID cannot CLS in current state", CLOSING],

    [`FIN ${ID}\n`, "E_INVALID cannot FIN in current state"],
    ["FIN\n", "E_INVALID FIN insufficient number of params", SUBSCRIBED],
    ["REQ 1\n", "E_INVALID REQ insufficient number of params", SUBSCRIBED],
    ["TOUCH\n", "E_INVALID TOUCH insufficient number of params", SUBSCRIBED],
    [`FIN ${ID}0\n`, "E_INVALID invalid message ID", SUBSCRIBED],
    ["TOUCH abc\n", "E_INVALID invalid message ID", CLOSING],
    [`REQ ${ID} 1s\n`, "E_INVALID REQ could not parse timeout 1s", SUBSCRIBED],

    ["IDENTIFY\n", "E_INVALID cannot IDENTIFY in current state", SUBSCRIBED],
    [`IDENTIFY\n${int32(201)}`, "E_BAD_BODY IDENTIFY body too big 201 > 200"],
    [`IDENTIFY\n${int32(0)}`, "E_BAD_BODY IDENTIFY invalid body size 0"],
    [`IDENTIFY\n${sized("[]")}`, "E_BAD_BODY IDENTIFY failed to decode JSON body"],
    [`IDENTIFY\n${sized('{"sample_rate":100}')}`, "E_BAD_BODY IDENTIFY sample rate (100) is invalid"],
    [
      `IDENTIFY\n${sized('{"feature_negotiation":true,"snappy":true,"deflate":true}')}`,
      "E_IDENTIFY_FAILED cannot enable both deflate and snappy compression",
    ],
    ["SUB t c\n", "E_INVALID cannot SUB with heartbeats disabled", `IDENTIFY\n${sized('{"heartbeat_interval":-1}')}`],

    ["AUTH\n", "E_INVALID cannot AUTH in current state", CLOSING],
    [`AUTH x\n${sized("secret")}`, "E_INVALID AUTH invalid number of parameters"],
    [`AUTH\n${int32(0)}`, "E_BAD_BODY AUTH invalid body size 0"],
    [`AUTH\n${int32(999)}`, "E_BAD_BODY AUTH body too big 999 > 200"],
    [`AUTH\n${sized("secret")}`, "E_AUTH_DISABLED AUTH disabled"],
  ])("%j: %s", (send, error, before = "") => {
    expect(answer(send, before)).toEqual({ last: `! ${error}`, closed: true });
  });

  test("nothing behind a fatal error is executed", () => {
    const rig = new Rig();
    const client = rig.client(`${pub("t", "one")}bad\n${pub("t", "two")}`);
    expect(client.texts()).toEqual(["OK", "! E_INVALID invalid command bad"]);
    expect(rig.topic().message_count).toBe(1);
    client.send(pub("t", "three"));
    expect(rig.topic().message_count).toBe(1);
  });
});

describe("errors that leave the connection open", () => {
  test.each(["FIN", "TOUCH", "REQ"])("%s of what is not in flight", (command) => {
    const delay = command === "REQ" ? " 0" : "";
    for (const id of [ID, "0123456789ABCDEF", "\x00\xff".repeat(8)]) {
      const error = `! E_${command}_FAILED ${command} ${id} failed ID not in flight`;
      expect(answer(`${command} ${id}${delay}\n`, SUBSCRIBED)).toEqual({ last: error, closed: false });
    }
  });
});

describe("a body that stops short", () => {
  test.each([
    ["PUB t\n", "E_BAD_MESSAGE PUB failed to read message body size"],
    [`PUB t\n${int32(5)}he`, "E_BAD_MESSAGE PUB failed to read message body"],
    ["DPUB t 0\n\0", "E_BAD_MESSAGE DPUB failed to read message body size"],
    [`DPUB t 0\n${int32(5)}`, "E_BAD_MESSAGE DPUB failed to read message body"],
    ["MPUB t\n\0\0", "E_BAD_BODY MPUB failed to read body size"],
    [`MPUB t\n${int32(20)}`, "E_BAD_BODY MPUB failed to read message count"],
    [`MPUB t\n${int32(20)}${int32(2)}${sized("x")}`, "E_BAD_MESSAGE MPUB failed to read message(1) body size"],
    [`MPUB t\n${int32(20)}${int32(2)}${int32(3)}xx`, "E_BAD_MESSAGE MPUB failed to read message body"],
    ["IDENTIFY\n", "E_BAD_BODY IDENTIFY failed to read body size"],
    [`IDENTIFY\n${int32(9)}{`, "E_BAD_BODY IDENTIFY failed to read body"],
    ["AUTH\n\0", "E_BAD_BODY AUTH failed to read body size"],
    [`AUTH\n${int32(9)}s`, "E_BAD_BODY AUTH failed to read body"],
  ])("%j: %s", (send, error) => {
    expect(cutShort(send)).toEqual([`! ${error}`]);
  });

  test.each(["", "NO", "PUB t"])("but %j ends without a word", (send) => {
    expect(cutShort(send)).toEqual([]);
  });

  test("its memory is let go", () => {
    const rig = new Rig();
    const topic = rig.broker.createTopic("t");
    const clients = [rig.client(`PUB t\n${int32(5)}he`), rig.client(`MPUB t\n${int32(20)}${int32(2)}${sized("x")}`)];
    expect(topic.slab.held).toBe(2);
    for (const client of clients) client.close();
    expect(topic.slab.held).toBe(0);
  });

  test("the topic of an unfinished PUB is not created; that of an unfinished MPUB is", () => {
    const rig = new Rig();
    rig.client(`PUB t\n${int32(5)}he`).finish();
    expect(rig.broker.topic("t")).toBeUndefined();
    rig.client("MPUB t\n").finish();
    expect(rig.topic().message_count).toBe(0);
  });
});

describe("what is accepted", () => {
  test.each<[send: string, texts: string[]]>([
    ["NOP\r\nNOP x y\n", []],
    [`PUB t extra words\n${sized("x")}`, ["OK"]],
    [`DPUB t \n${sized("x")}`, ["OK"]],
    [`DPUB t 3600000\n${sized("x")}`, ["OK"]],
    [`MPUB t\n${int32(1)}${int32(1)}${sized("x")}NOP\n`, ["OK"]],
    ["SUB t c\nRDY\nRDY \nRDY 2500\n", ["OK"]],
    ["SUB t c\nCLS\nRDY 5\nNOP\n", ["OK", "CLOSE_WAIT"]],
    [`SUB t c\n${pub("t", "x")}CLS\n${pub("t", "y")}`, ["OK", "OK", "CLOSE_WAIT", "OK"]],
    [`IDENTIFY\n${sized("null")}IDENTIFY x\n${sized("{}")}SUB t c\n`, ["OK", "OK", "OK"]],
  ])("%j", (send, texts) => {
    const client = new Rig().client(send);
    expect(client.texts()).toEqual(texts);
    expect(client.ended).toBe(false);
  });

  test("IDENTIFY with feature negotiation is answered with what applies", () => {
    const request = { feature_negotiation: true, msg_timeout: 5000, tls_v1: true, deflate: true, deflate_level: 3 };
    const client = new Rig().client(`IDENTIFY\n${sized(JSON.stringify(request))}`);
    expect(client.texts()).toEqual([
      '{"max_rdy_count":2500,"version":"1.3.0","max_msg_timeout":900000,"msg_timeout":5000,"tls_v1":false,' +
        '"deflate":true,"deflate_level":3,"max_deflate_level":6,"snappy":false,"sample_rate":0,"auth_required":false,' +
        '"output_buffer_size":16384,"output_buffer_timeout":250,"topology_region":"","topology_zone":""}',
      "OK",
    ]);
  });
});

describe("before the commands", () => {
  test("the wrong magic is told so", () => {
    const rig = new Rig();
    const client = rig.host.client((stream) => rig.broker.accept(stream));
    client.send("  V").send("1NOP\n");
    expect(client.texts()).toEqual(["! E_BAD_PROTOCOL"]);
    expect(client.ended).toBe(true);
  });

  test("the right one is answered with nothing", () => {
    const client = new Rig().client("");
    expect(client.texts()).toEqual([]);
  });

  test("a line over 16384 bytes closes without a frame", () => {
    const client = new Rig().client("x".repeat(16_384));
    expect(client.texts()).toEqual([]);
    expect(client.ended).toBe(true);
  });

  test("who does not close after us is cut off", () => {
    const rig = new Rig();
    const client = rig.client("bad\n");
    rig.host.advance(999_999);
    expect(client.destroyed).toBe(false);
    rig.host.advance(1);
    expect(client.destroyed).toBe(true);
    expect(rig.host.armedTimers).toBe(0);
  });
});
