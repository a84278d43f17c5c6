/**
 * Each order must charge its card once. Here the charge and the mark are one transaction of the store.
 *
 * Whatever the consumer loses, the store has both or neither. A consumer that does not hear of its commit fails, and the
 * next delivery learns that it is done: at least once delivery, exactly one effect.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { chargingConsumer, chargingWorld } from "./standard.ts";

export const effectInOneTransaction: Scenario = {
  name: "effect-in-one-transaction",
  catalogue: "S45c",
  question: "An order and its charge are committed in one transaction: is every card charged exactly once?",
  answer: "Yes, whatever dies in between: the store has both or neither, and knows the order when it comes again.",
  seed: 45,
  ...chargingWorld(),
  consumers: [chargingConsumer("c1", "transactional"), chargingConsumer("c2", "transactional")],
  expect: {
    verdicts: { P2: "pass", P13: "pass", P14: "pass", P17: "pass" },
    duplicates: { requeue: { min: 20 }, "consumer-crash": { min: 1 }, timeout: { min: 0 } },
    effects: { happened: 600, again: 0, never: 0 },
    published: 600,
    unknownPublishes: 0,
    faultsFired: 5,
  },
};
