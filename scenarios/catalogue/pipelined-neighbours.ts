/**
 * One bad publish among a hundred in the pipe: what becomes of its neighbours?
 *
 * The 50th is a DPUB of two hours, beyond max-req-timeout: E_INVALID, and nsqd closes the connection (protocol §8).
 * Nothing after it is executed, but its producer cannot tell: no answer looks the same as a lost answer. The 49 before
 * it were stored, and their OKs were sent; but nsqd closes with unread commands in its socket, so that the kernel sends
 * a reset, and a producer that has not read the OKs by then loses them too: stored, yet unknown. The producer is held
 * up for 100 ms after it has sent, as by a garbage collection.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, TOPIC } from "./standard.ts";

export const pipelinedNeighbours: Scenario = {
  name: "pipelined-neighbours",
  catalogue: "S06",
  question: "One of a hundred pipelined publishes is invalid: what becomes of its neighbours?",
  answer:
    "The connection closes. The publishes behind it are never executed and those before it may lose their OKs to the " +
    "reset, so all of them look alike to the producer, and a retry duplicates the stored ones.",
  seed: 6,
  durationMs: 10_000,
  recoveryMs: 10_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [
    {
      name: "p1",
      nsqd: ["nsqd1"],
      workload: [
        { topic: TOPIC, startMs: 1_000, count: 49, everyMs: 0, bodyBytes: 1_000 },
        { topic: TOPIC, startMs: 1_000, count: 1, everyMs: 0, bodyBytes: 1_000, delayMs: 7_200_000 },
        { topic: TOPIC, startMs: 1_000, count: 50, everyMs: 0, bodyBytes: 1_000 },
      ],
    },
  ],
  consumers: [standardConsumer("c1", "billing")],
  network: { fragmentBytes: 1_448 },
  expect: {
    verdicts: { P1: "pass", P2: "pass", P17: "pass" },
    published: 100,
    delivered: 49,
    unknownPublishes: { min: 50, max: 100 },
    faultsFired: 0,
  },
};
