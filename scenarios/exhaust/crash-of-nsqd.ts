import type { Scenario } from "../../sim/scenario/types.ts";
import { anytime, smallConsumer, smallWorld } from "./small.ts";

/** Everything goes to the disk queue; kill -9 keeps what was written, and forgets who had what. */
export const crashOfNsqd: Scenario = {
  ...smallWorld(2, { "mem-queue-size": 0, "msg-timeout": "300ms" }),
  name: "crash-of-nsqd",
  question: "nsqd with a disk queue is killed at any moment: what is lost, what comes twice, and is each excused?",
  durationMs: 750,
  consumers: [smallConsumer("c1"), smallConsumer("c2")],
  faults: [{ trigger: anytime, do: { kind: "kill", process: "nsqd1", restartAfterMs: 200 } }],
  exhaust: { holds: 1 },
};
