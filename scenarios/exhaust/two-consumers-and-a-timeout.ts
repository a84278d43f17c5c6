import type { Scenario } from "../../sim/scenario/types.ts";
import { smallConsumer, smallWorld } from "./small.ts";

/**
 * Two messages, two consumers, and a network that may keep any frame and any command for as long as it likes: past the
 * first timeout, past the second, to the end.
 */
export const twoConsumersAndATimeout: Scenario = {
  ...smallWorld(2),
  name: "two-consumers-and-a-timeout",
  question: "Two consumers, two messages, answers that come before or after the timeout: does every order end well?",
  durationMs: 1_500,
  consumers: [smallConsumer("c1"), smallConsumer("c2")],
  exhaust: { holds: 20 },
};
