/**
 * A late FIN of the first run arrives while the second run works: which run does it finish?
 *
 * Ids are per message, not per delivery. The rerun went to the same connection, so at 65 s the first handler's FIN
 * names a message that is in flight to it: accepted. The message is done while the second handler still works; that one
 * fails, and its REQ is refused with E_REQ_FAILED: nobody will retry what the second run left half done
 * (derived from nsqd-semantics §2; guarantees §2.1 ownership).
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const lateFinFinishesSecondRun: Scenario = {
  name: "late-fin-finishes-second-run",
  catalogue: "S11",
  question: "When a FIN comes late, while the message runs again on the same connection, which run does it finish?",
  answer: "The second. Its handler goes on working on a finished message, and when it fails, its REQ is refused.",
  seed: 11,
  durationMs: 80_000,
  recoveryMs: 10_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [standardProducer(1)],
  consumers: [
    standardConsumer("c1", "billing", {
      maxInFlight: 2,
      concurrency: 2,
      handler: [
        { when: { attempts: 1 }, takeMs: 65_000 },
        { takeMs: 10_000, outcome: "fail" },
      ],
    }),
  ],
  expect: {
    verdicts: { P4: "pass", P6: "pass", P17: "pass" },
    duplicates: { timeout: 1 },
    published: 1,
    delivered: 2,
    unknownPublishes: 0,
    faultsFired: 0,
  },
};
