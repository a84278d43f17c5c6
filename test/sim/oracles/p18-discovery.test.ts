import { describe, expect, test } from "vitest";
import { Connection } from "../../../core/client/connection.ts";
import { Consumer } from "../../../core/client/consumer.ts";
import { Discovery } from "../../../core/client/discovery.ts";
import { Lookup } from "../../../core/nsqd/lookup/lookup.ts";
import { Registry } from "../../../core/nsqlookupd/registry.ts";
import { judge } from "../../../sim/oracles/index.ts";
import { simulate } from "../../../sim/run.ts";
import type { Verdict } from "../../../sim/result.ts";
import type { Scenario } from "../../../sim/scenario/types.ts";
import { at } from "../small.ts";
import { Story, storyScenario, TOPIC } from "./story.ts";

/**
 * Two nsqds, the second with the topic from 10 s on; an nsqlookupd that forgets everything at 20 s; a tombstone; an nsqd
 * that is away for so long that it is no longer named; one that dies; and a connection of which one end is forgotten.
 */
const OFFICE: Scenario = {
  name: "office",
  question: "Who finds whom?",
  seed: 1,
  durationMs: 150_000,
  recoveryMs: 60_000,
  network: { latency: 1 },
  nsqlookupd: [{ name: "nsqlookupd1", options: { "inactive-producer-timeout": "20s", "tombstone-lifetime": "5s" } }],
  nsqd: ["nsqd1", "nsqd2"].map((name) => ({ name, lookupd: ["nsqlookupd1"] })),
  producers: [
    { name: "p1", nsqd: ["nsqd1"], workload: [{ topic: "orders", startMs: 1_000, count: 10, everyMs: 10 }] },
    { name: "p2", nsqd: ["nsqd2"], workload: [{ topic: "orders", startMs: 10_000, count: 10, everyMs: 10 }] },
  ],
  consumers: [
    {
      name: "c1",
      nsqd: [],
      lookupd: ["nsqlookupd1"],
      topic: "orders",
      channel: "billing",
      config: { lookupd_poll_interval: "1s", heartbeat_interval: "1s", read_timeout: "2s" },
    },
  ],
  operations: [{ atMs: 56_000, lookupd: "nsqlookupd1", nsqd: "nsqd2", topic: "orders", do: "tombstone" }],
  faults: [
    at(20_000, { kind: "kill", process: "nsqlookupd1", restartAfterMs: 1_000 }),
    at(62_500, { kind: "half-open", link: ["nsqd1", "c1"] }),
    at(70_000, { kind: "pause", process: "nsqd2", forMs: 30_000 }),
    at(140_000, { kind: "kill", process: "nsqd1" }),
  ],
};

function judged(scenario: Scenario = OFFICE): Verdict {
  return simulate({ ...scenario, oracles: ["P18"] }).verdicts[0]!;
}

/** What is said of an nsqlookupd that names nobody, when a subscription is all that speaks for an nsqd. */
function saidOfSilence(restarts: boolean): string {
  const scenario = storyScenario({
    consumers: [{ name: "c1", nsqd: [], lookupd: ["nsqlookupd1"], topic: TOPIC, channel: "billing" }],
    nsqlookupd: [{ name: "nsqlookupd1" }],
    nsqd: { lookupd: ["nsqlookupd1"] },
  });
  const story = new Story(scenario, []).process(0, "nsqlookupd1", "start").process(1, "c1", "start");
  const fields = { process: "c1", peer: "nsqd1", place: `${TOPIC}/billing`, conn: 0 };
  story.row(5, "connect", fields);
  if (restarts) story.process(10, "nsqd1", "kill").process(20, "nsqd1", "start");
  // c1 reads the answer to its SUB late.
  story.row(25, "subscribe", { ...fields, value: 1_000_000 });
  for (let atMs = 50_000; atMs < 100_000; atMs += 10_000)
    story.row(atMs, "lookup", { process: "c1", peer: "nsqlookupd1", place: `${TOPIC}/billing` });
  return judge(story.evidence).find(({ property }) => property === "P18")!.violations[0]?.text ?? "nothing";
}

type Method = (this: any, ...args: any[]) => any;

/** Replaces a method, private or not, of a class while `run` runs. */
function planted(prototype: object, name: string, make: (original: Method) => Method): Verdict {
  const before = Object.getOwnPropertyDescriptor(prototype, name)!;
  Object.defineProperty(prototype, name, { ...before, value: make(before.value as Method) });
  try {
    return judged();
  } finally {
    Object.defineProperty(prototype, name, before);
  }
}

