import { describe, expect, test } from "vitest";
import { HostError } from "../../../core/host.ts";
import type { NsqdOptions } from "../../../core/nsqd/options.ts";
import { StatsdPusher, statsdPrefix } from "../../../core/nsqd/statsd.ts";
import { SECOND } from "../../../core/time.ts";
import { mpub, pub } from "./fake-host.ts";
import { Rig } from "./rig.ts";

interface Packet {
  readonly at: number;
  readonly to: string;
  readonly text: string;
}

class Pushing extends Rig {
  readonly packets: Packet[] = [];
  failure: HostError | null = null;
  readonly pusher: StatsdPusher;

  constructor(options: Partial<NsqdOptions> = {}, prefix = "nsq.") {
    super({ statsdAddress: "stats:8125", statsdInterval: 10 * SECOND, statsdUdpPacketSize: 9999, ...options });
    const began = this.host.now();
    Object.assign(this.host, {
      sendDatagram: (to: string, bytes: Uint8Array, failed: (error: HostError) => void) => {
        this.packets.push({ at: this.host.now() - began, to, text: Buffer.from(bytes).toString() });
        if (this.failure !== null) failed(this.failure);
      },
    });
    this.pusher = new StatsdPusher(this.host, this.broker.options, (filter) => this.broker.stats(filter), prefix);
    this.pusher.start();
  }

  /** The lines pushed within the next interval. */
  lines(): string[] {
    this.packets.length = 0;
    this.host.advance(10 * SECOND);
    return this.packets.flatMap(({ text }) => text.split("\n"));
  }
}

describe("what is pushed", () => {
  test("levels as they are, counters as differences", () => {
    const rig = new Pushing();
    rig.consumer(0).close();
    rig.client(mpub("t", ["abc", "d"]));
    const first = rig.lines();
    expect(first).toEqual([
      "nsq.topic.t.message_count:2|c",
      "nsq.topic.t.message_bytes:4|c",
      "nsq.topic.t.depth:0|g",
      "nsq.topic.t.backend_depth:0|g",
      "nsq.topic.t.channel.c.message_count:2|c",
      "nsq.topic.t.channel.c.depth:2|g",
      "nsq.topic.t.channel.c.backend_depth:0|g",
      "nsq.topic.t.channel.c.in_flight_count:0|g",
      "nsq.topic.t.channel.c.deferred_count:0|g",
      "nsq.topic.t.channel.c.requeue_count:0|c",
      "nsq.topic.t.channel.c.timeout_count:0|c",
      "nsq.topic.t.channel.c.clients:0|g",
    ]);
    rig.client(pub("t", "xyz"));
    const second = rig.lines();
    expect(second).toContain("nsq.topic.t.message_count:1|c");
    expect(second).toContain("nsq.topic.t.message_bytes:3|c");
    expect(second).toContain("nsq.topic.t.channel.c.message_count:1|c");
    expect(second).toContain("nsq.topic.t.channel.c.depth:3|g");
  });

  test("a topic that was made anew counts backwards once, as in nsqd", () => {
    const rig = new Pushing();
    rig.client(mpub("t", ["a", "b", "c"]));
    rig.lines();
    rig.do((broker) => broker.deleteTopic("t"));
    rig.client(pub("t", "a"));
    expect(rig.lines()).toContain("nsq.topic.t.message_count:-2|c");
  });

  test("latencies by percentile", () => {
    const rig = new Pushing({ e2eProcessingLatencyPercentiles: [1, 0.99, 0.5] });
    const consumer = rig.consumer(1);
    rig.client(pub("t", "x"));
    rig.host.advance(20_000);
    consumer.send(`FIN ${consumer.frames()[0]!.id}\n`);
    const lines = rig.lines();
    for (const percent of ["100", "99", "50"]) {
      expect(lines).toContain(`nsq.topic.t.e2e_processing_latency_${percent}:20000000|g`);
      expect(lines).toContain(`nsq.topic.t.channel.c.e2e_processing_latency_${percent}:20000000|g`);
    }
  });

  test("memory, unless it is not wanted", () => {
    const memory = { heap_objects: 1, heap_idle_bytes: 2, next_gc_bytes: 3, gc_total_runs: 7 };
    const rig = new Pushing();
    Object.assign(rig.host, { memory: () => memory });
    const levels = ["nsq.mem.heap_objects:1|g", "nsq.mem.heap_idle_bytes:2|g", "nsq.mem.next_gc_bytes:3|g"];
    expect(rig.lines()).toEqual([...levels, "nsq.mem.gc_runs:7|c"]);
    expect(rig.lines()).toEqual([...levels, "nsq.mem.gc_runs:0|c"]);
    const without = new Pushing({ statsdMemStats: false });
    Object.assign(without.host, { memory: () => memory });
    expect(without.lines()).toEqual([]);
  });

  test("ephemeral ones can be left out", () => {
    const rig = new Pushing({ statsdExcludeEphemeral: true });
    rig.consumer(0, "t c#ephemeral");
    rig.consumer(0, "e#ephemeral c");
    expect(rig.lines().filter((line) => line.includes("ephemeral"))).toEqual([]);
    const all = new Pushing();
    all.consumer(0, "t c#ephemeral");
    expect(all.lines()).toContain("nsq.topic.t.channel.c#ephemeral.clients:1|g");
  });
});

