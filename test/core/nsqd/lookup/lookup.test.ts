import { describe, expect, test } from "vitest";
import type { HttpHandler } from "../../../../core/host.ts";
import { SECOND } from "../../../../core/time.ts";
import { DiscoveryRig, identity } from "./rig.ts";

describe("registering", () => {
  test("tells everything there is on connecting, then what comes and goes, ephemeral too", () => {
    const rig = new DiscoveryRig();
    rig.lookupd();
    rig.start([]);
    rig.post("/topic/create?topic=alone");
    rig.post("/topic/create?topic=t");
    for (const channel of ["c", "e%23ephemeral"]) rig.post(`/channel/create?topic=t&channel=${channel}`);
    rig.ask("nsqd1:4151", "PUT", "/config/nsqlookupd_tcp_addresses", '["lk:4160"]');
    rig.world.pass(500);
    const first = ["topic:alone:", "topic:t:", "channel:t:c", "channel:t:e#ephemeral"];
    expect(rig.registered()).toEqual(first);
    rig.post("/topic/create?topic=u");
    rig.post("/channel/create?topic=u&channel=d");
    expect(rig.registered()).toEqual(["topic:alone:", "topic:t:", "topic:u:", ...first.slice(2), "channel:u:d"]);
    rig.post("/channel/delete?topic=t&channel=c");
    rig.post("/topic/delete?topic=u");
    rig.world.pass(200);
    expect(rig.registered()).toEqual(["topic:alone:", "topic:t:", "channel:t:e#ephemeral"]);
  });

  test("says what holds when it is said: a topic that is gone by then is unregistered", () => {
    const rig = new DiscoveryRig();
    const lk = rig.played();
    rig.start(["lk"]);
    lk.say(identity());
    rig.post("/topic/create?topic=t");
    rig.post("/topic/delete?topic=t");
    expect(lk.heard()).toContain("REGISTER t\n");
    lk.say("OK");
    expect(lk.heard()).toBe("UNREGISTER t\n");
  });

  test("sends one command at a time, and does not care for the answers", () => {
    const rig = new DiscoveryRig();
    const lk = rig.played();
    rig.start(["lk"]);
    lk.heard();
    lk.say(identity());
    rig.post("/topic/create?topic=t");
    rig.post("/topic/create?topic=u");
    expect(lk.heard()).toBe("REGISTER t\n");
    lk.say("E_BAD_TOPIC whatever");
    expect(lk.heard()).toBe("REGISTER u\n");
    lk.say("");
    rig.world.pass(15_000);
    expect(lk.heard()).toBe("PING\n");
  });

  test("stopping says nothing: the closed connection does", () => {
    const rig = new DiscoveryRig();
    rig.lookupd();
    rig.start(["lk"]);
    rig.post("/topic/create?topic=t%23ephemeral");
    expect(rig.registered()).toEqual(["topic:t#ephemeral:"]);
    rig.stop();
    expect(rig.ask("lk:4161", "GET", "/topics").body).toBe('{"topics":["t#ephemeral"]}');
    expect(rig.registered()).toEqual([]);
  });
});

