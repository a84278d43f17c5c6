/**
 * NTP sets nsqd's clock back by ten seconds: what do the producers notice?
 *
 * Ids are made of the wall clock, and nsqd 1.3 makes none that is not greater than the last: it sleeps a millisecond and
 * tries again, for as long as the step was (nsqd-semantics §9, nsq#1124). Whoever publishes to a topic that has had a
 * message hangs without a word: heartbeats go on, no OK and no error comes. Then a thousand messages are accepted at one
 * instant, and wait behind each other. Timeouts and delays do not follow the wall clock here. The `exact` profile lets
 * its ids run ahead of the clock instead, and nobody notices anything.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const clockStepsBack: Scenario = {
  name: "clock-steps-back",
  catalogue: "S43",
  question: "NTP sets nsqd's clock back by ten seconds: what do the producers notice?",
  answer: "Every publish to a topic in use hangs for ten seconds, without an error; then all are accepted at once.",
  seed: 43,
  durationMs: 25_000,
  recoveryMs: 10_000,
  nsqd: [{ name: "nsqd1", profile: "nsqd-1.3" }],
  producers: [standardProducer(2_000)],
  consumers: [standardConsumer("c1", "billing")],
  faults: [{ trigger: { atMs: 10_000 }, do: { kind: "clock-step", process: "nsqd1", byMs: -10_000 } }],
  expect: {
    verdicts: { P2: "pass", P7: "pass", P17: "pass" },
    // What was accepted at once waits for the consumer.
    late: { queueing: { min: 900 } },
    published: 2_000,
    delivered: 2_000,
    unknownPublishes: 0,
    faultsFired: 1,
  },
};
