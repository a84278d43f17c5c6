/**
 * A dashboard reads an ephemeral channel, too slowly, and is closed.
 *
 * An ephemeral channel has no disk: what its memory queue (100 here) has no room for is dropped (nsqd-semantics §1.4), and
 * with its last consumer it vanishes, and all that waits with it. Each publish is answered OK: the topic took it. The
 * channel beside it, an ordinary one, misses nothing.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const ephemeralOverflow: Scenario = {
  name: "ephemeral-overflow",
  catalogue: "S41",
  question: "A slow dashboard reads an ephemeral channel, then leaves: what becomes of its messages?",
  answer: "What finds no room in memory is dropped, and the rest goes with the channel when its last consumer leaves.",
  seed: 41,
  durationMs: 20_000,
  recoveryMs: 30_000,
  nsqd: [{ name: "nsqd1", options: { "mem-queue-size": 100 } }],
  producers: [standardProducer(1_000)],
  consumers: [
    standardConsumer("worker", "billing"),
    standardConsumer("dashboard", "live#ephemeral", { maxInFlight: 1, handler: [{ takeMs: 100 }] }),
  ],
  faults: [{ trigger: { atMs: 15_000 }, do: { kind: "stop", process: "dashboard" } }],
  expect: {
    verdicts: { P2: "pass", P10: "pass", P17: "pass" },
    published: 1_000,
    // All to the worker; ten a second for 13 s to the dashboard.
    delivered: { min: 1_000 + 100, max: 1_000 + 140 },
    losses: { ephemeral: { min: 850, max: 900 } },
    unknownPublishes: 0,
    faultsFired: 1,
  },
};
