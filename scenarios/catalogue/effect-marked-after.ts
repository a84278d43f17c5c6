/**
 * Each order must charge its card once. Here the handler asks whether the order is done, charges, then marks it.
 *
 * A failure before the charge does no harm: nothing is marked, the next delivery charges. One between the charge and the
 * mark does: the consumer loses its store right after a charge, fails, and the next delivery finds no mark.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { chargingConsumer, chargingWorld } from "./standard.ts";

export const effectMarkedAfter: Scenario = {
  name: "effect-marked-after",
  catalogue: "S45b",
  question: "Orders are marked as done after their card is charged: is every card charged exactly once?",
  answer:
    "Every one, but some twice: a charge whose mark did not reach the store is not known when the order comes again.",
  seed: 45,
  ...chargingWorld(),
  consumers: [chargingConsumer("c1", "mark-after"), chargingConsumer("c2", "mark-after")],
  expect: {
    verdicts: { P2: "pass", P13: "fail", P14: "fail", P17: "pass" },
    duplicates: { requeue: { min: 20 }, "consumer-crash": { min: 1 }, timeout: { min: 0 } },
    effects: { again: { min: 1 }, never: 0 },
    published: 600,
    unknownPublishes: 0,
    faultsFired: 5,
  },
};
