/**
 * The bank is down for a minute. One channel's handler waits and tries again in its own process, for 63 s in all; the
 * other's fails and lets the message come again.
 *
 * A message that is not answered within 60 s is delivered again, whatever its handler is doing: the second run charges
 * the card at once, then the first, at last successful, charges it again. REQ leaves one run at a time.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const retryInProcess: Scenario = {
  name: "retry-in-process",
  catalogue: "S52",
  question: "A handler retries within its process for longer than the message timeout: what does the card holder see?",
  answer: "Two charges, as the message timed out and ran again meanwhile; a handler that requeues charges once.",
  seed: 52,
  durationMs: 80_000,
  recoveryMs: 60_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [standardProducer(100)],
  consumers: [
    ...["i1", "i2"].map((name) =>
      standardConsumer(name, "in-process", {
        handler: [
          { when: { everyNth: 10, attempts: 1 }, takeMs: 63_000, effect: true },
          { takeMs: 20, effect: true },
        ],
      }),
    ),
    standardConsumer("r1", "requeue", {
      handler: [
        { when: { everyNth: 10, attempts: { max: 3 } }, takeMs: 20, outcome: "fail" },
        { takeMs: 20, effect: true },
      ],
      config: { max_backoff_duration: "0s", default_requeue_delay: "10s" },
    }),
  ],
  claims: { effect: "once" },
  expect: {
    verdicts: { P5: "pass", P13: "fail", P14: "fail", P17: "pass" },
    duplicates: { timeout: 10, requeue: 30 },
    effects: { happened: 210, again: 10, never: 0 },
    published: 100,
    delivered: 240,
    unknownPublishes: 0,
    faultsFired: 0,
  },
};
