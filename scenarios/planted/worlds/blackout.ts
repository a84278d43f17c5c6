import type { Scenario } from "../../../sim/scenario/types.ts";

/**
 * An nsqd that keeps everything on disk, in small files and with frequent syncs, is killed, stopped and without power again
 * and again, while a consumer is too slow for what comes.
 */
export const blackout: Scenario = {
  name: "blackout",
  question: "Does an nsqd lose only what it may?",
  seed: 11,
  durationMs: 6_000,
  recoveryMs: 30_000,
  network: { latency: 1 },
  nsqd: [
    {
      name: "nsqd1",
      options: { "mem-queue-size": 0, "sync-timeout": "20ms", "sync-every": 50, "max-bytes-per-file": 4_000 },
    },
  ],
  producers: [
    {
      name: "p1",
      nsqd: ["nsqd1"],
      workload: [{ topic: "orders", startMs: 100, count: 1_000, everyMs: 15, batch: 3 }],
    },
  ],
  consumers: [
    {
      name: "c1",
      nsqd: ["nsqd1"],
      topic: "orders",
      channel: "billing",
      maxInFlight: 2,
      maxAttempts: 0,
      config: { lookupd_poll_interval: "100ms", output_buffer_size: -1, msg_timeout: "1s" },
      handler: [{ takeMs: 15 }],
    },
  ],
  operations: [
    { atMs: 20, nsqd: "nsqd1", topic: "orders", do: "create" },
    { atMs: 50, nsqd: "nsqd1", topic: "orders", channel: "billing", do: "create" },
  ],
  faults: [
    {
      trigger: { atMs: 450, repeat: { everyMs: 541, times: 3 } },
      do: { kind: "kill", process: "nsqd1", restartAfterMs: 50 },
    },
    {
      trigger: { atMs: 750, repeat: { everyMs: 900, times: 2 } },
      do: { kind: "stop", process: "nsqd1", restartAfterMs: 50 },
    },
    {
      trigger: { atMs: 2_300, repeat: { everyMs: 613, times: 6 } },
      do: { kind: "kill", process: "nsqd1", powerLoss: true, restartAfterMs: 50 },
    },
  ],
};
