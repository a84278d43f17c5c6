import type { Scenario } from "../../sim/scenario/types.ts";
import { anytime, smallConsumer, smallWorld } from "./small.ts";

/** Two messages, two consumers, one crash, timeouts: the size at which people stop trusting their reasoning. */
export const crashOfAConsumer: Scenario = {
  ...smallWorld(2),
  name: "crash-of-a-consumer",
  question:
    "One of two consumers is killed at any moment: is every message finished, and every second delivery excused?",
  durationMs: 1_500,
  consumers: ["c1", "c2"].map((name) => smallConsumer(name, { handler: [{ takeMs: 300 }] })),
  faults: [{ trigger: anytime, do: { kind: "kill", process: "c1", restartAfterMs: 500 } }],
  exhaust: { holds: 2 },
};
