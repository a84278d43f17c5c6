import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../../core/random.ts";
import { Machine } from "../../../sim/machine.ts";
import { ToyWorld, Ear } from "../toy-world.ts";

describe("connecting", () => {
  test("takes a round trip, and the server is told half way", () => {
    const world = new ToyWorld();
    const server = world.serve(world.host("b"));
    const client = new Ear(world.agenda);
    client.stream = world.host("a").connect("b:1", client);
    world.pass(100);
    expect(server.heard).toEqual(["10 accepted"]);
    expect(client.heard).toEqual(["20 opened"]);
    expect(client.stream.remoteAddress).toBe("b:1");
    expect(server.stream.remoteAddress).toBe(client.stream.localAddress);
  });

  test("is refused when nobody listens", () => {
    const world = new ToyWorld();
    world.host("b");
    const client = new Ear(world.agenda);
    world.host("a").connect("b:1", client);
    world.pass(100);
    expect(client.heard).toEqual(["20 closed refused"]);
  });

  test("hangs behind a partition, and goes on when it heals", () => {
    const world = new ToyWorld();
    world.serve(world.host("b"));
    const lane = world.network.link("a", "b").from("a");
    lane.block();
    const client = new Ear(world.agenda);
    world.host("a").connect("b:1", client);
    world.pass(5_000);
    expect(client.heard).toEqual([]);
    lane.unblock();
    world.pass(100);
    expect(client.heard).toEqual(["5020 opened"]);
  });

  test("is given up by the kernel after 127 s", () => {
    const world = new ToyWorld();
    world.serve(world.host("b"));
    world.network.link("a", "b").from("a").block();
    const client = new Ear(world.agenda);
    world.host("a").connect("b:1", client);
    world.pass(200_000);
    expect(client.heard).toEqual(["127000 closed timeout"]);
  });

  test("that is dropped before the answer resets what the server has accepted", () => {
    const world = new ToyWorld();
    const server = world.serve(world.host("b"));
    const client = new Ear(world.agenda);
    client.stream = world.host("a").connect("b:1", client);
    world.pass(15);
    client.stream.destroy();
    world.pass(100);
    expect(client.heard).toEqual(["15 closed destroyed"]);
    expect(server.heard).toEqual(["10 accepted", "25 closed reset"]);
  });
});

describe("bytes", () => {
  test("of one instant arrive together, later ones behind", () => {
    const world = new ToyWorld();
    const { client, server } = world.connected();
    server.news();
    client.say("one");
    client.say("two");
    world.pass(3);
    client.say("three");
    world.pass(100);
    expect(server.news()).toEqual(["110 data one", "110 data two", "113 data three"]);
  });

  test("never overtake each other, whatever the latency", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ size: fc.integer({ min: 1, max: 300 }), gap: fc.nat(3) }), { maxLength: 60 }),
        fc.integer({ min: 0, max: 40 }),
        fc.nat(),
        (writes, fragmentBytes, seed) => {
          const world = new ToyWorld({
            latency: { uniform: [0, 20] },
            fragmentBytes,
            streams: (name) => randomStream(seed, name),
          });
          const { client, server } = world.connected();
          let sent = "";
          for (const [index, { size, gap }] of writes.entries()) {
            const text = String.fromCharCode(65 + (index % 26)).repeat(size);
            sent += text;
            client.say(text);
            world.pass(gap);
          }
          world.pass(10_000);
          expect(server.received).toBe(sent);
          if (fragmentBytes > 0) {
            const longest = server.heard.map((line) => /data (\D.*)/.exec(line)?.[1]?.length ?? 0);
            expect(Math.max(...longest)).toBeLessThanOrEqual(Math.max(fragmentBytes, 20));
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test("fill the buffer of a peer that does not read; then write says stop, and drained says go", () => {
    const world = new ToyWorld({ sendBufferBytes: 100 });
    const { client, server } = world.connected();
    server.stream.pauseReading();
    expect(client.say("x".repeat(100))).toBe(true);
    expect(client.say("y".repeat(30))).toBe(false);
    expect(client.stream.unsentBytes).toBe(30);
    world.pass(1_000);
    expect(client.heard).toEqual(["20 opened"]);
    server.stream.resumeReading();
    world.pass(1_000);
    expect(client.news()).toEqual(["20 opened", "1110 drained"]);
    expect(server.received).toBe("x".repeat(100) + "y".repeat(30));
    expect(client.stream.unsentBytes).toBe(0);
  });
});

