/**
 * nsqd accepted the message, the OK vanished: may the producer publish it again?
 *
 * It cannot know, so a producer that must not lose has to retry, and each retry is a second message with an id of its
 * own: the protocol carries no identity that nsqd could compare (client-semantics §2).
 *
 * At every 300th message that nsqd accepts, the way back to the producer loses everything for 1 ms and then the
 * connection: its OK is gone, and the next publish comes only 10 ms after it. 20 cuts, 20 unknown outcomes, 20 retries,
 * 20 messages stored twice.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const lostOk: Scenario = {
  name: "lost-ok",
  catalogue: "S05",
  question: "The broker accepted a message but its OK was lost on the way back: what does a retry do?",
  answer: "It stores a second message with another id. Nothing in the protocol lets nsqd recognise the first.",
  seed: 5,
  durationMs: 63_000,
  recoveryMs: 10_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [standardProducer(6_000, {}, { retry: { onError: true, onUnknown: true, delayMs: 100, limit: 5 } })],
  consumers: [standardConsumer("c1", "billing")],
  faults: [
    {
      trigger: { after: { kind: "broker-accept", process: "nsqd1", nth: 300 }, repeat: { times: 20 } },
      do: { kind: "cut", link: ["nsqd1", "p1"], direction: "forward", forMs: 1 },
    },
  ],
  expect: {
    verdicts: { P1: "pass", P2: "pass", P17: "pass" },
    duplicates: { "producer-retry": 20 },
    published: 6_020,
    delivered: 6_020,
    unknownPublishes: 20,
    faultsFired: 20,
  },
};
