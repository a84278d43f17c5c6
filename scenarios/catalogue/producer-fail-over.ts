/**
 * One of three nsqds dies for thirty seconds: what does a producer that publishes to them in turn lose?
 *
 * go-nsq's producer knows one nsqd; applications keep a pool and try the next. A refused connect is told at once, so a
 * pool goes on without a pause: each message for the dead nsqd is published to another. What was lost is what the dead
 * one had accepted and not yet given away, for which no retry helps: its OK had been seen. What was under way at the
 * kill is unknown, and is published again.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

const NSQDS = ["nsqd1", "nsqd2", "nsqd3"];

export const producerFailOver: Scenario = {
  name: "producer-fail-over",
  catalogue: "S07",
  question: "One of three nsqds dies for thirty seconds: what does a producer that publishes to them in turn lose?",
  answer: "What the dead nsqd had accepted and held in memory, nothing else: each refused publish goes to the next.",
  seed: 7,
  durationMs: 50_000,
  recoveryMs: 80_000,
  nsqd: NSQDS.map((name) => ({ name })),
  producers: [
    standardProducer(4_500, {}, { nsqd: NSQDS, retry: { onError: true, onUnknown: true, delayMs: 10, limit: 5 } }),
  ],
  consumers: [standardConsumer("c1", "billing", { nsqd: NSQDS, maxInFlight: 30 })],
  faults: [{ trigger: { atMs: 10_000 }, do: { kind: "kill", process: "nsqd1", restartAfterMs: 30_000 } }],
  expect: {
    verdicts: { P2: "pass", P3: "pass", P17: "pass" },
    losses: { "memory-at-kill": { min: 1, max: 40 } },
    duplicates: { "producer-retry": { max: 5 } },
    // Every third turn is the dead one's, and a retry is a turn as well: half as much again in thirty seconds.
    published: { min: 5_950, max: 6_050 },
    unknownPublishes: { max: 5 },
    faultsFired: 1,
  },
};
