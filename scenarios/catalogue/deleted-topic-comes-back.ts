/**
 * A topic is deleted on two nsqds that a consumer is connected to; on the second it was tombstoned before.
 *
 * Deleting closes the consumer's connections, and a consumer that has lost one asks nsqlookupd at once. Whether nsqd has
 * unregistered by then is a race (nsqlookupd §B): here its word takes 50 ms, and nsqlookupd still names both. nsqd1 gets
 * its consumer back, and with the SUB the topic and the channel. nsqd2 is left alone, because nsqlookupd does not name who
 * is tombstoned (§A3): what is published there later waits until the consumer asks again.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, TOPIC } from "./standard.ts";

const NSQDS = ["nsqd1", "nsqd2"];

export const deletedTopicComesBack: Scenario = {
  name: "deleted-topic-comes-back",
  catalogue: "S18",
  question: "A topic is deleted while a consumer is connected: does it stay deleted?",
  answer:
    "Not if the consumer asks before nsqd has unregistered: its SUB makes the topic anew. A tombstone keeps it away.",
  seed: 18,
  durationMs: 60_000,
  recoveryMs: 60_000,
  nsqlookupd: [{ name: "nsqlookupd1" }],
  nsqd: NSQDS.map((name) => ({ name, lookupd: ["nsqlookupd1"] })),
  producers: NSQDS.map((nsqd, index) => ({
    name: `p${index + 1}`,
    nsqd: [nsqd],
    workload: [
      { topic: TOPIC, startMs: 2_000, count: 100, everyMs: 10 },
      { topic: TOPIC, startMs: 45_000, count: 10, everyMs: 10 },
    ],
  })),
  consumers: [
    standardConsumer("c1", "billing", {
      nsqd: [],
      lookupd: ["nsqlookupd1"],
      startMs: 1_000,
      config: { lookupd_poll_interval: "10s" },
    }),
  ],
  operations: [
    ...NSQDS.map((nsqd) => ({ atMs: 500, nsqd, topic: TOPIC, do: "create" }) as const),
    { atMs: 29_000, lookupd: "nsqlookupd1", nsqd: "nsqd2", topic: TOPIC, do: "tombstone" },
    ...NSQDS.map((nsqd) => ({ atMs: 30_000, nsqd, topic: TOPIC, do: "delete" }) as const),
  ],
  faults: NSQDS.map((nsqd) => ({
    trigger: { atMs: 25_000 },
    do: { kind: "latency", link: [nsqd, "nsqlookupd1"], latency: 50, forMs: 10_000 },
  })),
  expect: {
    verdicts: { P2: "pass", P10: "pass", P17: "pass", P18: "pass" },
    published: 220,
    delivered: 220,
    losses: {},
    duplicates: {},
    // Those of nsqd2, which nobody is connected to; nsqd1's consumer is back long before.
    late: { "no-connection": 10 },
    unknownPublishes: 0,
    faultsFired: 2,
  },
};
