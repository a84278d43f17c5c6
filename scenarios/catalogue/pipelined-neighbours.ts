/**
 * One bad publish among a hundred in the pipe: what becomes of its neighbours?
 *
 * The 50th is a DPUB of two hours, beyond max-req-timeout: E_INVALID, and nsqd closes the connection (protocol §8).
 * Nothing after it is executed, but its producer cannot tell: no answer looks the same as a lost answer. The 49 before
 * it were stored, and their OKs were sent; but a Go nsqd closes with commands unread in its socket, so that its kernel
 * sends a reset, and a producer that has not read the OKs by then loses them too (RFC 793: a reset flushes the receive
 * queue): stored, yet unknown. Profile nsqd-1.3 closes like that; `exact` reads on until the peer closes and spares the
 * OKs. Here a garbage collection keeps the producer from reading for 100 ms. (Linux keeps what was received before a
 * reset: in real time there, fewer OKs are lost than are expected here.)
 *
 * It retries all hundred as they were. This time it reads in time: 49 are stored again and known, the 50th is refused,
 * the last 50 are unknown for the second time, and stored at the third attempt.
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
  nsqd: [{ name: "nsqd1", profile: "nsqd-1.3" }],
  producers: [
    {
      name: "p1",
      nsqd: ["nsqd1"],
      workload: [
        { topic: TOPIC, startMs: 2_000, count: 49, everyMs: 0, bodyBytes: 1_000 },
        { topic: TOPIC, startMs: 2_000, count: 1, everyMs: 0, bodyBytes: 1_000, delayMs: 7_200_000 },
        { topic: TOPIC, startMs: 2_000, count: 50, everyMs: 0, bodyBytes: 1_000 },
      ],
      retry: { onError: false, onUnknown: true, delayMs: 100, limit: 3 },
    },
  ],
  consumers: [standardConsumer("c1", "billing")],
  network: { fragmentBytes: 1_448 },
  faults: [
    { trigger: { after: { kind: "connect", process: "p1" } }, do: { kind: "pause", process: "p1", forMs: 100 } },
  ],
  expect: {
    verdicts: { P1: "pass", P2: "pass", P17: "pass" },
    duplicates: { "producer-retry": 49 },
    published: 250,
    delivered: 148,
    unknownPublishes: 150,
    faultsFired: 1,
  },
};
