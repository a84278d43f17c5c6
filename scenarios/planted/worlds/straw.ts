import type { Scenario } from "../../../sim/scenario/types.ts";

/**
 * Large messages through narrow pipes: sockets that take 2,000 bytes, pieces of 17 bytes, links that hold everything for
 * a while, a client that stands still. What is written has to wait, and to go on.
 */
export const straw: Scenario = {
  name: "straw",
  question: "Does what did not fit leave when there is room again?",
  seed: 17,
  durationMs: 5_000,
  recoveryMs: 30_000,
  network: { latency: { uniform: [1, 10] }, fragmentBytes: 17, sendBufferBytes: 2_000 },
  nsqd: [{ name: "nsqd1", options: { "msg-timeout": "3s" } }],
  producers: [
    {
      name: "p1",
      nsqd: ["nsqd1"],
      workload: [
        { topic: "orders", startMs: 300, count: 60, everyMs: 0, bodyBytes: 1_500 },
        { topic: "orders", startMs: 400, count: 60, everyMs: 5, batch: 6, bodyBytes: 300 },
      ],
    },
  ],
  consumers: [drinker("c1", "billing", 50), drinker("s1", "shipping", 3)],
  faults: [
    { trigger: { atMs: 500 }, do: { kind: "stall", link: ["c1", "nsqd1"], forMs: 400 } },
    { trigger: { atMs: 1_200 }, do: { kind: "pause", process: "s1", forMs: 300 } },
  ],
};

function drinker(name: string, channel: string, maxInFlight: number) {
  return {
    name,
    nsqd: ["nsqd1"],
    topic: "orders",
    channel,
    maxInFlight,
    maxAttempts: 0,
    config: { lookupd_poll_interval: "200ms", max_backoff_duration: "0s" },
    handler: [{ takeMs: 2 }],
  };
}
