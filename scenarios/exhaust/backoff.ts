import type { Scenario } from "../../sim/scenario/types.ts";
import { smallConsumer, smallWorld } from "./small.ts";

/** The first message fails: RDY 0 goes out while others may be on their way, then RDY 1 for a test. */
export const backoff: Scenario = {
  ...smallWorld(3),
  name: "backoff",
  question: "A handler fails, RDY 0 may come late: does nsqd keep to it, and does the consumer get going again?",
  durationMs: 1_500,
  consumers: [
    smallConsumer("c1", {
      maxInFlight: 2,
      handler: [{ when: { attempts: 1, messages: [1] }, outcome: "fail" }],
      config: { backoff_multiplier: "200ms", default_requeue_delay: "100ms" },
    }),
  ],
  exhaust: { holds: 5 },
};
