/**
 * One of two consumers of a channel asks for a sample of 10 %.
 *
 * nsqd takes a message off the queue for that client, throws the dice, and drops it (protocol §5): what is not in the
 * sample is gone for everybody, not left to the other consumer. Drops use up no RDY either: a client that samples draws from
 * the queue as fast as it can be filled.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const samplingDiscards: Scenario = {
  name: "sampling-discards",
  catalogue: "S30",
  question: "One of two consumers takes a sample of 10 %: who gets the other 90 %?",
  answer: "Nobody: nsqd drops what is not in the sample, and no error tells.",
  seed: 30,
  durationMs: 30_000,
  recoveryMs: 30_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [standardProducer(1_000)],
  consumers: [
    standardConsumer("audit", "billing", { config: { sample_rate: 10 } }),
    standardConsumer("worker", "billing"),
  ],
  expect: {
    verdicts: { P2: "pass", P17: "pass" },
    published: 1_000,
    delivered: { max: 600 },
    losses: { sampled: { min: 400 } },
    duplicates: {},
    unknownPublishes: 0,
    faultsFired: 0,
  },
};
