import type { Scenario } from "../../../sim/scenario/types.ts";

/**
 * A small run with a bit of everything: three channels, one of them late, two consumers that share one, a requeue, a timeout, a TOUCH, a
 * delayed publish, a reset connection. Every trip takes 1 ms and nsqd's output buffer is off, so that every instant is
 * known to the millisecond. All oracles pass it.
 */
export const SAMPLE: Scenario = {
  name: "sample",
  question: "Does every oracle have something to look at?",
  seed: 7,
  durationMs: 4_000,
  recoveryMs: 3_000,
  network: { latency: 1 },
  nsqd: [{ name: "nsqd1", options: { "msg-timeout": "1s", "max-msg-timeout": "1200ms" } }],
  producers: [
    {
      name: "p1",
      nsqd: ["nsqd1"],
      workload: [
        { topic: "orders", startMs: 1_500, count: 20, everyMs: 20 },
        { topic: "orders", startMs: 1_505, count: 4, everyMs: 50, delayMs: 500 },
      ],
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
      config: { output_buffer_size: -1, lookupd_poll_interval: "100ms", max_backoff_duration: "0s" },
      handler: [
        { when: { everyNth: 4, attempts: 1 }, outcome: "requeue", requeueDelayMs: 100 },
        { when: { everyNth: 7, attempts: 1 }, outcome: "silent" },
        { when: { everyNth: 11, attempts: 1 }, takeMs: 1_300, touchEveryMs: 400 },
        { takeMs: 10 },
      ],
    },
    {
      name: "c2",
      nsqd: ["nsqd1"],
      topic: "orders",
      channel: "billing",
      maxInFlight: 2,
      maxAttempts: 0,
      config: { output_buffer_size: -1, lookupd_poll_interval: "100ms", max_backoff_duration: "0s" },
      handler: [{ when: { everyNth: 3, attempts: 1 }, outcome: "requeue", requeueDelayMs: 0 }, { takeMs: 30 }],
    },
    {
      name: "s1",
      nsqd: ["nsqd1"],
      topic: "orders",
      channel: "shipping",
      maxInFlight: 5,
      maxAttempts: 0,
      config: { output_buffer_size: -1, lookupd_poll_interval: "100ms", max_backoff_duration: "0s" },
      handler: [{ takeMs: 5 }],
    },
    {
      name: "l1",
      nsqd: ["nsqd1"],
      topic: "orders",
      channel: "late",
      startMs: 1_800,
      maxInFlight: 5,
      maxAttempts: 0,
      config: {
        output_buffer_size: -1,
        backoff_multiplier: "100ms",
        default_requeue_delay: "20ms",
      },
      handler: [{ when: { everyNth: 6, attempts: 1 }, outcome: "fail" }, { takeMs: 5 }],
    },
  ],
  faults: [{ trigger: { atMs: 1_700 }, do: { kind: "reset", link: ["s1", "nsqd1"] } }],
};
