/**
 * The store that knows which orders were charged remembers the last hundred only. Is that enough?
 *
 * A message whose FIN was lost comes again at its deadline, five seconds and five hundred orders later: forgotten. What a
 * store must remember is as long as a message may live: deadline, delays and outages included.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const dedupWindowTooShort: Scenario = {
  name: "dedup-window-too-short",
  catalogue: "S46",
  question: "A store remembers the last hundred orders: does that keep a card from being charged twice?",
  answer:
    "Not those that come again after more than a hundred others: every redelivery after a deadline is among them.",
  seed: 46,
  durationMs: 14_000,
  recoveryMs: 10_000,
  nsqd: [{ name: "nsqd1" }],
  stores: [{ name: "redis", takeMs: 1, remembers: 100 }],
  producers: [standardProducer(1_000)],
  consumers: [
    standardConsumer("c1", "billing", {
      handler: [{ takeMs: 20, effect: { dedup: "transactional", store: "redis" } }],
      config: { msg_timeout: "5s" },
    }),
  ],
  claims: { effect: "once" },
  faults: [{ trigger: { atMs: 5_000 }, do: { kind: "cut", link: ["c1", "nsqd1"], direction: "forward", forMs: 100 } }],
  expect: {
    verdicts: { P2: "pass", P13: "fail", P14: "fail", P17: "pass" },
    duplicates: { "lost-fin": { min: 5 }, "connection-loss": { min: 0 } },
    effects: { again: { min: 5 }, never: 0 },
    published: 1_000,
    unknownPublishes: 0,
    faultsFired: 1,
  },
};
