/**
 * nsqd allows delays of a minute: what happens to those who ask for ninety seconds?
 *
 * A REQ is cut to max-req-timeout without a word: the message comes after sixty seconds. The same delay in a DPUB is a
 * protocol error: E_INVALID, and nsqd closes the connection, with whatever was pipelined behind it (protocol §8).
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer, TOPIC } from "./standard.ts";

export const requeueBeyondTheLimit: Scenario = {
  name: "requeue-beyond-the-limit",
  catalogue: "S27",
  question: "nsqd allows delays of a minute: what happens to those who ask for ninety seconds?",
  answer:
    "A REQ is cut to a minute and nobody is told. A DPUB is refused with E_INVALID, and its connection is closed.",
  seed: 27,
  durationMs: 75_000,
  recoveryMs: 120_000,
  nsqd: [{ name: "nsqd1", options: { "max-req-timeout": "60s" } }],
  producers: [
    standardProducer(100),
    {
      name: "p2",
      nsqd: ["nsqd1"],
      workload: [{ topic: TOPIC, startMs: 5_000, count: 10, everyMs: 1_000, delayMs: 90_000 }],
    },
  ],
  consumers: [
    standardConsumer("c1", "billing", {
      handler: [{ when: { attempts: 1 }, outcome: "requeue", requeueDelayMs: 90_000 }, { takeMs: 20 }],
    }),
  ],
  expect: {
    verdicts: { P2: "pass", P6: "pass", P7: "pass", P17: "pass" },
    duplicates: { requeue: 100 },
    published: 110,
    delivered: 200,
    unknownPublishes: 0,
    faultsFired: 0,
  },
};
