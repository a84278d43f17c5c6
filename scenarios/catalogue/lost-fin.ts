/**
 * The handler did its work, the FIN vanished on the wire: what happens to the message?
 *
 * nsqd never learns that it is done. It comes again at its deadline, 60 s later, on the consumer's new connection; the
 * new connection could not have answered the old delivery (ownership is by connection, nsqd-semantics §2).
 *
 * The count is determined. A message is published every 10 ms; it reaches the consumer 2..10 ms later, and its FIN
 * leaves 20 ms after that: five FINs fall into a window of 50 ms, and two more messages are in their handlers when the
 * connection breaks. nsqd's output buffer is off, so that it does not bundle deliveries (protocol §9).
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const lostFin: Scenario = {
  name: "lost-fin",
  catalogue: "S03",
  question: "The handler did its work but the FIN vanished on the wire: is the message handled again?",
  answer: "Yes, at its deadline, 60 s after it was sent. Nobody can FIN it before: a new connection does not own it.",
  seed: 3,
  durationMs: 70_000,
  recoveryMs: 10_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [standardProducer(1_000)],
  consumers: [standardConsumer("c1", "billing", { config: { output_buffer_size: -1 } })],
  faults: [
    {
      trigger: { atMs: 5_000 },
      do: { kind: "cut", link: ["c1", "nsqd1"], direction: "forward", forMs: 50 },
    },
  ],
  expect: {
    verdicts: { P2: "pass", P4: "pass", P6: "pass", P7: "pass", P17: "pass" },
    duplicates: { "lost-fin": 5, "connection-loss": 2 },
    published: 1_000,
    delivered: 1_007,
    unknownPublishes: 0,
    faultsFired: 1,
  },
};