describe("a connection that is lost", () => {
  test("is found out by one command and made anew by the next: 15 to 30 s", () => {
    const rig = new DiscoveryRig();
    const first = rig.lookupd();
    rig.start(["lk"]);
    rig.post("/topic/create?topic=t");
    first.kill();
    rig.lookupd();
    rig.world.pass(15_000);
    expect(rig.registered()).toEqual([]);
    rig.world.pass(15_000);
    expect(rig.registered()).toEqual(["topic:t:"]);
  });

  test("takes the command that found it out along, and the next connection makes up for it", () => {
    const rig = new DiscoveryRig();
    const first = rig.lookupd();
    rig.start(["lk"]);
    first.kill();
    rig.lookupd();
    rig.world.pass(100);
    rig.post("/topic/create?topic=t");
    rig.world.pass(200);
    expect(rig.registered()).toEqual([]);
    rig.post("/topic/create?topic=u");
    rig.world.pass(200);
    expect(rig.registered()).toEqual(["topic:t:", "topic:u:"]);
  });

  test("to one that never answers ends after a second, without delaying the others", () => {
    const rig = new DiscoveryRig();
    const silent = rig.played("silent");
    rig.lookupd();
    rig.start(["silent", "lk"]);
    for (let index = 0; index < 50; index += 1) rig.send("nsqd1:4151", "POST", `/topic/create?topic=t${index}`);
    rig.world.pass(3_000);
    expect(rig.registered()).toHaveLength(50);
    // The first attempt, and one for all that came meanwhile.
    expect(silent.connections).toBe(2);
    expect(rig.logs).toContain("error LOOKUPD(silent:4160): i/o timeout");
  });

  test("that cannot be made is tried again by the next command", () => {
    const rig = new DiscoveryRig();
    rig.start(["lk", "nonsense"], { lookupdTcpAddresses: ["lk:4160", "nonsense", "lk:99999", "lk:4160"] });
    expect(rig.logs.filter((line) => line.startsWith("error"))).toEqual([
      "error LOOKUPD(nonsense): dial tcp: address nonsense: missing or invalid port in address",
      "error LOOKUPD(lk:99999): dial tcp: address lk:99999: missing or invalid port in address",
      "error LOOKUPD(lk:4160): refused",
    ]);
    rig.lookupd();
    rig.post("/topic/create?topic=t");
    rig.world.pass(200);
    expect(rig.registered()).toEqual(["topic:t:"]);
  });
});

describe("an answer that is none", () => {
  test.each([
    ["an error", "\0\0\0\x09E_INVALID", /lookupd returned E_INVALID/],
    ["no JSON object", "\0\0\0\x02[]", /lookupd returned \[\]/],
    ["of the wrong types", '\0\0\0\x19{"broadcast_address":true}', /lookupd returned/],
    ["too long", "\x7f\xff\xff\xff", /response body size \(2147483647\) is greater than limit/],
    ["of negative length", "\xff\xff\xff\xff", /response body size \(-1\)/],
  ])("to IDENTIFY, %s, closes the connection; the next command makes another", (_, bytes, reason) => {
    const rig = new DiscoveryRig();
    const lk = rig.played();
    rig.start(["lk"]);
    expect(lk.connections).toBe(1);
    lk.sayRaw(bytes);
    expect(rig.logs.findLast((line) => line.startsWith("error"))).toMatch(reason);
    rig.post("/topic/create?topic=t");
    expect(lk.connections).toBe(2);
  });

  test("to nothing that was asked loses the connection", () => {
    const rig = new DiscoveryRig();
    const lk = rig.played();
    rig.start(["lk"]);
    lk.say(identity(), "OK");
    rig.world.pass(30_000);
    expect(lk.connections).toBe(2);
  });
});

