/**
 * The handler needs 61 s and the message timeout is 60 s: how often does the work get done?
 *
 * nsqd gives the message to the next ready consumer at its deadline while the first still works on it; the first one's
 * FIN comes a second too late and is refused with E_FIN_FAILED. After five attempts the client gives up and finishes
 * the message without handling it, although it was handled five times (client-semantics §3.6, surprise 73).
 * Unless a rerun lands on the connection of the run before it: ids are per message, not per delivery, so the late FIN
 * then finishes the rerun. With three consumers that is one chance in three at each rerun.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const handlerSlowerThanTimeout: Scenario = {
  name: "handler-slower-than-timeout",
  catalogue: "S09",
  question: "When the handler takes a second longer than the message timeout, how often is the work done?",
  answer:
    "Up to five times, on several consumers at once, each success refused with E_FIN_FAILED; then the message is " +
    "given up as failed. A rerun that lands on the connection of the run before it ends the chain early.",
  seed: 9,
  durationMs: 370_000,
  recoveryMs: 10_000,
  nsqd: [{ name: "nsqd1", profile: "nsqd-1.3" }],
  producers: [standardProducer(12)],
  consumers: ["c1", "c2", "c3"].map((name) => standardConsumer(name, "billing", { handler: [{ takeMs: 61_000 }] })),
  expect: {
    verdicts: { P5: "pass", P6: "pass", P8: "pass", P17: "pass" },
    // Twelve messages, each rerun at least once and delivered at most six times.
    duplicates: { timeout: { min: 12, max: 60 } },
    losses: { "given-up": { min: 1, max: 12 } },
    published: 12,
    delivered: { min: 24, max: 72 },
    unknownPublishes: 0,
    faultsFired: 0,
  },
};
