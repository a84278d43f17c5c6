import type { Scenario } from "../../sim/scenario/types.ts";
import { anytime, smallConsumer, smallWorld } from "./small.ts";

const base = smallWorld(1);
const [producer] = base.producers;
const [workload] = producer!.workload;

/** A consumer that never answers the first time: nothing is done with before it has come again. */
export const stopOfNsqd: Scenario = {
  ...base,
  name: "stop-of-nsqd",
  question: "nsqd is stopped at any moment, with messages in flight, timed out and put off: does it keep every one?",
  durationMs: 2_500,
  producers: [{ ...producer!, workload: [workload!, { ...workload!, delayMs: 600 }] }],
  consumers: [smallConsumer("c1", { handler: [{ when: { attempts: 1 }, outcome: "silent" }] })],
  faults: [{ trigger: anytime, do: { kind: "stop", process: "nsqd1", restartAfterMs: 300 } }],
  exhaust: { holds: 2 },
};
