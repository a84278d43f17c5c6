/**
 * A handler works for 16 minutes and sends TOUCH every 50 s: does it keep the message?
 *
 * TOUCH restarts the full message timeout, but never beyond the delivery plus max-msg-timeout, 15 minutes; from then on
 * it stops helping without any error (nsqd-semantics §2, surprise 8). Each message is delivered again at 15 minutes, to
 * the same consumer, which finishes the rerun at once; the TOUCH and the FIN of the first run are then refused.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const touchToTheCeiling: Scenario = {
  name: "touch-to-the-ceiling",
  catalogue: "S10",
  question: "Can a handler keep a message for ever by sending TOUCH in time?",
  answer:
    "No: max-msg-timeout, 15 minutes after the delivery, is a ceiling. TOUCH does not say that it stopped helping.",
  seed: 10,
  durationMs: 970_000,
  recoveryMs: 10_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [standardProducer(5)],
  consumers: [
    standardConsumer("c1", "billing", {
      handler: [{ when: { attempts: 1 }, takeMs: 960_000, touchEveryMs: 50_000 }, { takeMs: 20 }],
    }),
  ],
  expect: {
    verdicts: { P2: "pass", P6: "pass", P17: "pass" },
    duplicates: { timeout: 5 },
    published: 5,
    delivered: 10,
    unknownPublishes: 0,
    faultsFired: 0,
  },
};
