/**
 * The same move, but the new nsqd is cut off from nsqlookupd meanwhile.
 *
 * It waits two seconds for an answer, then the topic starts without channels and keeps its messages. When the link is
 * back, nsqd registers within 30 s (the ping that finds the connection dead only closes it), and the consumers find it.
 * The first to subscribe creates its channel and gets the whole backlog; the other channel begins with what comes after
 * it exists (nsqd-semantics §1.2): the registry is part of the delivery guarantee.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const newNsqdCutOff: Scenario = {
  name: "new-nsqd-cut-off",
  catalogue: "S14",
  question: "A producer starts to use an nsqd that cannot reach nsqlookupd: do both channels get its messages?",
  answer: "Only the channel whose consumer finds the nsqd first gets the backlog; the other never sees it.",
  seed: 14,
  durationMs: 90_000,
  recoveryMs: 90_000,
  nsqlookupd: [{ name: "nsqlookupd1" }],
  nsqd: [
    { name: "nsqd1", lookupd: ["nsqlookupd1"] },
    { name: "nsqd2", lookupd: ["nsqlookupd1"] },
  ],
  producers: [standardProducer(1_800), standardProducer(1_000, { startMs: 20_000 }, { name: "p2", nsqd: ["nsqd2"] })],
  consumers: [finding("a1", "billing"), finding("b1", "shipping")],
  faults: [{ trigger: { atMs: 15_000 }, do: { kind: "partition", link: ["nsqd2", "nsqlookupd1"] } }],
  expect: {
    verdicts: { P2: "pass", P10: "pass", P17: "pass", P18: "pass" },
    published: 2_800,
    delivered: 2 * 1_800 + 1_000,
    late: { "no-connection": { min: 1 } },
    unknownPublishes: 0,
    faultsFired: 1,
  },
};

function finding(name: string, channel: string) {
  return standardConsumer(name, channel, {
    nsqd: ["nsqd1"],
    lookupd: ["nsqlookupd1"],
    config: { lookupd_poll_interval: "15s" },
  });
}
