/**
 * Orders that nobody can handle are put aside. Here the consumer publishes the dead letter first, and finishes the order
 * when it has the OK; without OK the order goes back into its queue.
 *
 * Nothing is lost while the nsqd of the dead letters is down. The price is a dead letter that may be there twice, when
 * only its OK is lost.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { DEAD_LETTER_WORLD, deadLetterConsumer } from "./standard.ts";

export const deadLetterBeforeFinish: Scenario = {
  name: "dead-letter-before-finish",
  catalogue: "S47b",
  question: "A consumer finishes a poisoned order only when its dead letter is stored: can one be lost?",
  answer: "No: it stays in its queue until the nsqd of the dead letters is back.",
  seed: 47,
  ...DEAD_LETTER_WORLD,
  consumers: [deadLetterConsumer("c1", "publish-first"), ...DEAD_LETTER_WORLD.consumers],
  expect: {
    ...DEAD_LETTER_WORLD.expect,
    verdicts: { P2: "pass", P15: "pass", P17: "pass" },
  },
};
