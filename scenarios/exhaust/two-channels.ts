import type { Scenario } from "../../sim/scenario/types.ts";
import { smallConsumer, smallWorld } from "./small.ts";

/** One consumer has room for one message only and asks for each again once; the other channel must not notice. */
export const twoChannels: Scenario = {
  ...smallWorld(2),
  name: "two-channels",
  question: "Two channels, RDY 1, one of them requeues: does each get every message, whatever the other does?",
  durationMs: 1_500,
  consumers: [
    smallConsumer("c1", { handler: [{ when: { attempts: 1 }, outcome: "requeue", requeueDelayMs: 200 }] }),
    smallConsumer("c2", { channel: "shipping" }),
  ],
  exhaust: { holds: 2 },
};
