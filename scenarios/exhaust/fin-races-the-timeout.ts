import type { Scenario } from "../../sim/scenario/types.ts";
import { smallConsumer, smallWorld } from "./small.ts";

/** The FIN leaves just before the deadline; after it, the same connection may have the message again. */
export const finRacesTheTimeout: Scenario = {
  ...smallWorld(1),
  name: "fin-races-the-timeout",
  question: "FIN and timeout race: who wins, and does a late FIN ever end a delivery that it does not belong to?",
  durationMs: 3_500,
  consumers: [smallConsumer("c1", { handler: [{ takeMs: 900 }] }), smallConsumer("c2", { handler: [{ takeMs: 900 }] })],
  exhaust: { holds: 4 },
};
