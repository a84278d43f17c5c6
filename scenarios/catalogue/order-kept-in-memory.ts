/**
 * A consumer must handle the orders of each customer in their order. It remembers which was the last of each, and sends
 * back what comes before its turn.
 *
 * One order is lost on its way to nsqd, as may happen to a producer that does not retry. Everything after it waits for
 * its turn for ever: no error, no dead letter, only messages that go round.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { ordersWithKeys, standardConsumer } from "./standard.ts";

export const orderKeptInMemory: Scenario = {
  name: "order-kept-in-memory",
  catalogue: "S49a",
  question: "A consumer requeues what comes before its turn: what if one order of a customer never comes?",
  answer: "The order is kept, but that customer's later orders go round and round, and nobody is told.",
  seed: 49,
  ...ordersWithKeys(),
  consumers: [
    standardConsumer("c1", "billing", {
      maxAttempts: 0,
      handler: [{ takeMs: 1, effect: true }],
      inOrder: { retryMs: 500 },
      config: { output_buffer_size: -1, output_buffer_timeout: -1 },
    }),
  ],
  expect: {
    verdicts: { P2: "pass", P12: "pass" },
    duplicates: { requeue: { min: 100 } },
    losses: { "still-held": { min: 10 } },
    published: 300,
    unknownPublishes: { min: 1 },
    faultsFired: 1,
  },
};
