/**
 * A paused channel and a paused topic, then kill -9: what is left when nsqd comes back?
 *
 * The flags: pause is answered only after nsqd.dat is on disk (nsqd-semantics §7, §11), so that both are still paused.
 * The messages are not: with the memory queue, what waited in the channel (published from 5 s to 10 s) and in the topic
 * (10 s to 12 s) is gone, 700 at 100 a second. What is published after the restart, from 20 s to 24 s, waits in the paused
 * topic until the operator unpauses both at 60 s.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, TOPIC } from "./standard.ts";

export const pauseSurvivesKill: Scenario = {
  name: "pause-survives-kill",
  catalogue: "S28",
  question: "A channel and a topic are paused when nsqd is killed: what is left after the restart?",
  answer: "The pause flags, which are in nsqd.dat. Not the messages: what waited in memory is lost.",
  seed: 28,
  durationMs: 65_000,
  recoveryMs: 30_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [
    {
      name: "p1",
      nsqd: ["nsqd1"],
      workload: [
        { topic: TOPIC, startMs: 2_000, count: 1_000, everyMs: 10 },
        { topic: TOPIC, startMs: 20_000, count: 400, everyMs: 10 },
      ],
    },
  ],
  consumers: [standardConsumer("c1", "billing")],
  operations: [
    { atMs: 5_000, nsqd: "nsqd1", topic: TOPIC, channel: "billing", do: "pause" },
    { atMs: 10_000, nsqd: "nsqd1", topic: TOPIC, do: "pause" },
    { atMs: 60_000, nsqd: "nsqd1", topic: TOPIC, channel: "billing", do: "unpause" },
    { atMs: 60_000, nsqd: "nsqd1", topic: TOPIC, do: "unpause" },
  ],
  faults: [{ trigger: { atMs: 12_000 }, do: { kind: "kill", process: "nsqd1", restartAfterMs: 1_000 } }],
  expect: {
    verdicts: { P2: "pass", P3: "pass", P9: "pass", P17: "pass" },
    losses: { "memory-at-kill": { min: 697, max: 703 } },
    // Had a flag not survived, what was published after the restart would have been delivered at once.
    late: { paused: { min: 100, max: 400 } },
    published: 1_400,
    delivered: { min: 697, max: 703 },
    unknownPublishes: { max: 1 },
    faultsFired: 1,
  },
};
