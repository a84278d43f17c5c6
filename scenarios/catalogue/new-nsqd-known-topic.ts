/**
 * A producer moves on to an nsqd that has never seen the topic, which two channels consume elsewhere.
 *
 * Before its first message leaves the topic, the new nsqd asks nsqlookupd for the topic's channels and creates them
 * (nsqd-semantics §1.1): neither channel misses one. The consumers learn of the nsqd when they ask nsqlookupd next
 * (client semantics §3.2), at the latest after a poll interval and its jitter: until then its messages wait.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const newNsqdKnownTopic: Scenario = {
  name: "new-nsqd-known-topic",
  catalogue: "S13",
  question: "A producer starts to use an nsqd that does not have the topic: do both channels get its messages?",
  answer: "Yes, all: nsqd creates the channels that nsqlookupd knows. They come late, when the consumers ask again.",
  seed: 13,
  durationMs: 60_000,
  recoveryMs: 30_000,
  nsqlookupd: [{ name: "nsqlookupd1" }],
  nsqd: [
    { name: "nsqd1", lookupd: ["nsqlookupd1"] },
    { name: "nsqd2", lookupd: ["nsqlookupd1"] },
  ],
  producers: [standardProducer(1_800), standardProducer(1_000, { startMs: 20_000 }, { name: "p2", nsqd: ["nsqd2"] })],
  consumers: [finding("a1", "billing"), finding("b1", "shipping")],
  expect: {
    verdicts: { P2: "pass", P10: "pass", P17: "pass", P18: "pass" },
    published: 2_800,
    delivered: 5_600,
    late: { "no-connection": { min: 1 } },
    unknownPublishes: 0,
    faultsFired: 0,
  },
};

/** It knows nsqd1; nsqd2 it has to find. */
function finding(name: string, channel: string) {
  return standardConsumer(name, channel, {
    nsqd: ["nsqd1"],
    lookupd: ["nsqlookupd1"],
    config: { lookupd_poll_interval: "15s" },
  });
}
