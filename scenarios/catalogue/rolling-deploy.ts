/**
 * Everything is restarted by SIGTERM, one process after the other: six consumers, then three nsqds.
 *
 * A consumer that stops sends CLS, finishes what it has and leaves: nothing comes twice (client semantics §3.8). Not so
 * those whose handlers take 40 s: a stop waits 30 s at most, and what is unanswered then is delivered again at its
 * deadline. An nsqd that stops keeps everything, and delivers again what was in flight.
 */
import type { FaultSpec, Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

const NSQDS = ["nsqd1", "nsqd2", "nsqd3"];
const QUICK = ["quick1", "quick2", "quick3"];
const SLOW = ["slow1", "slow2", "slow3"];

export const rollingDeploy: Scenario = {
  name: "rolling-deploy",
  catalogue: "S53",
  question: "Consumers and nsqds are restarted one by one: what is delivered twice?",
  answer:
    "What a handler had for longer than the 30 s a stop waits for, and what is in flight from an nsqd when it stops.",
  seed: 53,
  durationMs: 360_000,
  recoveryMs: 120_000,
  nsqd: NSQDS.map((name) => ({ name })),
  producers: [standardProducer(300, { everyMs: 1_000 }, { nsqd: NSQDS })],
  consumers: [
    ...QUICK.map((name) => standardConsumer(name, "billing", { nsqd: NSQDS })),
    ...SLOW.map((name) =>
      standardConsumer(name, "reports", {
        nsqd: NSQDS,
        maxInFlight: 30,
        maxAttempts: 0,
        handler: [{ takeMs: 40_000 }],
      }),
    ),
  ],
  faults: [...QUICK, ...SLOW, ...NSQDS].map((process, index): FaultSpec => ({
    trigger: { atMs: 30_000 * (index + 1) },
    do: { kind: "stop", process, restartAfterMs: 2_000 },
  })),
  expect: {
    verdicts: { P2: "pass", P17: "pass" },
    published: 300,
    losses: {},
    duplicates: { "connection-loss": { min: 5, max: 40 }, "broker-restart": { min: 20, max: 80 } },
    unknownPublishes: { max: 3 },
    faultsFired: 9,
  },
};
