/**
 * Orders that nobody can handle are put aside. Here the consumer finishes the order first, then publishes its dead letter.
 *
 * When the nsqd of the dead letters is down, the publish fails, and the order is in no queue any more.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { DEAD_LETTER_WORLD, deadLetterConsumer } from "./standard.ts";

export const deadLetterAfterFinish: Scenario = {
  name: "dead-letter-after-finish",
  catalogue: "S47a",
  question: "A consumer finishes a poisoned order, then publishes it as a dead letter: can one be lost?",
  answer: "Yes: while the nsqd of the dead letters is down, it is finished here and stored nowhere.",
  seed: 47,
  ...DEAD_LETTER_WORLD,
  consumers: [deadLetterConsumer("c1", "finish-first"), ...DEAD_LETTER_WORLD.consumers],
  expect: {
    ...DEAD_LETTER_WORLD.expect,
    verdicts: { P2: "pass", P15: "fail", P17: "pass" },
  },
};
