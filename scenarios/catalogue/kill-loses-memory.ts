/**
 * kill -9 of an nsqd with a memory queue: what is left of the messages it has said OK to?
 *
 * With the default `--mem-queue-size` of 10,000 nothing of a backlog of 5,000 is ever written to disk: OK means accepted
 * in memory (nsqd-semantics §10.2, surprise 18). The channel is there, so that it was owed each of them. 100 messages
 * published after the restart show that it works.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer, TOPIC } from "./standard.ts";

export const killLosesMemory: Scenario = {
  name: "kill-loses-memory",
  catalogue: "S31",
  question: "nsqd has said OK to 5,000 messages and is killed: how many are there after the restart?",
  answer: "None. They fitted into the memory queue, so none was ever written to disk.",
  seed: 31,
  durationMs: 75_000,
  recoveryMs: 10_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [
    {
      ...standardProducer(0),
      workload: [
        { topic: TOPIC, startMs: 2_000, count: 5_000, everyMs: 10 },
        { topic: TOPIC, startMs: 65_000, count: 100, everyMs: 10 },
      ],
    },
  ],
  consumers: [standardConsumer("c1", "billing", { startMs: 63_000 })],
  operations: [{ atMs: 1_000, nsqd: "nsqd1", topic: TOPIC, channel: "billing", do: "create" }],
  faults: [{ trigger: { atMs: 60_000 }, do: { kind: "kill", process: "nsqd1", restartAfterMs: 1_000 } }],
  expect: {
    verdicts: { P1: "pass", P2: "pass", P3: "pass", P17: "pass" },
    losses: { "memory-at-kill": 5_000 },
    duplicates: {},
    published: 5_100,
    delivered: 100,
    unknownPublishes: 0,
    faultsFired: 1,
  },
};
