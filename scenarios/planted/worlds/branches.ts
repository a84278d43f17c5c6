import type { Scenario } from "../../../sim/scenario/types.ts";

const BRANCHES = ["nsqd1", "nsqd2", "nsqd3"];

/**
 * Consumers of three nsqds whose handlers fail now and then, while links break and an nsqd is down for a while: RDY has to
 * be shared out anew each time, backoff to begin and to end. One of them has fewer slots than there are nsqds.
 */
export const branches: Scenario = {
  name: "branches",
  question: "Do consumers of several nsqds get through failures, theirs and others'?",
  seed: 5,
  durationMs: 10_000,
  recoveryMs: 60_000,
  expect: { duplicates: { requeue: { min: 1 }, "producer-retry": { min: 0 } }, losses: {} },
  nsqd: BRANCHES.map((name) => ({ name, options: { "msg-timeout": "2s" } })),
  producers: [
    {
      name: "p1",
      nsqd: BRANCHES,
      retry: { onError: true, onUnknown: true, delayMs: 100, limit: 20 },
      workload: [{ topic: "orders", startMs: 500, count: 300, everyMs: 20 }],
    },
    {
      name: "p2",
      nsqd: ["nsqd1"],
      retry: { onError: true, onUnknown: true, delayMs: 100, limit: 20 },
      workload: [{ topic: "orders", startMs: 600, count: 200, everyMs: 0, batch: 10, bodyBytes: 2_000 }],
    },
  ],
  consumers: [
    {
      name: "c1",
      nsqd: BRANCHES,
      topic: "orders",
      channel: "billing",
      maxInFlight: 30,
      concurrency: 3,
      maxAttempts: 0,
      config: {
        lookupd_poll_interval: "200ms",
        backoff_multiplier: "50ms",
        max_backoff_duration: "1s",
        default_requeue_delay: "20ms",
      },
      handler: [{ when: { everyNth: 23, attempts: 1 }, outcome: "fail" }, { takeMs: { uniform: [5, 20] } }],
    },
    {
      name: "s1",
      nsqd: BRANCHES,
      topic: "orders",
      channel: "shipping",
      maxInFlight: 2,
      concurrency: 2,
      maxAttempts: 3,
      config: {
        lookupd_poll_interval: "200ms",
        max_backoff_duration: "0s",
        default_requeue_delay: "20ms",
        rdy_redistribute_interval: "500ms",
        low_rdy_idle_timeout: "1s",
        low_rdy_timeout: "3s",
      },
      handler: [{ when: { everyNth: 31, attempts: { max: 2 } }, outcome: "fail" }, { takeMs: 2 }],
    },
    // It backs off when its only nsqd goes away.
    {
      name: "b1",
      nsqd: ["nsqd3"],
      topic: "orders",
      channel: "books",
      maxInFlight: 5,
      maxAttempts: 0,
      config: {
        lookupd_poll_interval: "2s",
        backoff_multiplier: "400ms",
        max_backoff_duration: "900ms",
        default_requeue_delay: "20ms",
      },
      handler: [{ when: { everyNth: 7, attempts: 1 }, outcome: "fail" }, { takeMs: 5 }],
    },
  ],
  faults: [
    { trigger: { atMs: 1_000 }, do: { kind: "reset", link: ["c1", "nsqd2"] } },
    { trigger: { atMs: 2_000 }, do: { kind: "reset", link: ["p1", "nsqd1"] } },
    { trigger: { atMs: 2_500 }, do: { kind: "partition", link: ["p1", "nsqd3"], direction: "backward", forMs: 50 } },
    { trigger: { atMs: 2_550 }, do: { kind: "reset", link: ["p1", "nsqd3"] } },
    { trigger: { atMs: 3_000 }, do: { kind: "stop", process: "nsqd3", restartAfterMs: 1_000 } },
    { trigger: { atMs: 5_000 }, do: { kind: "reset", link: ["s1", "nsqd1"] } },
    { trigger: { atMs: 5_500 }, do: { kind: "kill", process: "c1", restartAfterMs: 300 } },
  ],
};
