/**
 * A clean restart with 200 messages in flight and 500 put off for half an hour: what does SIGTERM keep?
 *
 * nsqd writes what is queued, in flight and put off to disk and exits (nsqd-semantics §10.1). Records hold attempts, but
 * no delay: the 200 come again with attempt 2, the 500 come at once, half an hour early (surprise 21).
 * The handlers of the first 200 take 70 s: they are still at work when nsqd stops, and their FINs come too late.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer, TOPIC } from "./standard.ts";

export const restartForgetsDelays: Scenario = {
  name: "restart-forgets-delays",
  catalogue: "S35",
  question:
    "nsqd is restarted cleanly with messages in flight and messages put off for half an hour: what happens to them?",
  answer: "None is lost. Those in flight come again, those put off come at once: their delays are not stored.",
  seed: 35,
  durationMs: 100_000,
  recoveryMs: 30_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [
    {
      ...standardProducer(0),
      workload: [
        { topic: TOPIC, startMs: 2_000, count: 200, everyMs: 10 },
        { topic: TOPIC, startMs: 10_000, count: 500, everyMs: 10, delayMs: 1_800_000 },
      ],
    },
  ],
  consumers: [
    standardConsumer("c1", "billing", {
      maxInFlight: 200,
      config: { msg_timeout: "5m" },
      handler: [{ when: { messages: range(1, 200), attempts: 1 }, takeMs: 70_000 }, { takeMs: 20 }],
    }),
  ],
  faults: [{ trigger: { atMs: 60_000 }, do: { kind: "stop", process: "nsqd1", restartAfterMs: 2_000 } }],
  expect: {
    verdicts: { P1: "pass", P2: "pass", P3: "pass", P6: "pass", P17: "pass" },
    losses: {},
    duplicates: { "broker-restart": 200 },
    published: 700,
    delivered: 900,
    unknownPublishes: 0,
    faultsFired: 1,
  },
};

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
