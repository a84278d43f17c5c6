/**
 * Connections keep breaking while handlers fail and the consumer backs off: does it ever get stuck at RDY 0?
 *
 * Every failure closes the tap (RDY 0 everywhere) and opens it again by one message to one connection
 * (client-semantics §3.7). That connection may be gone by then, or be replaced; several clients have hung there
 * (go-nsq 106, 128; pynsq 254). Here three links break in turn every 7 s for a minute, and 30 % of the first four attempts
 * of a message fail; each failed one waits 90 s times its attempts before it comes again.
 */
import type { FaultSpec, Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

const NSQDS = ["nsqd1", "nsqd2", "nsqd3"];

export const reconnectStormInBackoff: Scenario = {
  name: "reconnect-storm-in-backoff",
  catalogue: "S23",
  question: "Connections break again and again while the consumer backs off: does it ever get stuck at RDY 0?",
  answer:
    "No: the RDY counts never add up to more than max-in-flight, and when the faults stop every message is handled.",
  seed: 23,
  durationMs: 63_000,
  recoveryMs: 3_600_000,
  nsqd: NSQDS.map((name) => ({ name })),
  producers: [standardProducer(300, { everyMs: 200 }, { nsqd: NSQDS })],
  consumers: [
    standardConsumer("c1", "billing", {
      nsqd: NSQDS,
      handler: [{ when: { percent: 30, attempts: { max: 4 } }, takeMs: 20, outcome: "fail" }, { takeMs: 20 }],
    }),
  ],
  faults: NSQDS.map((nsqd, index): FaultSpec => ({
    trigger: { atMs: 7_000 + index * 1_000, repeat: { everyMs: 7_000, times: 7 } },
    do: { kind: "reset", link: ["c1", nsqd] },
  })),
  expect: {
    verdicts: { P2: "pass", P9: "pass", P17: "pass" },
    // 300 × (0.3 + 0.3² + 0.3³ + 0.3⁴) = 128 requeues on average; at most ten messages in flight at each reset.
    duplicates: {
      requeue: { min: 80, max: 180 },
      "connection-loss": { max: 210 },
      "lost-fin": { max: 210 },
    },
    published: 300,
    delivered: { min: 380, max: 900 },
    unknownPublishes: 0,
    faultsFired: 21,
  },
};
