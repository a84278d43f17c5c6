/**
 * A handler computes for 70 s without giving the event loop back: who pays?
 *
 * Heartbeats are answered by the same loop. nsqd hears nothing for 60 s and drops the consumer; the ten messages that
 * it had sent by then run again elsewhere at their deadlines (protocol §7). When the loop is free, the consumer
 * finds in its socket the nine it had not seen, takes them for new and handles them too; no FIN of it counts.
 *
 * The second consumer starts two seconds after the first, and the first messages are the slow ones: the first blocks
 * its process at once, and the nine behind it fill the RDY count of 10.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const blockedEventLoop: Scenario = {
  name: "blocked-event-loop",
  catalogue: "S20",
  question: "What happens when a handler blocks its event loop for 70 s?",
  answer:
    "No heartbeat is answered: nsqd drops the consumer at 60 s and reruns its in-flight messages elsewhere. The " +
    "consumer then works through what was left in its socket, in vain.",
  seed: 20,
  durationMs: 80_000,
  recoveryMs: 60_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [standardProducer(1_000, { startMs: 3_000 })],
  consumers: [
    standardConsumer("c1", "billing", {
      handler: [{ when: { messages: [1], attempts: 1 }, takeMs: 70_000, blocking: true }, { takeMs: 20 }],
    }),
    standardConsumer("c2", "billing", { startMs: 5_000 }),
  ],
  expect: {
    verdicts: { P2: "pass", P5: "pass", P17: "pass" },
    duplicates: { timeout: 10 },
    published: 1_000,
    delivered: 1_010,
    unknownPublishes: 0,
    faultsFired: 0,
  },
};
