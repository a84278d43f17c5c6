/**
 * A second channel appears ten seconds into the stream: what does it get?
 *
 * Only what the topic's pump copies after it exists; what was fanned out before is not replayed. A backlog that the
 * topic holds before it has any channel goes to the first channel alone (nsqd-semantics §1.2, surprise 12).
 * 1,000 of 2,000 messages are published in the first ten seconds. The consumer of the second channel starts at 10 s and
 * needs three round trips of 2..10 ms until its SUB is there: it misses up to three more.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const lateSecondChannel: Scenario = {
  name: "late-second-channel",
  catalogue: "S12",
  question: "A channel is created ten seconds into a stream: which messages does it get?",
  answer: "Exactly those fanned out after its creation. The topic's earlier backlog went to the first channel only.",
  seed: 12,
  durationMs: 22_000,
  recoveryMs: 10_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [standardProducer(2_000, { startMs: 0 })],
  consumers: [
    standardConsumer("a1", "billing", { startMs: 500 }),
    standardConsumer("b1", "shipping", { startMs: 10_000 }),
  ],
  expect: {
    verdicts: { P2: "pass", P10: "pass", P17: "pass" },
    published: 2_000,
    delivered: { min: 2_996, max: 3_000 },
    unknownPublishes: 0,
    faultsFired: 0,
  },
};
