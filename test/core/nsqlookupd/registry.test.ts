import { describe, expect, test } from "vitest";
import type { Peer } from "../../../core/nsqlookupd/producer.ts";
import { Registry } from "../../../core/nsqlookupd/registry.ts";

function peer(name: string): Peer {
  const info = {
    remoteAddress: `${name}:1`,
    hostname: name,
    broadcastAddress: name,
    tcpPort: 1,
    httpPort: 2,
    version: "1",
    topologyZone: "",
    topologyRegion: "",
  };
  return { info, heardAt: 0, heardAtWall: 0 };
}

function names(registrations: ReadonlyMap<Peer, unknown>): string {
  return [...registrations.keys()].map(({ info }) => info.hostname).join(" ");
}

/** The registry in lines: `topic: producers`, `topic/channel: producers`. */
function show(registry: Registry): string[] {
  const lines = [...registry.topics()].map((topic) => `${topic}: ${names(registry.producers(topic))}`.trim());
  registry.visitChannels((topic, channel, found) => lines.push(`${topic}/${channel}: ${names(found)}`.trim()));
  return lines;
}

describe("the registry", () => {
  test("keeps the keys of those who are gone, ephemeral ones too", () => {
    const registry = new Registry();
    const [a, b] = [peer("a"), peer("b")];
    registry.add(a);
    registry.register(a, "t", "c");
    registry.register(b, "t", "c");
    registry.register(a, "e#ephemeral", "f#ephemeral");
    expect(show(registry)).toEqual(["t: a b", "e#ephemeral: a", "t/c: a b", "e#ephemeral/f#ephemeral: a"]);
    registry.remove(a);
    expect(show(registry)).toEqual(["t: b", "e#ephemeral:", "t/c: b", "e#ephemeral/f#ephemeral:"]);
    expect([...registry.peers()]).toEqual([]);
  });

  test("drops an ephemeral channel with its last producer, a lasting one never", () => {
    const registry = new Registry();
    const [a, b] = [peer("a"), peer("b")];
    for (const who of [a, b]) for (const channel of ["c", "e#ephemeral"]) registry.register(who, "t", channel);
    for (const channel of ["c", "e#ephemeral"]) registry.unregisterChannel(a, "t", channel);
    expect(show(registry)).toEqual(["t: a b", "t/c: b", "t/e#ephemeral: b"]);
    for (const channel of ["c", "e#ephemeral", "none"]) registry.unregisterChannel(b, "t", channel);
    expect(show(registry)).toEqual(["t: a b", "t/c:"]);
  });

  test("leaves channels without a topic when an ephemeral topic goes", () => {
    const registry = new Registry();
    const a = peer("a");
    registry.register(a, "t#ephemeral", "c");
    expect(registry.unregisterTopic(a, "t#ephemeral")).toEqual(["c"]);
    expect(show(registry)).toEqual(["t#ephemeral/c:"]);
    expect([...registry.channels("t#ephemeral")]).toEqual(["c"]);
    expect(registry.hasTopic("t#ephemeral")).toBe(false);
  });

  test("does not touch a registration that is there", () => {
    const registry = new Registry();
    const a = peer("a");
    registry.register(a, "t", "");
    registry.producers("t").get(a)!.tombstone = { at: 1, atWall: 2 };
    registry.register(a, "t", "c");
    expect(registry.producers("t").get(a)!.tombstone).toEqual({ at: 1, atWall: 2 });
    registry.unregisterTopic(a, "t");
    registry.register(a, "t", "");
    expect(registry.producers("t").get(a)!.tombstone).toBeNull();
  });

  test("makes and deletes keys without producers", () => {
    const registry = new Registry();
    registry.createChannel("t", "c");
    registry.createTopic("u");
    expect(show(registry)).toEqual(["t:", "u:", "t/c:"]);
    expect(registry.deleteChannel("t", "d")).toBe(false);
    expect(registry.deleteChannel("t", "c")).toBe(true);
    registry.createChannel("t", "c");
    registry.deleteTopic("t");
    registry.deleteTopic("none");
    expect(show(registry)).toEqual(["u:"]);
  });
});
