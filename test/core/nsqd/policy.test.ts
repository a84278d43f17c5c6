import { describe, expect, test } from "vitest";
import { LotteryDeadlines } from "../../../core/nsqd/policy/lottery.ts";
import { type ClientPicker, type Pickable, RandomPicker, RoundRobinPicker } from "../../../core/nsqd/policy/picker.ts";
import type { ChannelStats } from "../../../core/nsqd/stats.ts";
import { randomStream } from "../../../core/random.ts";
import { MILLISECOND, SECOND } from "../../../core/time.ts";
import { FakeHost, identify, pub } from "./fake-host.ts";
import { Rig } from "./rig.ts";

class Client implements Pickable<Client> {
  pickerIndex = 0;
  pickerBefore: Client | null = null;
  pickerAfter: Client | null = null;
  picks = 0;
}

describe.each<[string, () => ClientPicker<Client>]>([
  ["round robin", () => new RoundRobinPicker<Client>()],
  ["random", () => new RandomPicker<Client>(randomStream(1, "picks"))],
])("%s", (_, make) => {
  test("picks only who is in, and everybody in the long run", () => {
    const picker = make();
    const clients = Array.from({ length: 10 }, () => new Client());
    for (const client of clients) picker.add(client);
    for (const gone of [clients[0]!, clients[9]!, clients[4]!]) picker.remove(gone);
    expect(picker.size).toBe(7);
    for (let pick = 0; pick < 7000; pick += 1) picker.next().picks += 1;
    const picks = clients.map((client) => client.picks);
    expect([picks[0], picks[4], picks[9]]).toEqual([0, 0, 0]);
    for (const index of [1, 2, 3, 5, 6, 7, 8]) expect(picks[index]).toBeGreaterThan(800);
    for (const index of [1, 2, 3, 5, 6, 7, 8]) picker.remove(clients[index]!);
    expect(picker.size).toBe(0);
    expect(() => picker.next()).toThrow("nobody to pick");
  });
});

/** The beginning of a consumer there, which takes two messages at a time. */
function at(zone: string, region: string): string {
  const where = { topology_zone: zone, topology_region: region, output_buffer_size: -1 };
  return `${identify(where)}SUB t c\nRDY 2\n`;
}

function counts(stats: ChannelStats): unknown[] {
  return [stats.zone_local_msg_count, stats.region_local_msg_count, stats.global_msg_count];
}

describe.each(["exact", "nsqd-1.3"] as const)("topology-aware consumption, profile %s", (profile) => {
  const here = { profile, topologyZone: "z1", topologyRegion: "r1" };
  const near = { ...here, experiments: ["topology-aware-consumption"] };

  test("a ready client of the zone comes first, then one of the region, then anybody", () => {
    const rig = new Rig(near);
    const far = rig.client(at("z9", "r9"));
    const region = rig.client(at("z2", "r1"));
    const zone = rig.client(at("z1", "r1"));
    for (const client of [far, region, zone]) client.frames();
    rig.client(["a", "b", "c", "d", "e"].map((body) => pub("t", body)).join(""));
    expect(zone.texts()).toEqual(["a*1", "b*1"]);
    expect(region.texts()).toEqual(["c*1", "d*1"]);
    expect(far.texts()).toEqual(["e*1"]);
    expect(counts(rig.channel())).toEqual([2, 2, 1]);
    zone.close();
    region.close();
    rig.client(pub("t", "f"));
    expect(far.texts()).toEqual(["f*1"]);
  });

  test("who does not say where it is, is near an nsqd that does not either", () => {
    const rig = new Rig({ ...near, topologyZone: "", topologyRegion: "" });
    rig.consumer(1);
    rig.client(pub("t", "x"));
    expect(counts(rig.channel())).toEqual([1, undefined, undefined]);
  });

  test("without the experiment all are alike", () => {
    const rig = new Rig(here);
    rig.client(at("z1", "r1"));
    rig.client(pub("t", "x"));
    expect(counts(rig.channel())).toEqual([undefined, undefined, 1]);
  });
});

/** Which of `count` channels the first scan looks at; the first `dirty` looks find work. */
function visits(count: number, dirty: number): number[] {
  const host = new FakeHost();
  const policy = new LotteryDeadlines(host, 20);
  const visited: number[] = [];
  for (let index = 0; index < count; index += 1) {
    policy.watch({
      nextDeadline: () => Infinity,
      expire: () => {
        visited.push(index);
        return visited.length <= dirty ? 1 : 0;
      },
    });
  }
  host.advance(5 * SECOND);
  policy.stop();
  return visited;
}