describe("a new topic", () => {
  test("gets the channels it has elsewhere before its first message is handed on", () => {
    const rig = new DiscoveryRig();
    rig.lookupd("lk1");
    rig.lookupd("lk2");
    rig.start(["lk1", "lk2"]);
    for (const channel of ["a", "b", "e%23ephemeral"])
      rig.ask("lk1:4161", "POST", `/channel/create?topic=t&channel=${channel}`);
    rig.ask("lk2:4161", "POST", "/channel/create?topic=t&channel=c");
    const answers = rig.send("nsqd1:4151", "POST", "/pub?topic=t", "x");
    rig.world.pass(15);
    expect(rig.topics()).toEqual(["t 1:"]);
    expect(answers).toEqual([]);
    rig.world.pass(20);
    expect(rig.topics()).toEqual(["t 0: a 1, b 1, c 1"]);
    rig.world.pass(10);
    expect(answers).toMatchObject([{ status: 200, body: "OK" }]);
    rig.world.pass(100);
    expect(rig.registered("lk2")).toEqual(["topic:t:", "channel:t:c", "channel:t:a", "channel:t:b"]);
  });

  test("waits for one that does not answer no longer than the request timeout", () => {
    const rig = new DiscoveryRig();
    const lk = rig.played();
    lk.host.serveHttp(":4161", { maxBodyBytes: 0, head: () => null, handle: () => {} }, () => {});
    rig.start(["lk"], { httpClientRequestTimeout: 3 * SECOND });
    lk.say(identity());
    rig.send("nsqd1:4151", "POST", "/channel/create?topic=t&channel=c");
    const [first, second] = ["/topic/create?topic=t", "/pub?topic=t"].map((target) =>
      rig.send("nsqd1:4151", "POST", target, "x"),
    );
    rig.world.pass(2_900);
    rig.post("/channel/create?topic=t&channel=c");
    expect(rig.topics()).toEqual(["t 1: c 0"]);
    expect([first, second]).toEqual([[], []]);
    rig.world.pass(200);
    expect(rig.topics()).toEqual(["t 0: c 1"]);
    expect([...first!, ...second!]).toMatchObject([{ status: 200 }, { status: 200, body: "OK" }]);
    expect(rig.logs).toContain(
      "warn failed to query nsqlookupd for channels to pre-create for topic t - lk:4161: lk:4161: i/o timeout",
    );
  });

  test("waits for its turn when very many are new at once", () => {
    const rig = new DiscoveryRig();
    const lk = rig.played();
    let open = 0;
    let most = 0;
    const replies: (() => void)[] = [];
    const handle: HttpHandler["handle"] = (_, reply) => {
      open += 1;
      most = Math.max(most, open);
      replies.push(() => {
        open -= 1;
        reply({ status: 200, headers: {}, body: '{"channels":["c"]}' });
      });
    };
    lk.host.serveHttp(":4161", { maxBodyBytes: 0, head: () => null, handle }, () => {});
    rig.start(["lk"]);
    lk.say(identity());
    for (let index = 0; index < 100; index += 1) rig.send("nsqd1:4151", "POST", `/topic/create?topic=t${index}`);
    for (let round = 0; round < 10; round += 1) {
      rig.world.pass(100);
      for (const reply of replies.splice(0)) reply();
    }
    expect(most).toBe(32);
    expect(rig.topics()).toHaveLength(100);
    expect(rig.topics().filter((topic) => !topic.endsWith(": c 0"))).toEqual([]);
  });

  test("that is deleted meanwhile stays deleted, and nobody waits for it", () => {
    const rig = new DiscoveryRig();
    rig.lookupd();
    rig.start(["lk"]);
    rig.ask("lk:4161", "POST", "/channel/create?topic=t&channel=c");
    const answers = rig.send("nsqd1:4151", "POST", "/pub?topic=t", "x");
    rig.send("nsqd1:4151", "POST", "/topic/delete?topic=t");
    rig.world.pass(200);
    expect(answers).toMatchObject([{ status: 200 }]);
    expect(rig.topics()).toEqual([]);
  });

  test("asks nobody while no nsqlookupd has introduced itself, and starts at once", () => {
    const rig = new DiscoveryRig();
    rig.start(["lk"]);
    rig.post("/channel/create?topic=t&channel=c");
    rig.post("/pub?topic=t", "x");
    expect(rig.topics()).toEqual(["t 1:"]);
    expect(rig.logs).toContain("error no available nsqlookupd to query for channels to pre-create for topic t");
  });
});

describe("the list of nsqlookupds", () => {
  test("can be changed: who is no longer in it loses the registrations", () => {
    const rig = new DiscoveryRig();
    for (const name of ["a", "b"]) rig.lookupd(name);
    rig.start(["a"]);
    rig.post("/topic/create?topic=t");
    const put = (body: string): string => {
      const answer = rig.ask("nsqd1:4151", "PUT", "/config/nsqlookupd_tcp_addresses", body);
      rig.world.pass(200);
      return `${answer.status} ${String(answer.body)}`;
    };
    expect(put('["b:4160"]')).toBe('200 ["b:4160"]');
    expect([rig.registered("a"), rig.registered("b")]).toEqual([[], ["topic:t:"]]);
    expect(put('["b:4160","a:4160"]')).toBe('200 ["b:4160","a:4160"]');
    expect([rig.registered("a"), rig.registered("b")]).toEqual([["topic:t:"], ["topic:t:"]]);
    for (const wrong of ["x", "[1]", '"b:4160"', "null", '{"0":"b"}']) expect(put(wrong)).toMatch(/^400/);
    expect(String(rig.ask("nsqd1:4151", "GET", "/config/nsqlookupd_tcp_addresses").body)).toBe('["b:4160","a:4160"]');
  });
});
