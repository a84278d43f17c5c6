/**
 * Deferred publishing into a topic that nobody consumes yet, with a small memory queue: are the delays kept?
 *
 * The delay starts when a channel gets the message; until then it waits in the topic. Records on disk hold no delay, so in
 * nsqd 1.3 only those that found room in the topic's memory are put off: about 10 of 100, and the others are delivered as
 * soon as there is a channel (nsqd-semantics §6, surprise 11). The profile `exact` holds them all in memory instead.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const delayLostOnDisk: Scenario = {
  name: "delay-lost-on-disk",
  catalogue: "S36",
  question:
    "100 messages are published with a delay of ten minutes, before there is a channel: when are they delivered?",
  answer:
    "Ten after their delay. The 90 that did not fit into the topic's memory queue at once: a disk queue keeps no delays.",
  seed: 36,
  durationMs: 60_000,
  recoveryMs: 5_000,
  nsqd: [{ name: "nsqd1", profile: "nsqd-1.3", options: { "mem-queue-size": 10 } }],
  producers: [standardProducer(100, { delayMs: 600_000 })],
  consumers: [standardConsumer("c1", "billing", { startMs: 5_000 })],
  expect: {
    verdicts: { P1: "pass", P2: "pass" },
    losses: { "still-held": 10 },
    duplicates: {},
    published: 100,
    delivered: 90,
    unknownPublishes: 0,
    faultsFired: 0,
  },
};
