/**
 * Two nsqds in containers advertise their names. The name of one resolves only inside: consumers on the host find it and
 * cannot reach it.
 *
 * nsqlookupd tells everybody the same `broadcast_address` (client semantics §3.2). The consumer inside gets everything.
 * The one on the host dials with every poll, in vain, and gets half of the messages; nothing fails, nothing is lost: the
 * depth of its channel on that nsqd is the only sign. When the name resolves, it drains.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer, TOPIC } from "./standard.ts";

const NSQDS = ["nsqd1", "nsqd2"];

export const addressKnownOnlyInside: Scenario = {
  name: "address-known-only-inside",
  catalogue: "S19",
  question: "An nsqd advertises a name that does not resolve for one consumer: what does that one get?",
  answer:
    "Half: it finds the nsqd and dials in vain, again and again. The depth of its channel there is the only sign.",
  seed: 19,
  durationMs: 60_000,
  recoveryMs: 60_000,
  nsqlookupd: [{ name: "nsqlookupd1" }],
  nsqd: NSQDS.map((name) => ({ name, lookupd: ["nsqlookupd1"] })),
  producers: [standardProducer(1_000, { startMs: 7_000 }, { nsqd: NSQDS })],
  consumers: [finding("inside", "billing"), finding("host", "shipping")],
  operations: [
    ...NSQDS.map((nsqd) => ({ atMs: 500, nsqd, topic: TOPIC, do: "create" }) as const),
    // What nobody ever asked for would be kept for nobody.
    { atMs: 1_000, nsqd: "nsqd2", topic: TOPIC, channel: "shipping", do: "create" },
  ],
  faults: [{ trigger: { atMs: 0 }, do: { kind: "unresolvable", process: "host", of: "nsqd2" } }],
  expect: {
    verdicts: { P2: "pass", P10: "pass", P17: "pass", P18: "pass" },
    published: 1_000,
    delivered: 2_000,
    duplicates: {},
    losses: {},
    late: { "no-connection": { min: 490, max: 510 } },
    unknownPublishes: 0,
    faultsFired: 1,
  },
};

function finding(name: string, channel: string) {
  return standardConsumer(name, channel, {
    nsqd: [],
    lookupd: ["nsqlookupd1"],
    config: { lookupd_poll_interval: "2s" },
  });
}
