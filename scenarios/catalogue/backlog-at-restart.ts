/**
 * A topic with ten channels holds two messages when its nsqd is restarted.
 *
 * They are in the topic, not yet in the channels, because the topic is paused. nsqd writes them to the topic's disk queue,
 * and names topic and channels in nsqd.dat. After the restart it makes every channel before it lets the topic give anything
 * away (nsqd-semantics §11): each of the ten gets both. An nsqd that let the first channel begin would give it everything.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer, TOPIC } from "./standard.ts";

const CHANNELS = Array.from({ length: 10 }, (_, index) => `channel${index}`);

export const backlogAtRestart: Scenario = {
  name: "backlog-at-restart",
  catalogue: "S15",
  question: "A topic with ten channels has a backlog when nsqd is restarted: does each channel get it?",
  answer: "Yes: nsqd makes all the channels that nsqd.dat names before the topic gives its first message away.",
  seed: 15,
  durationMs: 15_000,
  recoveryMs: 20_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [standardProducer(2)],
  consumers: CHANNELS.map((channel, index) => standardConsumer(`c${index}`, channel)),
  operations: [
    { atMs: 1_000, nsqd: "nsqd1", topic: TOPIC, do: "pause" },
    { atMs: 10_000, nsqd: "nsqd1", topic: TOPIC, do: "unpause" },
  ],
  faults: [{ trigger: { atMs: 5_000 }, do: { kind: "stop", process: "nsqd1", restartAfterMs: 1_000 } }],
  expect: {
    verdicts: { P2: "pass", P10: "pass", P17: "pass" },
    published: 2,
    delivered: 2 * CHANNELS.length,
    duplicates: {},
    losses: {},
    unknownPublishes: 0,
    faultsFired: 1,
  },
};
