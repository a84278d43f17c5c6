import type { Scenario } from "../../sim/scenario/types.ts";
import { anytime, smallConsumer, smallWorld } from "./small.ts";

/** Of three messages at most one is with the consumer: the others are in files that may not be synced yet. */
export const powerLossOfNsqd: Scenario = {
  ...smallWorld(3, { "mem-queue-size": 0 }),
  name: "power-loss-of-nsqd",
  question: "nsqd's machine loses its power at any moment: is nothing lost but what was not synced?",
  durationMs: 1_500,
  consumers: [smallConsumer("c1")],
  faults: [
    {
      trigger: anytime,
      do: { kind: "kill", process: "nsqd1", restartAfterMs: 300, powerLoss: true, tornTail: true },
    },
  ],
  exhaust: { holds: 2 },
};
