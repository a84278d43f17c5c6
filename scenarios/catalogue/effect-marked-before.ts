/**
 * Each order must charge its card once. Marking it as done before the work (SETNX first) keeps every second delivery away.
 *
 * Also the one that comes because the first failed: the mark is there, the charge is not. What fails, dies or loses its
 * store between the mark and the charge is never charged (guarantees §2.1, a and b).
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { chargingConsumer, chargingWorld } from "./standard.ts";

export const effectMarkedBefore: Scenario = {
  name: "effect-marked-before",
  catalogue: "S45a",
  question: "Orders are marked as done before their card is charged: is every card charged exactly once?",
  answer: "Never twice, but not every one: what fails after its mark is taken for done when it comes again.",
  seed: 45,
  ...chargingWorld(),
  consumers: [chargingConsumer("c1", "check-first"), chargingConsumer("c2", "check-first")],
  expect: {
    verdicts: { P2: "pass", P13: "fail", P14: "fail", P17: "pass" },
    duplicates: { requeue: { min: 20 }, "consumer-crash": { min: 1 }, timeout: { min: 0 } },
    effects: { again: 0, never: { min: 20 } },
    published: 600,
    unknownPublishes: 0,
    faultsFired: 5,
  },
};
