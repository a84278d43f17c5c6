import type { Scenario } from "../../../sim/scenario/types.ts";

const LOOKUPDS = ["nsqlookupd1", "nsqlookupd2"];

/**
 * Two nsqlookupds, of which one is down for a while and the other restarts empty. A second nsqd gets the topic late, and
 * has to have its channels from the beginning; a consumer that comes late finds all; an nsqd that restarts is found again.
 */
export const directory: Scenario = {
  name: "directory",
  question: "Does everybody find everybody?",
  seed: 3,
  durationMs: 90_000,
  recoveryMs: 30_000,
  // No oracle knows which channels a new topic has elsewhere.
  expect: { delivered: { min: 550 } },
  nsqlookupd: LOOKUPDS.map((name) => ({ name, options: { "inactive-producer-timeout": "20s" } })),
  nsqd: ["nsqd1", "nsqd2", "nsqd3"].map((name) => ({ name, lookupd: LOOKUPDS, options: { "msg-timeout": "2s" } })),
  producers: [
    { name: "p1", nsqd: ["nsqd1"], workload: [{ topic: "orders", startMs: 5_000, count: 160, everyMs: 500 }] },
    { name: "p2", nsqd: ["nsqd2"], workload: [{ topic: "orders", startMs: 12_000, count: 80, everyMs: 500 }] },
    { name: "p3", nsqd: ["nsqd3"], workload: [{ topic: "orders", startMs: 60_000, count: 40, everyMs: 500 }] },
  ],
  consumers: [finder("c1", "billing", 1_000), finder("s1", "shipping", 2_000), finder("l1", "billing", 70_000)],
  faults: [
    { trigger: { atMs: 15_000 }, do: { kind: "kill", process: "nsqlookupd1", restartAfterMs: 3_000 } },
    { trigger: { atMs: 20_000 }, do: { kind: "stop", process: "nsqd2", restartAfterMs: 2_000 } },
    { trigger: { atMs: 25_000 }, do: { kind: "kill", process: "nsqlookupd2", restartAfterMs: 8_000 } },
    { trigger: { atMs: 26_000 }, do: { kind: "kill", process: "nsqlookupd1", restartAfterMs: 5_000 } },
    { trigger: { atMs: 75_000 }, do: { kind: "reset", link: ["c1", "nsqd1"] } },
  ],
  operations: [{ atMs: 500, nsqd: "nsqd1", topic: "orders", do: "create" }],
};

function finder(name: string, channel: string, startMs: number) {
  return {
    name,
    nsqd: [],
    lookupd: LOOKUPDS,
    topic: "orders",
    channel,
    startMs,
    maxInFlight: 5,
    maxAttempts: 0,
    config: { lookupd_poll_interval: "2s" },
    handler: [{ takeMs: 10 }],
  };
}