describe("P18, discovery", () => {
  test("passes, and says how fast", () => {
    const verdict = judged();
    expect(verdict.violations).toEqual([]);
    expect(verdict.outcome).toBe("pass");
    expect(verdict.looked).toBeGreaterThan(100);
    expect(verdict.summary).toMatch(/^\d+ entries of nsqlookupds, \d connections .* the slowest within .* s allowed$/);
  });

  test("is unknown where nobody asks", () => {
    const { lookupd: _, ...told } = OFFICE.consumers[0]!;
    expect(judged({ ...OFFICE, consumers: [{ ...told, nsqd: ["nsqd1"] }] })).toMatchObject({
      outcome: "unknown",
      summary: "no consumer asks an nsqlookupd",
    });
  });

  const bugs: readonly { name: string; plant: () => Verdict; says: RegExp }[] = [
    {
      name: "a consumer ignores nsqds that it learns of later",
      plant: () =>
        planted(
          Consumer.prototype,
          "found",
          (found) =>
            function first(this: { peers: Map<string, unknown> }, addresses) {
              if (this.peers.size === 0) found.call(this, addresses);
            },
        ),
      says: /^c1 is told of nsqd2 at 1\d\.\d{3} s and has not subscribed there by/,
    },
    {
      name: "a consumer asks no more",
      plant: () => planted(Discovery.prototype, "pollAt", () => () => {}),
      says: /^c1 asks no nsqlookupd from .* it may wait [\d.]+ s$/,
    },
    {
      name: "a consumer leaves whom an nsqlookupd does not name",
      plant: () =>
        planted(
          Consumer.prototype,
          "found",
          (found) =>
            function faithless(this: { peers: Map<string, { subscription: Connection | null }> }, addresses) {
              found.call(this, addresses);
              for (const [address, { subscription }] of this.peers)
                if (!addresses.includes(address)) subscription?.close("not named");
            },
        ),
      says: /^c1 leaves nsqd2 at 5\d\.\d{3} s \(not named\), which nsqlookupd1 did not name at 5/,
    },
    {
      name: "a consumer believes in a dead connection",
      plant: () => planted(Connection.prototype, "awaitBytes", () => () => {}),
      says: /^c1 believes at 64\.\d{3} s in a connection to nsqd1 that was broken at 62\.500 s$/,
    },
    {
      name: "an nsqd does not register again after an nsqlookupd has forgotten it",
      plant: () => {
        const asked = new Map<object, number>();
        return planted(
          Lookup.prototype,
          "registrations",
          (registrations) =>
            function once(this: object) {
              asked.set(this, (asked.get(this) ?? 0) + 1);
              return asked.get(this) === 1 ? registrations.call(this) : [];
            },
        );
      },
      says: /^nsqlookupd1 does not name nsqd1 to c1 at \d+\.\d{3} s, which has had orders since 1\.0\d\d s/,
    },
    {
      name: "an nsqlookupd forgets a topic",
      plant: () => {
        let asked = 0;
        return planted(
          Registry.prototype,
          "producers",
          (producers) =>
            function forgetful(this: object, topic) {
              asked += 1;
              return asked > 10 ? new Map() : producers.call(this, topic);
            },
        );
      },
      says: /^nsqlookupd1 does not name nsqd1 to c1 at \d+\.\d{3} s/,
    },
    {
      name: "an nsqlookupd names for ever who was there once",
      plant: () =>
        planted(
          Registry.prototype,
          "producers",
          (producers) =>
            function hopeful(this: object, topic) {
              const registrations = producers.call(this, topic) as Map<{ heardAt: number }, unknown>;
              for (const peer of registrations.keys()) peer.heardAt = Number.MAX_SAFE_INTEGER;
              return registrations;
            },
        ),
      says: /^nsqlookupd1 names nsqd2 to c1 at 9\d\.\d{3} s, gone since 70\.000 s; it may take 20 s to find that out$/,
    },
    {
      name: "an nsqlookupd does not see that an nsqd has died",
      plant: () => planted(Registry.prototype, "remove", () => () => {}),
      says: /^nsqlookupd1 names nsqd1 to c1 at 14\d\.\d{3} s, gone since 140\.000 s; it may take 1\.01 s/,
    },
    {
      name: "an nsqlookupd takes no notice of tombstones",
      plant: () =>
        planted(
          Registry.prototype,
          "producers",
          (producers) =>
            function deaf(this: object, topic) {
              const registrations = producers.call(this, topic) as Map<unknown, object>;
              for (const registration of registrations.values()) Object.assign(registration, { tombstone: null });
              return registrations;
            },
        ),
      says: /^nsqlookupd1 names nsqd2 to c1 at 5\d\.\d{3} s, tombstoned at 56\.000 s for 5 s$/,
    },
  ];

  test.each(bugs)("fails when $name", ({ plant, says }) => {
    const verdict = plant();
    expect(verdict.outcome).toBe("fail");
    expect(verdict.violations[0]!.text).toMatch(says);
    expect(verdict.violations[0]!.rows.length).toBeGreaterThan(0);
  });

  test("an nsqd that advertises an address of nobody is not found", () => {
    const nsqd = [OFFICE.nsqd[0]!, { ...OFFICE.nsqd[1]!, options: { "broadcast-address": "10.0.0.7" } }];
    const { faults: _, ...calm } = OFFICE;
    const verdict = judged({ ...calm, nsqd, durationMs: 20_000 });
    expect(verdict.violations[0]!.text).toMatch(
      /^c1 is told of nsqd2 \(10\.0\.0\.7\) at .* and has not subscribed there/,
    );
  });

  test("takes no word of an nsqd for that of the one that comes after it", () => {
    expect(saidOfSilence(false)).toMatch(/^nsqlookupd1 does not name nsqd1 to c1 at 50\.000 s/);
    expect(saidOfSilence(true)).toBe("nothing");
  });

  test("excuses whoever was disturbed", () => {
    const faults = [
      at(9_000, { kind: "lookup-stale", process: "nsqlookupd1", forMs: 20_000 }),
      at(30_000, { kind: "unresolvable", process: "c1", of: "nsqd2", forMs: 20_000 }),
      at(40_000, { kind: "lookup-fail", process: "nsqlookupd1", forMs: 10_000 }),
      at(60_000, { kind: "lookup-empty", process: "nsqlookupd1", forMs: 10_000 }),
      at(80_000, { kind: "partition", link: ["nsqd1", "nsqlookupd1"], forMs: 10_000 }),
      at(100_000, { kind: "partition", link: ["c1", "nsqlookupd1"], forMs: 10_000 }),
      at(120_000, { kind: "stall", link: ["nsqd2", "nsqlookupd1"], forMs: 3_000 }),
    ] as const;
    expect(judged({ ...OFFICE, faults })).toMatchObject({ outcome: "pass", violations: [] });
  });
});