describe("nsqd-1.3", () => {
  test("a new channel's deadlines wait for the next refresh of the list, on its fixed phase", () => {
    const rig = new Rig({ profile: "nsqd-1.3" });
    rig.host.advance(5100 * MILLISECOND);
    const consumer = rig.client(`${identify({ msg_timeout: 2000 })}SUB t c\nRDY 1\n`);
    rig.client(pub("t", "a"));
    consumer.frames();
    // Due 7.1 s after the start; the list is renewed after 10 s.
    rig.host.advance(4900 * MILLISECOND - 1);
    expect(consumer.texts()).toEqual([]);
    rig.host.advance(1);
    const [again] = consumer.frames();
    expect(again?.attempts).toBe(2);
    // From now on within the scan interval: touched at 10.05 s, due at 12.05 s, looked at after 12.1 s.
    rig.host.advance(50 * MILLISECOND);
    consumer.send(`TOUCH ${again?.id}\n`);
    rig.host.advance(2050 * MILLISECOND - 1);
    expect(consumer.texts()).toEqual([]);
    rig.host.advance(1);
    expect(consumer.texts()).toEqual(["a*3"]);
  });

  test("deleted channels are only forgotten", () => {
    const rig = new Rig({ profile: "nsqd-1.3" });
    rig.consumer(1);
    rig.client(pub("t", "a"));
    rig.host.advance(6 * SECOND);
    rig.do((broker) => broker.deleteTopic("t"));
    rig.host.advance(100 * SECOND);
    expect(rig.broker.stats().topics).toEqual([]);
  });

  test("after a fatal error the connection is dropped at once", () => {
    const rig = new Rig({ profile: "nsqd-1.3" });
    const client = rig.client("bad\n");
    expect(client.texts()).toEqual(["! E_INVALID invalid command bad"]);
    expect([client.ended, client.destroyed]).toEqual([false, true]);
  });

  test.each([
    ["as soon as the error has left", 40 * MILLISECOND, 50 * MILLISECOND],
    ["in the end, when the client does not read", Infinity, 30 * SECOND],
  ])("or, behind a full socket, %s", (_, drainedAfter, droppedAfter) => {
    const rig = new Rig({ profile: "nsqd-1.3" });
    const client = rig.client();
    client.isFull = true;
    client.send("bad\n");
    expect([client.isReadingPaused, client.destroyed]).toEqual([true, false]);
    rig.host.advance(Math.min(drainedAfter, droppedAfter - 1));
    if (drainedAfter < droppedAfter) client.drain();
    rig.host.advance(droppedAfter - 1 - Math.min(drainedAfter, droppedAfter - 1));
    expect(client.destroyed).toBe(false);
    rig.host.advance(1);
    expect(client.destroyed).toBe(true);
  });

  test("a round is min(20, n) different channels", () => {
    expect(visits(3, 0).sort((a, b) => a - b)).toEqual([0, 1, 2]);
    const chosen = visits(100, 0);
    expect(chosen.length).toBe(20);
    expect(new Set(chosen).size).toBe(20);
  });

  test("more than a quarter with work: another round at once", () => {
    expect(visits(100, 5).length).toBe(20);
    expect(visits(100, 6).length).toBe(40);
  });
});

describe("exact", () => {
  test("a deadline is kept to the microsecond, whatever else is due", () => {
    const rig = new Rig();
    const consumer = rig.consumer(100);
    for (const delayMs of [1, 250, 3, 70_000, 64]) rig.client(`DPUB t ${delayMs}\n\0\0\0\x01x`);
    const seen: number[] = [];
    for (let ms = 0; ms <= 300; ms += 1) {
      if (rig.channel().message_count === 5 && rig.channel().in_flight_count > seen.length) seen.push(ms);
      rig.host.advance(MILLISECOND);
    }
    expect(seen).toEqual([1, 3, 64, 250]);
    expect(consumer.ended).toBe(false);
  });

  test("an idle broker has no timers but those of its connections", () => {
    const rig = new Rig();
    const consumer = rig.consumer(1);
    rig.client(pub("t", "a")).close();
    const [a] = consumer.frames();
    consumer.send(`FIN ${a?.id}\n`);
    consumer.close();
    rig.host.advance(60 * SECOND);
    expect(rig.host.armedTimers).toBe(0);
  });
});
