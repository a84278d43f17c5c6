import type { Scenario } from "../../sim/scenario/types.ts";
import { smallConsumer, smallWorld } from "./small.ts";

const base = smallWorld(1);
const [producer] = base.producers;
const [workload] = producer!.workload;

/** A message and a delayed one; both channels ask for each again, one at once and one later. */
export const twoChannels: Scenario = {
  ...base,
  name: "two-channels",
  question: "Two channels, RDY 1, delays and requeues: does each get every message, whatever the other does?",
  durationMs: 1_500,
  producers: [{ ...producer!, workload: [workload!, { ...workload!, delayMs: 200 }] }],
  consumers: [
    smallConsumer("c1", { handler: [{ when: { attempts: 1 }, outcome: "requeue", requeueDelayMs: 200 }] }),
    smallConsumer("c2", { channel: "shipping", handler: [{ when: { attempts: 1 }, outcome: "requeue" }] }),
  ],
  exhaust: { holds: 2 },
};
