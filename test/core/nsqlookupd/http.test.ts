import { describe, expect, test } from "vitest";
import { SECOND } from "../../../core/time.ts";
import { LookupdRig } from "./rig.ts";

// What the recorded conversations (cases/lookupd) do not show.

describe("the star", () => {
  test.each([
    ["GET", "/lookup?topic=*"],
    ["GET", "/channels?topic=*"],
    ["POST", "/topic/delete?topic=*"],
    ["POST", "/topic/tombstone?topic=%2A&node=a:4151"],
    ["POST", "/topic/create?topic=*"],
  ])("is no topic: %s %s", (method, target) => {
    const rig = new LookupdRig();
    rig.nsqd("a").send("REGISTER t c\n");
    const { status, body } = rig.ask(method, target);
    expect([status, body]).toEqual([400, '{"message":"INVALID_ARG_TOPIC"}']);
    expect(rig.get("/topics")).toEqual({ topics: ["t"] });
    expect(rig.producers("t")).toEqual(["a"]);
  });

  test("is no channel", () => {
    const rig = new LookupdRig();
    expect(rig.post("/channel/delete?topic=t&channel=*")).toBe('400 {"message":"INVALID_ARG_CHANNEL"}');
  });
});

describe("requests", () => {
  test("with a query that cannot be decoded are refused", () => {
    const rig = new LookupdRig();
    for (const [method, path] of [
      ["GET", "/lookup"],
      ["POST", "/topic/delete"],
      ["POST", "/channel/create"],
    ] as const) {
      expect(rig.ask(method, `${path}?topic=%zz`)).toMatchObject({
        status: 400,
        body: '{"message":"INVALID_REQUEST"}',
      });
    }
  });

  test("with another method or path are refused as by nsqd", () => {
    const rig = new LookupdRig();
    expect(rig.ask("POST", "/lookup?topic=t")).toMatchObject({ status: 405, headers: { Allow: "GET, OPTIONS" } });
    expect(rig.ask("GET", "/")).toMatchObject({ status: 404, body: '{"message":"NOT_FOUND"}' });
  });
});

describe("a session", () => {
  test("counts by itself: an nsqd that is connected twice appears twice", () => {
    const rig = new LookupdRig();
    const first = rig.nsqd("a").send("REGISTER t\n");
    rig.nsqd("a").send("REGISTER t\n");
    expect(rig.producers("t")).toEqual(["a", "a"]);
    first.ear.stream.destroy();
    rig.world.pass(30);
    expect(rig.producers("t")).toEqual(["a"]);
    expect((rig.get("/nodes") as { producers: object[] }).producers).toHaveLength(1);
  });
});

describe("silence", () => {
  test("hides an nsqd from /lookup and /nodes until it speaks, though the wall clock stands still or jumps", () => {
    const rig = new LookupdRig({ inactiveProducerTimeout: 10 * SECOND });
    const nsqd = rig.nsqd("a").send("REGISTER t\n");
    rig.world.pass(9_900);
    expect(rig.producers("t")).toEqual(["a"]);
    rig.world.pass(200);
    expect(rig.producers("t")).toEqual([]);
    expect(rig.get("/nodes")).toEqual({ producers: [] });
    expect(Object.keys(rig.get("/debug") as object)).toEqual(["client::", "topic:t:"]);
    nsqd.send("PING\n");
    expect(rig.producers("t")).toEqual(["a"]);
  });
});

describe("a tombstone", () => {
  test("names nodes literally and lapses; /debug keeps the mark, in nanoseconds", () => {
    const rig = new LookupdRig({ tombstoneLifetime: SECOND });
    rig.nsqd("a", { broadcast_address: "::1" }).send("REGISTER t\n");
    for (const node of ["[::1]:4151", "::1:4150", "a:4151"]) {
      expect(rig.post(`/topic/tombstone?topic=t&node=${node}`)).toBe("200");
      expect(rig.producers("t")).toEqual(["::1"]);
    }
    expect(String(rig.ask("GET", "/debug").body)).toContain('"tombstoned":false,"tombstoned_at":-6795364578871345152');
    rig.post("/topic/tombstone?topic=t&node=::1:4151");
    expect(rig.producers("t")).toEqual([]);
    expect(rig.get("/nodes")).toMatchObject({ producers: [{ tombstones: [true], topics: ["t"] }] });
    rig.world.pass(1_100);
    expect(rig.producers("t")).toEqual(["::1"]);
    expect(String(rig.ask("GET", "/debug").body)).toMatch(/"tombstoned":true,"tombstoned_at":17672256\d{8}000,/);
  });
});
