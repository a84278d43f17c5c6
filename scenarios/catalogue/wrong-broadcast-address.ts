/**
 * The same by configuration: an nsqd advertises the address of an interface that nobody can reach.
 *
 * There is no weather to pass: its consumer will never connect. This is what P18 and P17 are for: they fail, and say that
 * the consumer is told of nsqd2 and does not get there.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer, TOPIC } from "./standard.ts";

const NSQDS = ["nsqd1", "nsqd2"];

export const wrongBroadcastAddress: Scenario = {
  name: "wrong-broadcast-address",
  catalogue: "S19b",
  question: "An nsqd advertises an address that nobody can reach: who notices?",
  answer: "Nobody but who compares: its messages are accepted and stay there, while the consumer gets the others.",
  seed: 19,
  durationMs: 20_000,
  recoveryMs: 20_000,
  nsqlookupd: [{ name: "nsqlookupd1" }],
  nsqd: [
    { name: "nsqd1", lookupd: ["nsqlookupd1"] },
    { name: "nsqd2", lookupd: ["nsqlookupd1"], options: { "broadcast-address": "172.17.0.2" } },
  ],
  producers: [standardProducer(500, {}, { nsqd: NSQDS })],
  consumers: [
    standardConsumer("c1", "billing", {
      nsqd: [],
      lookupd: ["nsqlookupd1"],
      config: { lookupd_poll_interval: "2s" },
    }),
  ],
  operations: [
    { atMs: 500, nsqd: "nsqd2", topic: TOPIC, do: "create" },
    { atMs: 1_000, nsqd: "nsqd2", topic: TOPIC, channel: "billing", do: "create" },
  ],
  expect: {
    verdicts: { P2: "pass", P17: "fail", P18: "fail" },
    published: 500,
    delivered: { min: 245, max: 255 },
    losses: { "still-held": { min: 245, max: 255 } },
    unknownPublishes: 0,
    faultsFired: 0,
  },
};
