import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { identify, int32, LookupdRig } from "./rig.ts";

// What the recorded conversations (cases/lookupd) do not show.

const IDENTITY =
  '{"broadcast_address":"lookupd","hostname":"lookupd","http_port":4161,"tcp_port":4160,"version":"1.3.0"}';

describe("a session", () => {
  test("answers the commands of one write in one write", () => {
    const rig = new LookupdRig();
    const nsqd = rig.open("a", `${identify({ broadcast_address: "a" })}REGISTER t c\nPING\n`);
    expect(nsqd.answers()).toEqual([IDENTITY, "OK", "OK"]);
    expect(nsqd.ear.heard.filter((what) => what.includes(" data "))).toHaveLength(1);
  });

  test.each([
    [`IDENTIFY\n${int32(-1)}`, "E_BAD_BODY IDENTIFY invalid body size -1"],
    [`IDENTIFY\n${int32(-(2 ** 31))}`, "E_BAD_BODY IDENTIFY invalid body size -2147483648"],
    [`IDENTIFY\n${int32(2 ** 20 + 1)}`, "E_BAD_BODY IDENTIFY body too big 1048577 > 1048576"],
    [`IDENTIFY\n${int32(2 ** 31 - 1)}`, "E_BAD_BODY IDENTIFY body too big 2147483647 > 1048576"],
    ["x".repeat(16_385), "E_INVALID command line is longer than 16384 bytes"],
    ["REGISTER\0 t\n", "E_INVALID invalid command REGISTER\0"],
  ])("refuses what is hostile: %.30j", (text, error) => {
    const rig = new LookupdRig();
    const neighbour = rig.nsqd("neighbour");
    const hostile = rig.open("hostile", text);
    rig.world.pass(1_000);
    expect(hostile.answers()).toEqual([error]);
    expect(hostile.ear.news().at(-1)).toMatch(/ended/);
    expect(neighbour.send("PING\n").answers()).toEqual(["OK"]);
  });

  test("takes a blank line for a command without a name, two blanks for an empty channel", () => {
    const rig = new LookupdRig();
    expect(rig.open("a", "\n").answers()).toEqual(["E_INVALID invalid command "]);
    const nsqd = rig.nsqd("b").send("REGISTER t  c\n");
    expect(nsqd.answers()).toEqual(["OK"]);
    expect(rig.get("/lookup?topic=t")).toMatchObject({ channels: [], producers: [{ broadcast_address: "b" }] });
  });

  test("does nothing for what follows an error", () => {
    const rig = new LookupdRig();
    const nsqd = rig.nsqd("a").send("NOP\nREGISTER t\nPING\n");
    expect(nsqd.answers()).toEqual(["E_INVALID invalid command NOP"]);
    expect(rig.get("/topics")).toEqual({ topics: [] });
  });

  test("does not read on from one who does not read its answers", () => {
    const rig = new LookupdRig();
    const nsqd = rig.nsqd("a");
    nsqd.ear.stream.pauseReading();
    for (let round = 0; round < 40; round += 1) nsqd.send("PING\n".repeat(400));
    nsqd.ear.stream.resumeReading();
    rig.world.pass(60_000);
    expect(nsqd.answers()).toHaveLength(16_000);
  });

  test("survives any bytes, and closes only that connection", () => {
    const rig = new LookupdRig();
    const neighbour = rig.nsqd("neighbour").send("REGISTER t\n");
    neighbour.answers();
    const word = fc.constantFrom("PING\n", "IDENTIFY\n", "REGISTER t c\n", "UNREGISTER u\n", "\n", int32(2), "{}", " ");
    const bytes = fc.uint8Array({ maxLength: 12 }).map((all) => String.fromCharCode(...all));
    fc.assert(
      fc.property(fc.array(fc.oneof(word, bytes), { maxLength: 12 }), fc.boolean(), (parts, identified) => {
        const hostile = identified ? rig.nsqd("hostile") : rig.open("hostile");
        hostile.send(parts.join(""));
        hostile.ear.stream.destroy();
        expect(neighbour.send("PING\n").answers()).toEqual(["OK"]);
        expect(rig.producers("t")).toEqual(["neighbour"]);
      }),
      { numRuns: 200 },
    );
  });
});

describe("stopping", () => {
  test("closes every connection and listens no more", () => {
    const rig = new LookupdRig();
    const nsqd = rig.nsqd("a");
    expect(rig.stop()).toBe(true);
    expect(nsqd.ear.news().at(-1)).toMatch(/ended/);
    expect(() => rig.get("/topics")).toThrow("refused");
  });
});
