/**
 * Of two nsqlookupds one dies for good, and the other is restarted and has forgotten everything.
 *
 * What is connected stays connected: delivery goes on. The restarted nsqlookupd is empty until nsqd's second ping, which
 * connects anew and registers everything: 15 to 30 s (nsqlookupd §A3). nsqd pings at 30 s and at 45 s. A consumer that starts in between asks for a
 * topic that nobody knows, and finds its nsqd when it asks again after that.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

const LOOKUPDS = ["nsqlookupd1", "nsqlookupd2"];

export const lookupdRestartsEmpty: Scenario = {
  name: "lookupd-restarts-empty",
  catalogue: "S16",
  question: "One nsqlookupd dies, the other comes back with no memory: who still finds his nsqd?",
  answer:
    "Whoever is connected notices nothing. A new consumer finds nothing until nsqd has registered again, 15 to 30 s later.",
  seed: 16,
  durationMs: 60_000,
  recoveryMs: 20_000,
  nsqlookupd: LOOKUPDS.map((name) => ({ name })),
  nsqd: [{ name: "nsqd1", lookupd: LOOKUPDS }],
  producers: [standardProducer(5_500)],
  consumers: [
    finding("old1", "billing", 0),
    // Its nsqlookupd has come back one second ago.
    finding("new1", "shipping", 22_000),
  ],
  faults: [
    { trigger: { atMs: 10_000 }, do: { kind: "kill", process: "nsqlookupd1" } },
    { trigger: { atMs: 20_000 }, do: { kind: "kill", process: "nsqlookupd2", restartAfterMs: 1_000 } },
  ],
  expect: {
    verdicts: { P2: "pass", P10: "pass", P17: "pass", P18: "pass" },
    published: 5_500,
    // All on billing; on shipping what comes after nsqd1's ping at 45 s: 12 s of the stream, less until new1 asks again.
    delivered: { min: 5_500 + 1_000, max: 5_500 + 1_200 },
    duplicates: {},
    losses: {},
    unknownPublishes: 0,
    faultsFired: 2,
  },
};

function finding(name: string, channel: string, startMs: number) {
  return standardConsumer(name, channel, { nsqd: [], lookupd: LOOKUPDS, startMs });
}
