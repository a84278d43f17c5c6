/**
 * A machine loses its power in a steady flow, everything on disk: what is lost, and what of the last write is there?
 *
 * What was written since the last sync, at most 2 s or 2,500 operations ago, was in the page cache only (diskqueue §9). Of
 * those bytes some may have reached the disk all the same, and the last record may be torn: nsqd1 reads on to the tear and
 * cuts it off. The power fails 1 s after a sync, at 100 messages a second. Nobody consumes before 40 s, so that the backlog
 * is what the files are asked for; 100 more messages after the restart show that the queue goes on behind the tear.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer, TOPIC } from "./standard.ts";

export const powerLossDropsPageCache: Scenario = {
  name: "power-loss-drops-page-cache",
  catalogue: "S34",
  question: "nsqd keeps everything on disk, and the machine loses its power: how much of what it said OK to is lost?",
  answer: "What came since the last sync, up to two seconds of it. OK means written, not durable.",
  seed: 34,
  durationMs: 45_000,
  recoveryMs: 10_000,
  nsqd: [{ name: "nsqd1", options: { "mem-queue-size": 0 } }],
  producers: [
    {
      ...standardProducer(0),
      workload: [
        { topic: TOPIC, startMs: 1_000, count: 2_800, everyMs: 10 },
        { topic: TOPIC, startMs: 32_000, count: 100, everyMs: 10 },
      ],
    },
  ],
  consumers: [standardConsumer("c1", "billing", { startMs: 40_000, maxInFlight: 50 })],
  operations: [
    { atMs: 100, nsqd: "nsqd1", topic: TOPIC, do: "create" },
    { atMs: 500, nsqd: "nsqd1", topic: TOPIC, channel: "billing", do: "create" },
  ],
  faults: [
    {
      trigger: { atMs: 29_050 },
      do: { kind: "kill", process: "nsqd1", powerLoss: true, tornTail: true, restartAfterMs: 1_000 },
    },
  ],
  expect: {
    verdicts: { P1: "pass", P2: "pass", P3: "pass", P17: "pass" },
    losses: { "unsynced-at-power-loss": { min: 1, max: 110 } },
    duplicates: {},
    published: 2_900,
    delivered: { min: 2_780, max: 2_899 },
    faultsFired: 1,
  },
};
