import type { ConsumerSpec, Scenario } from "../../../sim/scenario/types.ts";

/**
 * A bit of everything on one nsqd that keeps everything in memory: four channels, one of them late, REQs with and without
 * delay and beyond `max-req-timeout`, timeouts, TOUCHes up to the ceiling, delayed publishes (one too long for nsqd),
 * batches, a broken connection; and a topic that nobody reads at first. Every trip takes 1 ms and nothing is buffered, so that every instant is known.
 */
export const shop: Scenario = {
  name: "shop",
  question: "Does a shop on one nsqd run as it should?",
  seed: 7,
  durationMs: 6_000,
  recoveryMs: 30_000,
  network: { latency: 1 },
  nsqd: [
    {
      name: "nsqd1",
      options: { "msg-timeout": "1s", "max-msg-timeout": "1200ms", "max-req-timeout": "800ms" },
    },
  ],
  producers: [
    {
      name: "p1",
      nsqd: ["nsqd1"],
      workload: [
        { topic: "orders", startMs: 500, count: 40, everyMs: 20 },
        { topic: "orders", startMs: 505, count: 6, everyMs: 50, delayMs: 500 },
        { topic: "orders", startMs: 600, count: 60, everyMs: 2, batch: 20 },
        { topic: "news", startMs: 2_600, count: 5, everyMs: 0 },
      ],
    },
    {
      name: "p2",
      nsqd: ["nsqd1"],
      workload: [{ topic: "orders", startMs: 700, count: 2, everyMs: 100, delayMs: 900 }],
    },
  ],
  consumers: [
    clerk("c1", "billing", {
      handler: [
        { when: { everyNth: 4, attempts: 1 }, outcome: "requeue", requeueDelayMs: 100 },
        { when: { everyNth: 5, attempts: 1 }, outcome: "requeue", requeueDelayMs: 2_000 },
        { when: { everyNth: 7, attempts: 1 }, outcome: "silent" },
        { when: { everyNth: 11, attempts: 1 }, takeMs: 1_300, touchEveryMs: 400 },
        { takeMs: 10 },
      ],
    }),
    clerk("c2", "billing", {
      handler: [{ when: { everyNth: 3, attempts: 1 }, outcome: "requeue", requeueDelayMs: 0 }, { takeMs: 30 }],
    }),
    // Slower than its timeout, so that its answers come when another has the message.
    clerk("d1", "drawing", {
      maxInFlight: 3,
      config: { msg_timeout: "1100ms" },
      handler: [{ when: { everyNth: 9, attempts: 1 }, takeMs: 1_190 }, { takeMs: 20 }],
    }),
    clerk("d2", "drawing", {
      handler: [{ when: { everyNth: 9, attempts: { min: 2 } }, takeMs: 400 }, { takeMs: 5 }],
    }),
    // Its channel comes when all the news are there.
    clerk("n1", "reading", { topic: "news", startMs: 3_500, handler: [{ takeMs: 5 }] }),
    clerk("s1", "shipping", { maxInFlight: 5, handler: [{ takeMs: 5 }] }),
    clerk("l1", "late", {
      startMs: 800,
      maxInFlight: 5,
      maxAttempts: 3,
      config: { max_backoff_duration: "1s", backoff_multiplier: "100ms", default_requeue_delay: "20ms" },
      handler: [{ when: { everyNth: 6, attempts: { max: 2 } }, outcome: "fail" }, { takeMs: 5 }],
    }),
  ],
  faults: [{ trigger: { atMs: 700 }, do: { kind: "reset", link: ["s1", "nsqd1"] } }],
};

function clerk(name: string, channel: string, changes: Partial<ConsumerSpec>): ConsumerSpec {
  return {
    name,
    nsqd: ["nsqd1"],
    topic: "orders",
    channel,
    maxInFlight: 2,
    maxAttempts: 0,
    ...changes,
    config: {
      output_buffer_size: -1,
      output_buffer_timeout: -1,
      lookupd_poll_interval: "100ms",
      max_backoff_duration: "0s",
      ...changes.config,
    },
  };
}
