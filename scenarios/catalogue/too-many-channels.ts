/**
 * 300 channels on one nsqd: does it notice in time that a handler is over its time?
 *
 * nsqd 1.3 looks at the deadlines of 20 channels chosen at random, ten times a second. With 300 channels each gets its
 * turn every 1.5 s on average, some after five (nsqd-semantics §3); with 600, twice that. A handler that takes two seconds
 * of the one it has is run again at once by exact timers; here every other FIN comes before nsqd has noticed, and counts.
 * `queue-scan-selection-count` 300 gives nearly the exact behaviour, for 300 looks each 100 ms.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

const OTHERS = Array.from({ length: 299 }, (_, index) => `other${index}`);

export const tooManyChannels: Scenario = {
  name: "too-many-channels",
  catalogue: "S24",
  question: "300 channels on one nsqd: does it notice in time that a handler is over its time?",
  answer:
    "No: it looks at 20 of them at a time. Half the messages that are a second late are finished before it notices.",
  seed: 24,
  durationMs: 40_000,
  recoveryMs: 120_000,
  nsqd: [{ name: "nsqd1", profile: "nsqd-1.3" }],
  producers: [standardProducer(300, { startMs: 8_000, everyMs: 100 })],
  consumers: [
    standardConsumer("c1", "billing", {
      maxInFlight: 100,
      handler: [{ when: { attempts: 1 }, takeMs: 2_000 }],
      config: { msg_timeout: "1s" },
    }),
  ],
  operations: [
    { atMs: 500, nsqd: "nsqd1", topic: "elsewhere", do: "create" },
    ...OTHERS.map(
      (channel, index) => ({ atMs: 1_000 + index, nsqd: "nsqd1", topic: "elsewhere", channel, do: "create" }) as const,
    ),
  ],
  expect: {
    verdicts: { P2: "pass", P6: "pass", P7: "pass", P17: "pass" },
    duplicates: { timeout: { min: 60, max: 240 } },
    published: 300,
    faultsFired: 0,
  },
};
