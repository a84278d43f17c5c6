/**
 * One of two nsqds loses its disk: whose messages are gone?
 *
 * A message is on the one nsqd that said OK, and on no other: there is no replication (nsq 981, 1414). What nsqd1 held when
 * its disk died is lost, on disk or in memory; nsqd2 is not concerned. The consumer is slower than the producers, so that
 * both have a backlog when it happens.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const diskLost: Scenario = {
  name: "disk-lost",
  catalogue: "S42",
  question: "Two nsqds have a backlog, and one comes back with an empty disk: what is lost?",
  answer: "Everything that one had not delivered, and nothing of the other: each message is on one nsqd only.",
  seed: 42,
  durationMs: 15_000,
  recoveryMs: 30_000,
  nsqd: ["nsqd1", "nsqd2"].map((name) => ({ name, options: { "mem-queue-size": 20 } })),
  producers: [standardProducer(800, {}, { nsqd: ["nsqd1", "nsqd2"] })],
  consumers: [
    standardConsumer("c1", "billing", { nsqd: ["nsqd1", "nsqd2"], maxInFlight: 2, handler: [{ takeMs: 40 }] }),
  ],
  faults: [
    {
      trigger: { atMs: 9_000 },
      do: { kind: "kill", process: "nsqd1", restartAfterMs: 1_000, restartWith: { emptyDisk: true } },
    },
  ],
  expect: {
    verdicts: { P1: "pass", P2: "pass", P3: "pass", P17: "pass" },
    losses: { "disk-lost": { min: 100, max: 300 }, "memory-at-kill": { min: 1, max: 30 } },
    published: 800,
    faultsFired: 1,
  },
};
