import type { Scenario } from "../../sim/scenario/types.ts";
import { backoff } from "./backoff.ts";
import { crashOfAConsumer } from "./crash-of-a-consumer.ts";
import { crashOfNsqd } from "./crash-of-nsqd.ts";
import { finRacesTheTimeout } from "./fin-races-the-timeout.ts";
import { powerLossOfNsqd } from "./power-loss-of-nsqd.ts";
import { stopOfNsqd } from "./stop-of-nsqd.ts";
import { touchRacesTheTimeout } from "./touch-races-the-timeout.ts";
import { twoChannels } from "./two-channels.ts";
import { twoConsumersAndATimeout } from "./two-consumers-and-a-timeout.ts";

/** Worlds that are small enough to make every run of them. */
export const SMALL_WORLDS: readonly Scenario[] = [
  twoConsumersAndATimeout,
  finRacesTheTimeout,
  touchRacesTheTimeout,
  twoChannels,
  backoff,
  crashOfAConsumer,
  stopOfNsqd,
  crashOfNsqd,
  powerLossOfNsqd,
];
