/**
 * Does every channel get every message exactly once when nothing goes wrong?
 *
 * nsqd copies each message to each channel and gives it to one of that channel's consumers (nsqd-semantics §1.2, §1.5).
 * At-least-once is exactly-once as long as every handler is faster than the message timeout and no connection breaks.
 * 10,000 messages, two channels: 20,000 deliveries, whoever of the three consumers of a channel receives each.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const happyPath: Scenario = {
  name: "happy-path",
  catalogue: "S01",
  question: "Does every channel get every message exactly once when nothing goes wrong?",
  answer: "Yes. Each channel gets a copy of each message, and one of its consumers handles it, once.",
  seed: 1,
  durationMs: 103_000,
  recoveryMs: 10_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [standardProducer(10_000)],
  consumers: [
    standardConsumer("billing1", "billing"),
    standardConsumer("billing2", "billing"),
    standardConsumer("billing3", "billing"),
    standardConsumer("shipping1", "shipping"),
    standardConsumer("shipping2", "shipping"),
    standardConsumer("shipping3", "shipping"),
  ],
  expect: {
    verdicts: { P1: "pass", P2: "pass", P4: "pass", P8: "pass", P9: "pass", P10: "pass", P16: "pass", P17: "pass" },
    published: 10_000,
    delivered: 20_000,
    unknownPublishes: 0,
    faultsFired: 0,
  },
};
