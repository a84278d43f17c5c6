/**
 * Five nsqds, two slots: does the only nsqd with traffic get its turn?
 *
 * A consumer with max-in-flight 2 on five connections can give RDY 1 to two of them. Every 5 s go-nsq takes RDY from
 * connections that were idle for 10 s or held it for 30 s, and gives it to others chosen at random
 * (client-semantics §3.5). Messages wait for tens of seconds, none for ever, and the sum of RDY never exceeds 2.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

const NSQDS = ["nsqd1", "nsqd2", "nsqd3", "nsqd4", "nsqd5"];

export const fewerSlotsThanNsqds: Scenario = {
  name: "fewer-slots-than-nsqds",
  catalogue: "S22",
  question: "With fewer slots than nsqds, does the only nsqd with traffic get its turn?",
  answer:
    "Yes, by rotation: idle connections lose their RDY after 10 s, busy ones after 30 s. Lateness, no starvation.",
  seed: 4,
  durationMs: 120_000,
  recoveryMs: 180_000,
  nsqd: NSQDS.map((name) => ({ name })),
  producers: [standardProducer(1_000, { everyMs: 100 }, { nsqd: ["nsqd3"] })],
  consumers: [standardConsumer("c1", "billing", { nsqd: NSQDS, maxInFlight: 2 })],
  expect: {
    verdicts: { P2: "pass", P9: "pass", P17: "pass" },
    // With another seed the busy nsqd may get its turn again each time it has to give it up.
    late: { "no-ready-consumer": { min: 1 }, queueing: { min: 1 } },
    published: 1_000,
    delivered: 1_000,
    unknownPublishes: 0,
    faultsFired: 0,
  },
};
