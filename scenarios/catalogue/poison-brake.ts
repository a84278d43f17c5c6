/**
 * One order in five hundred can never be handled: what does it do to the others?
 *
 * go-nsq answers a failure by backoff: the whole consumer takes RDY 0 for a second, tries one message, and needs a
 * success for each failure to come back (client-semantics §4). The poison comes again with each requeue, up to
 * max_attempts. Four poisoned messages brake the other 1,996 again and again; on the channel beside it, where the client
 * has no backoff, nobody waits.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

const POISON = { handler: [{ when: { everyNth: 500 }, outcome: "fail" as const }, { takeMs: 20 }] };

export const poisonBrake: Scenario = {
  name: "poison-brake",
  catalogue: "S25",
  question: "One order in five hundred can never be handled: what does it do to the others?",
  answer: "With go-nsq's backoff the whole consumer stops for seconds at each of its attempts. Without, nothing.",
  seed: 25,
  durationMs: 30_000,
  recoveryMs: 1_800_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [standardProducer(2_000)],
  consumers: [
    standardConsumer("c1", "billing", { ...POISON, config: { default_requeue_delay: "1s" } }),
    standardConsumer("c2", "audit", {
      ...POISON,
      config: { default_requeue_delay: "1s", max_backoff_duration: "0s" },
    }),
  ],
  expect: {
    verdicts: { P2: "pass", P7: "pass", P9: "pass", P17: "pass" },
    // Everything that comes while the consumer backs off, a second or more at each of five attempts of four messages.
    late: { backoff: { min: 500 }, queueing: { min: 0 }, "no-ready-consumer": { min: 0 } },
    duplicates: { requeue: { min: 32, max: 40 } },
    losses: { "given-up": 8 },
    published: 2_000,
    faultsFired: 0,
  },
};
