import type { ConsumerSpec, Scenario } from "../../../sim/scenario/types.ts";

/**
 * An nsqd with hardly any memory and small files: nearly everything goes through its disk, and comes back from there after
 * a kill and after two clean stops, with messages in flight, put off and waiting.
 */
export const warehouse: Scenario = {
  name: "warehouse",
  question: "Does what lies on disk come back, once and as it was?",
  seed: 11,
  durationMs: 12_000,
  recoveryMs: 30_000,
  network: { latency: 1 },
  nsqd: [
    {
      name: "nsqd1",
      options: {
        "mem-queue-size": 2,
        "max-bytes-per-file": 2_000,
        "sync-every": 20,
        "sync-timeout": "200ms",
        "msg-timeout": "2s",
      },
    },
  ],
  producers: [
    {
      name: "p1",
      nsqd: ["nsqd1"],
      retry: { onError: true, onUnknown: true, delayMs: 100, limit: 50 },
      workload: [
        { topic: "orders", startMs: 500, count: 120, everyMs: 5, batch: 7 },
        { topic: "returns", startMs: 300, count: 35, everyMs: 20, batch: 7 },
        { topic: "orders", startMs: 2_000, count: 40, everyMs: 10 },
        { topic: "orders", startMs: 3_000, count: 100, everyMs: 10 },
        { topic: "orders", startMs: 6_000, count: 60, everyMs: 10, batch: 3 },
        { topic: "orders", startMs: 6_100, count: 5, everyMs: 10, delayMs: 1_500 },
      ],
    },
  ],
  consumers: [
    packer("c1", "billing", {
      handler: [
        { when: { everyNth: 5, attempts: { max: 2 } }, outcome: "requeue", requeueDelayMs: 0 },
        { when: { everyNth: 7, attempts: 1 }, outcome: "requeue", requeueDelayMs: 900 },
        { takeMs: 40 },
      ],
    }),
    packer("s1", "shipping", { handler: [{ takeMs: 15 }] }),
    // It comes late, and comes back late.
    packer("a1", "audit", { startMs: 1_200, config: { lookupd_poll_interval: "1s" }, handler: [{ takeMs: 5 }] }),
    packer("r1", "counting", { topic: "returns", startMs: 1_000, handler: [{ takeMs: 5 }] }),
  ],
  faults: [
    { trigger: { atMs: 1_600 }, do: { kind: "kill", process: "nsqd1", restartAfterMs: 300 } },
    { trigger: { atMs: 3_700 }, do: { kind: "stop", process: "nsqd1", restartAfterMs: 300 } },
    { trigger: { atMs: 6_900 }, do: { kind: "stop", process: "nsqd1", restartAfterMs: 300 } },
  ],
};

function packer(name: string, channel: string, changes: Partial<ConsumerSpec>): ConsumerSpec {
  return {
    name,
    nsqd: ["nsqd1"],
    topic: "orders",
    channel,
    maxInFlight: 3,
    maxAttempts: 0,
    ...changes,
    config: { lookupd_poll_interval: "100ms", max_backoff_duration: "0s", ...changes.config },
  };
}
