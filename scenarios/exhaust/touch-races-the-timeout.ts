import type { Scenario } from "../../sim/scenario/types.ts";
import { smallConsumer, smallWorld } from "./small.ts";

/** A handler of 1.5 s under a timeout of 1 s lives by its TOUCHes; each may come too late. */
export const touchRacesTheTimeout: Scenario = {
  ...smallWorld(1),
  name: "touch-races-the-timeout",
  question: "A slow handler TOUCHes, and each TOUCH may come too late: is a message ever with two at once, or lost?",
  durationMs: 3_000,
  consumers: [smallConsumer("c1", { handler: [{ takeMs: 1_500, touchEveryMs: 600 }] }), smallConsumer("c2")],
  exhaust: { holds: 4 },
};