describe("packets", () => {
  test("hold whole lines up to their size, and are spread over all but the last second", () => {
    const rig = new Pushing({ statsdUdpPacketSize: 100 });
    for (let topic = 0; topic < 4; topic += 1) rig.client(pub(`topic${topic}`, "x"));
    rig.host.advance(19 * SECOND);
    expect(rig.packets.length).toBe(6);
    for (const { text, to } of rig.packets) {
      expect(to).toBe("stats:8125");
      expect(text.length).toBeLessThanOrEqual(100);
      for (const line of text.split("\n")) expect(line).toMatch(/^nsq\.topic\.topic\d\.\w+:-?\d+\|[cg]$/);
    }
    expect(rig.packets[0]?.at).toBe(10 * SECOND);
    expect(rig.packets[3]?.at).toBe(14.5 * SECOND);
    expect(rig.packets.at(-1)!.at).toBeLessThan(19 * SECOND);
  });

  test("a line that is too long goes alone", () => {
    const rig = new Pushing({ statsdUdpPacketSize: 1 });
    rig.client(pub("t", "x"));
    rig.host.advance(19 * SECOND);
    expect(rig.packets.map(({ text }) => text.split("\n").length)).toEqual([1, 1, 1, 1]);
  });

  test("one that cannot be sent is logged, and the next push comes all the same", () => {
    const rig = new Pushing();
    rig.client(pub("t", "x"));
    rig.failure = new HostError("ENOTFOUND", "no such host");
    expect(rig.lines()).toHaveLength(4);
    expect(rig.host.logs).toContain("error STATSD: failed to send to stats:8125 - no such host");
    expect(rig.lines()).toHaveLength(4);
  });

  test("none after the stop", () => {
    const rig = new Pushing({ statsdUdpPacketSize: 1 });
    rig.client(pub("t", "x"));
    rig.host.advance(11 * SECOND);
    const sent = rig.packets.length;
    rig.pusher.stop();
    rig.host.advance(60 * SECOND);
    expect(rig.packets.length).toBe(sent);
  });
});

test.each([
  ["nsq.%s", "nsq.box_example_com_4151."],
  ["a.%s.b.", "a.box_example_com_4151.b."],
  ["nsqd", "nsqd."],
  ["", ""],
])("the prefix %s", (given, expected) => {
  const { options } = new Rig({ statsdPrefix: given }).broker;
  expect(statsdPrefix(options, "box.example.com:4151")).toBe(expected);
});
