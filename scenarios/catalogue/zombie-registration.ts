/**
 * An nsqd stands still for six minutes (a machine in swap, a hypervisor that pauses it), and nsqlookupd goes on naming it.
 *
 * Its connections stay open, so that only its silence tells: after `inactive-producer-timeout` (300 s) it is named no more
 * (nsqlookupd §A3). Until then every consumer that has given up its own connection after 60 s asks again, is told of it,
 * and dials in vain: the kernel takes the connection, nobody answers, and another 60 s are gone. What it holds comes when it runs again.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer, TOPIC } from "./standard.ts";

const NSQDS = ["nsqd1", "nsqd2"];

export const zombieRegistration: Scenario = {
  name: "zombie-registration",
  catalogue: "S17",
  question: "An nsqd stands still for six minutes: how long do consumers try to reach it?",
  answer: "Five minutes: so long nsqlookupd names it. They dial in vain, again and again; what it holds waits for it.",
  seed: 17,
  durationMs: 400_000,
  recoveryMs: 90_000,
  nsqlookupd: [{ name: "nsqlookupd1" }],
  nsqd: NSQDS.map((name) => ({ name, lookupd: ["nsqlookupd1"] })),
  producers: [
    standardProducer(350, { everyMs: 1_000 }),
    {
      name: "p2",
      nsqd: ["nsqd2"],
      workload: [
        { topic: TOPIC, startMs: 2_000, count: 800, everyMs: 10 },
        { topic: TOPIC, startMs: 60_000, count: 1, everyMs: 0 },
      ],
    },
  ],
  consumers: [
    standardConsumer("c1", "billing", {
      nsqd: [],
      lookupd: ["nsqlookupd1"],
      startMs: 1_000,
      // Fifty a second, half of what comes: much is left when nsqd2 stands still.
      handler: [{ takeMs: 200 }],
      config: { lookupd_poll_interval: "15s" },
    }),
  ],
  operations: NSQDS.map((nsqd) => ({ atMs: 500, nsqd, topic: TOPIC, do: "create" })),
  faults: [{ trigger: { atMs: 10_000 }, do: { kind: "pause", process: "nsqd2", forMs: 360_000 } }],
  expect: {
    verdicts: { P2: "pass", P17: "pass", P18: "pass" },
    published: 1_151,
    losses: {},
    // All that waits at nsqd2 when it stands still.
    late: { fault: { min: 500 }, queueing: { max: 400 } },
    // It waits for an answer until its read timeout.
    unknownPublishes: 1,
    faultsFired: 1,
  },
};
