/**
 * Orders of high, medium and low priority have a topic each, with 20, 10 and 5 workers of their own. High ones flood in.
 *
 * NSQ has no priorities: a topic's consumers take from that topic. So the flood waits for its own twenty workers, up to
 * two seconds, while the others' look on with nothing to do; nobody starves, and nobody helps. A message of low priority
 * would wait behind the flood only in a topic that they share (guarantees §2.1, ordering).
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer } from "./standard.ts";

const workers = (name: string, topic: string, maxInFlight: number) =>
  standardConsumer(name, "workers", {
    topic,
    maxInFlight,
    handler: [{ takeMs: 50 }],
    config: { output_buffer_size: -1 },
  });

export const priorityTopics: Scenario = {
  name: "priority-topics",
  catalogue: "S48",
  question: "Each priority has a topic and workers of its own, and the highest floods in: who waits?",
  answer: "Only the flood, for its own workers. The others' are idle meanwhile: no starvation, and no help.",
  seed: 48,
  durationMs: 8_000,
  recoveryMs: 5_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [
    {
      name: "p1",
      nsqd: ["nsqd1"],
      workload: [
        { topic: "high", startMs: 2_000, count: 1_600, everyMs: 1.25 },
        { topic: "medium", startMs: 2_000, count: 100, everyMs: 20 },
        { topic: "low", startMs: 2_000, count: 50, everyMs: 40 },
      ],
    },
  ],
  consumers: [workers("h1", "high", 20), workers("m1", "medium", 10), workers("l1", "low", 5)],
  expect: {
    verdicts: { P2: "pass", P7: "pass", P9: "pass", P16: "pass", P17: "pass" },
    // None of the 150 others.
    late: { queueing: { min: 1_400, max: 1_600 }, "no-ready-consumer": { max: 20 } },
    published: 1_750,
    delivered: 1_750,
    unknownPublishes: 0,
    faultsFired: 0,
  },
};
