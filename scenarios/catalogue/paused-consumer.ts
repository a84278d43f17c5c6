/**
 * A virtual machine stops for 45 s and goes on as if nothing had happened: is it noticed?
 *
 * Not by the heartbeats: 45 s is less than the 60 s of silence that nsqd allows. But the lease on its messages ran out
 * (here after 30 s, the consumers' msg_timeout): they run again, on the other consumer or, as nsqd still counts the
 * stopped one as ready, on its own connection. When it wakes up, its handlers finish work that is no longer theirs.
 * It had room for ten messages, and nsqd had filled it.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const pausedConsumer: Scenario = {
  name: "paused-consumer",
  catalogue: "S21",
  question: "A consumer is stopped for 45 s, less than the heartbeat limit: what becomes of its messages?",
  answer:
    "It keeps its connection, but every message past its deadline runs again, on the other consumer or on the stopped " +
    "one itself.",
  seed: 21,
  durationMs: 80_000,
  recoveryMs: 60_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [standardProducer(2_000)],
  consumers: [
    standardConsumer("c1", "billing", { config: { msg_timeout: "30s" } }),
    standardConsumer("c2", "billing", { config: { msg_timeout: "30s" } }),
  ],
  faults: [{ trigger: { atMs: 10_000 }, do: { kind: "pause", process: "c1", forMs: 45_000 } }],
  expect: {
    verdicts: { P2: "pass", P5: "pass", P6: "pass", P17: "pass" },
    duplicates: { timeout: 10 },
    published: 2_000,
    delivered: 2_010,
    unknownPublishes: 0,
    faultsFired: 1,
  },
};