describe("the end of a connection", () => {
  test("by both sides is an end for both", () => {
    const world = new ToyWorld();
    const { client, server } = world.connected();
    server.news();
    client.say("bye");
    client.stream.end();
    world.pass(50);
    expect(server.news()).toEqual(["110 data bye", "110 ended"]);
    server.say("so long");
    server.stream.end();
    world.pass(50);
    expect(client.heard.slice(1)).toEqual(["160 data so long", "160 ended", "160 closed ended"]);
    expect(server.news()).toEqual(["150 closed ended"]);
  });

  test("destroyed after reading everything is an end for the peer, and its next bytes are answered by a reset", () => {
    const world = new ToyWorld();
    const { client, server } = world.connected();
    server.news();
    client.stream.destroy();
    world.pass(50);
    expect(server.news()).toEqual(["110 ended"]);
    server.say("anyone?");
    world.pass(50);
    expect(server.news()).toEqual(["170 closed reset"]);
  });

  test("destroyed with unread bytes is a reset for the peer, which loses what it had not read", () => {
    const world = new ToyWorld();
    const { a, b, client, server } = world.connected();
    server.onData = (text) => {
      if (text === "bad") server.stream.destroy();
      else server.say(`ok:${text}`);
    };
    client.say("1");
    client.say("bad");
    client.say("3");
    a.freeze();
    world.pass(100);
    a.thaw();
    world.pass(100);
    expect(b.streams.size).toBe(0);
    expect(client.heard.slice(1)).toEqual(["200 closed reset"]);
  });

  test("destroyed with unread bytes: a peer that waits for bytes reads those before the reset", () => {
    const world = new ToyWorld();
    const { client, server } = world.connected();
    server.onData = (text) => {
      if (text !== "bad") return;
      server.say("no");
      server.stream.destroy();
    };
    client.say("bad");
    client.say("3");
    world.pass(50);
    expect(client.heard.slice(1)).toEqual(["120 data no", "120.001 closed reset"]);
  });

  test("killed with the process: the peer sees an end, the dead program nothing", () => {
    const world = new ToyWorld();
    const { a, client, server } = world.connected();
    client.say("last words");
    a.kill();
    world.pass(100);
    expect(server.news()).toEqual(["10 accepted", "110 data last words", "110 ended"]);
    expect(client.heard).toEqual(["20 opened"]);
  });

  test("half-open: the other side learns it when it sends", () => {
    const world = new ToyWorld();
    const { client, server } = world.connected();
    world.network.link("a", "b").forget("b");
    world.pass(5_000);
    expect(server.heard).toEqual(["10 accepted", "100 closed reset"]);
    expect(client.heard).toEqual(["20 opened"]);
    client.say("hello?");
    world.pass(100);
    expect(client.heard).toEqual(["20 opened", "5120 closed reset"]);
  });

  test("by loss of power: silence; after the machine is back, a reset for what is still sent", () => {
    const world = new ToyWorld();
    const { a, b, client, server } = world.connected();
    b.kill(true);
    client.say("hello?");
    const late = new Ear(world.agenda);
    late.stream = a.connect("b:1", late);
    world.pass(60_000);
    expect(client.heard).toEqual(["20 opened"]);
    expect(late.heard).toEqual([]);
    world.network.restorePower("b");
    world.serve(world.host("b", new Machine(0), 1));
    world.pass(100);
    expect(client.heard).toEqual(["20 opened", "60120 closed reset"]);
    expect(late.heard).toEqual(["60120 opened"]);
    expect(server.heard).toEqual(["10 accepted"]);
  });

  test("reset: both see it at once, and bytes on the way are lost", () => {
    const world = new ToyWorld();
    const { client, server } = world.connected();
    client.say("never read");
    world.network.link("b", "a").reset();
    world.pass(100);
    expect(client.heard).toEqual(["20 opened", "100 closed reset"]);
    expect(server.heard).toEqual(["10 accepted", "100 closed reset"]);
  });
});

describe("a link under faults", () => {
  test("a partition holds bytes until it heals", () => {
    const world = new ToyWorld();
    const { client, server } = world.connected();
    const lane = world.network.link("a", "b").from("a");
    client.say("on the way");
    world.pass(5);
    lane.block();
    client.say(" and behind");
    world.pass(1_000);
    expect(server.received).toBe("");
    lane.unblock();
    world.pass(100);
    expect(server.received).toBe("on the way and behind");
    expect(server.heard[1]).toMatch(/^1115 /);
  });

  test("a partition kills a connection whose bytes stay unanswered for 924 s", () => {
    const world = new ToyWorld();
    const { client, server } = world.connected();
    world.network.link("a", "b").from("a").block();
    client.say("hello?");
    world.pass(1_000_000);
    expect(client.heard).toEqual(["20 opened", "924110 closed timeout"]);
    expect(server.heard).toEqual(["10 accepted"]);
  });

  test("acknowledgements that do not come back kill it too", () => {
    const world = new ToyWorld();
    const { client, server } = world.connected();
    world.network.link("a", "b").from("b").block();
    client.say("hello?");
    world.pass(1_000_000);
    expect(client.heard.at(-1)).toBe("924100 closed timeout");
    expect(server.received).toBe("hello?");
  });

  test("a stall holds the connections there are, and no new ones", () => {
    const world = new ToyWorld();
    const { a, client, server } = world.connected();
    const link = world.network.link("a", "b");
    const letGo = link.stall([link.from("a")]);
    client.say("held");
    const second = new Ear(world.agenda);
    second.stream = a.connect("b:1", second);
    world.pass(100);
    expect(server.received).toBe("");
    expect(second.heard).toEqual(["120 opened"]);
    letGo();
    world.pass(100);
    expect(server.heard).toContain("210 data held");
  });

  test("a cut swallows what is sent from its very instant on, then resets", () => {
    const world = new ToyWorld();
    const { client, server } = world.connected();
    const link = world.network.link("a", "b");
    client.say("before ");
    world.pass(1);
    client.say("at");
    const end = link.cut([link.from("a")]);
    client.say("during");
    server.say("other way");
    world.pass(50);
    end();
    world.pass(50);
    expect(server.received).toBe("before ");
    expect(client.received).toBe("other way");
    expect(client.heard.at(-1)).toBe("151 closed reset");
    expect(server.heard.at(-1)).toBe("151 closed reset");
  });
});
