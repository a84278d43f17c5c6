import type { ConsumerSpec, Scenario } from "../../../sim/scenario/types.ts";

/**
 * An operator at work: pauses and unpauses a topic and a channel, empties a channel with messages in flight and put off,
 * deletes another. Somebody works for longer than his timeout and says so; memos wait for their time. The nsqd is killed and comes back, with the channels that it had.
 */
export const office: Scenario = {
  name: "office",
  question: "Does nsqd do what its operator says, and no more?",
  seed: 13,
  durationMs: 12_000,
  recoveryMs: 30_000,
  network: { latency: 1 },
  nsqd: [{ name: "nsqd1", options: { "msg-timeout": "1s" } }],
  producers: [
    {
      name: "p1",
      nsqd: ["nsqd1"],
      retry: { onError: true, onUnknown: true, delayMs: 100, limit: 20 },
      workload: [
        { topic: "orders", startMs: 500, count: 30, everyMs: 20 },
        { topic: "orders", startMs: 2_500, count: 20, everyMs: 20 },
        { topic: "orders", startMs: 4_500, count: 300, everyMs: 20 },
        // Due at 2,000, 900 and 1,200 ms.
        { topic: "memos", startMs: 500, count: 1, everyMs: 0, delayMs: 1_500 },
        { topic: "memos", startMs: 600, count: 1, everyMs: 0, delayMs: 300 },
        { topic: "memos", startMs: 700, count: 1, everyMs: 0, delayMs: 500 },
      ],
    },
  ],
  consumers: [
    reader("c1", "billing", 0, { handler: [{ takeMs: 45 }] }),
    reader("s1", "shipping", 200),
    reader("r1", "reports", 200, {
      config: { msg_timeout: "3s" },
      handler: [{ when: { everyNth: 40, attempts: 1 }, takeMs: 4_000, touchEveryMs: 2_000 }, { takeMs: 1 }],
    }),
    reader("m1", "drawer", 100, { topic: "memos" }),
    reader("e1", "screen#ephemeral", 300),
    reader("e2", "screen#ephemeral", 400),
  ],
  operations: [
    { atMs: 400, nsqd: "nsqd1", topic: "orders", channel: "archive", do: "create" },
    { atMs: 900, nsqd: "nsqd1", topic: "orders", channel: "billing", do: "pause" },
    { atMs: 2_000, nsqd: "nsqd1", topic: "orders", channel: "billing", do: "unpause" },
    { atMs: 2_700, nsqd: "nsqd1", topic: "orders", do: "pause" },
    { atMs: 3_700, nsqd: "nsqd1", topic: "orders", do: "unpause" },
    { atMs: 5_000, nsqd: "nsqd1", topic: "orders", channel: "archive", do: "delete" },
    { atMs: 7_500, nsqd: "nsqd1", topic: "orders", channel: "billing", do: "empty" },
    { atMs: 9_000, nsqd: "nsqd1", topic: "orders", do: "pause" },
    { atMs: 9_500, nsqd: "nsqd1", topic: "orders", do: "unpause" },
  ],
  faults: [
    { trigger: { atMs: 5_500 }, do: { kind: "kill", process: "nsqd1", restartAfterMs: 100 } },
    { trigger: { atMs: 8_000 }, do: { kind: "kill", process: "e1", restartAfterMs: 300 } },
  ],
};

function reader(name: string, channel: string, startMs: number, changes: Partial<ConsumerSpec> = {}): ConsumerSpec {
  return {
    name,
    nsqd: ["nsqd1"],
    topic: "orders",
    channel,
    startMs,
    maxInFlight: 2,
    maxAttempts: 0,
    handler: [
      { when: { everyNth: 13, attempts: 1 }, outcome: "requeue", requeueDelayMs: 700 },
      { when: { everyNth: 17, attempts: 1 }, takeMs: 1_300 },
      { takeMs: 10 },
    ],
    ...changes,
    config: { lookupd_poll_interval: "500ms", max_backoff_duration: "0s", ...changes.config },
  };
}
