/** Whatever clients and administrators do, no message is lost, doubled or kept in memory for nothing. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Profile } from "../../../core/nsqd/options.ts";
import { MILLISECOND, SECOND } from "../../../core/time.ts";
import { type FakeClient, mpub, pub } from "./fake-host.ts";
import { Rig } from "./rig.ts";

type Action =
  | { readonly kind: "publish"; readonly count: number; readonly delayMs: number; readonly bytes: number }
  | { readonly kind: "answer"; readonly client: number; readonly pick: number; readonly verb: string }
  | { readonly kind: "ready"; readonly client: number; readonly count: number }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "reconnect"; readonly client: number }
  | { readonly kind: "pause"; readonly what: "topic" | "channel"; readonly paused: boolean }
  | { readonly kind: "empty" };

const client = fc.nat(2);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("publish" as const),
      count: fc.integer({ min: 1, max: 6 }),
      delayMs: fc.constantFrom(0, 0, 0, 1, 700, 5000),
      bytes: fc.constantFrom(1, 30, 300, 40_000),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      client,
      pick: fc.nat(),
      verb: fc.constantFrom("FIN", "FIN", "FIN", "REQ 0", "REQ 900", "REQ 4000", "TOUCH"),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("ready" as const), client, count: fc.nat(4) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(1, 99, 800, 2500) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reconnect" as const), client }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("pause" as const),
      what: fc.constantFrom("topic" as const, "channel" as const),
      paused: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("empty" as const) }) },
);

/** Three clients of one channel, and what each of them has. */
class World {
  readonly rig: Rig;
  producer: FakeClient;
  readonly consumers: { client: FakeClient; held: string[] }[] = [];
  accepted = 0;
  finished = 0;
  emptied = 0;

  constructor(profile: Profile, memQueueSize: number) {
    this.rig = new Rig({ profile, memQueueSize, msgTimeout: 2 * SECOND, maxMsgTimeout: 3 * SECOND });
    this.producer = this.rig.client("");
    for (let index = 0; index < 3; index += 1) this.consumers.push(this.connect());
  }

  private connect(): { client: FakeClient; held: string[] } {
    const client = this.rig.client("SUB t c\n");
    client.frames();
    return { client, held: [] };
  }

  apply(action: Action): void {
    const { rig } = this;
    switch (action.kind) {
      case "publish":
        return this.publish(action.count, action.delayMs, action.bytes);
      case "answer":
        return this.answer(action.client, action.pick, action.verb);
      case "ready":
        this.consumers[action.client]!.client.send(`RDY ${action.count}\n`);
        return undefined;
      case "wait":
        rig.host.advance(action.ms * MILLISECOND);
        for (const { client } of this.consumers) client.send("NOP\n");
        this.producer.send("NOP\n");
        return undefined;
      case "reconnect":
        this.consumers[action.client]!.client.close();
        this.consumers[action.client] = this.connect();
        return undefined;
      case "pause": {
        const topic = rig.broker.topic("t");
        rig.do(() => (action.what === "topic" ? topic : topic?.channel("c"))?.setPaused(action.paused));
        return undefined;
      }
      case "empty":
        this.emptied += this.inChannel();
        rig.do((broker) => broker.topic("t")?.channel("c")?.empty());
        for (const consumer of this.consumers) {
          consumer.client.frames();
          consumer.held = [];
        }
        return undefined;
    }
  }

  inChannel(): number {
    const { depth, in_flight_count, deferred_count } = this.rig.channel();
    return depth + in_flight_count + deferred_count;
  }

  /** Takes what arrived. */
  receive(): void {
    for (const consumer of this.consumers) {
      for (const frame of consumer.client.frames()) if (frame.type === "message") consumer.held.push(frame.id);
    }
  }

  private publish(count: number, delayMs: number, bytes: number): void {
    const body = "x".repeat(bytes);
    const bodies = Array.from({ length: count }, () => body);
    if (delayMs > 0) this.producer.send(`DPUB t ${delayMs}${pub("t", body).slice(5)}`);
    else this.producer.send(mpub("t", bodies));
    const [text = ""] = this.producer.texts().filter((each) => each !== "_heartbeat_");
    if (text === "OK") this.accepted += delayMs > 0 ? 1 : count;
    else {
      expect(text).toMatch(/^! E_[MD]PUB_FAILED .*memory queue is full/);
      this.producer = this.rig.client("");
    }
  }

  private answer(index: number, pick: number, verb: string): void {
    this.receive();
    const { client, held } = this.consumers[index]!;
    const id = held[pick % Math.max(1, held.length)];
    if (id === undefined) return;
    const before = this.rig.channel().in_flight_count;
    client.send(verb.startsWith("REQ") ? `REQ ${id}${verb.slice(3)}\n` : `${verb} ${id}\n`);
    const frames = client.frames();
    for (const frame of frames) if (frame.type === "message") held.push(frame.id);
    const failed = frames.some((frame) => frame.type === "error");
    if (verb !== "TOUCH") held.splice(held.indexOf(id), 1);
    if (verb === "FIN" && !failed) this.finished += 1;
    expect(before).toBeGreaterThanOrEqual(failed ? 0 : 1);
  }

  check(): void {
    const topic = this.rig.topic();
    const channel = this.rig.channel();
    expect(topic.depth + this.inChannel() + this.finished + this.emptied).toBe(this.accepted);
    for (const { in_flight_count, ready_count } of channel.clients ?? []) {
      expect(in_flight_count).toBeGreaterThanOrEqual(0);
      expect(ready_count).toBeGreaterThanOrEqual(0);
    }
    const owned = (channel.clients ?? []).reduce((sum, each) => sum + each.in_flight_count, 0);
    expect(owned).toBeLessThanOrEqual(channel.in_flight_count);
    const idle = (channel.clients ?? []).filter((each) => each.in_flight_count < each.ready_count);
    // Never both a message and somebody who could take it.
    if (!channel.paused && channel.depth > 0) expect(idle).toEqual([]);
  }
}

test.each<[Profile, number]>([
  ["exact", 1000],
  ["exact", 3],
  ["nsqd-1.3", 1000],
])("%s, mem-queue-size %i: accepted = queued + in flight + deferred + finished", (profile, memQueueSize) => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const world = new World(profile, memQueueSize);
      for (const each of actions) {
        world.apply(each);
        world.check();
      }
      // Let everything be finished: then no page may be held any more.
      const { rig } = world;
      rig.do((broker) => broker.topic("t")?.setPaused(false));
      rig.do((broker) => broker.topic("t")?.channel("c")?.setPaused(false));
      for (let round = 0; round < 60 && world.accepted > world.finished + world.emptied; round += 1) {
        world.receive();
        for (const [index, { client, held }] of world.consumers.entries()) {
          client.send("RDY 100\n");
          world.receive();
          while (held.length > 0) world.apply({ kind: "answer", client: index, pick: 0, verb: "FIN" });
        }
        world.apply({ kind: "wait", ms: 900 });
      }
      expect(world.finished + world.emptied).toBe(world.accepted);
      expect(rig.broker.topic("t")?.slab.held).toBe(0);
    }),
    { numRuns: 60 },
  );
});
