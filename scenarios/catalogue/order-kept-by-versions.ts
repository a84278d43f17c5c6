/**
 * Two consumers handle the orders of each customer as they come; the store has the number of the newest it has seen of
 * each customer, and refuses what is older.
 *
 * An order that never comes holds nobody up, and one that comes late does not undo a later one: it has no effect at all.
 * That is right for a state of which the newest counts, and wrong for events that must all be counted.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { ordersWithKeys, standardConsumer } from "./standard.ts";

const handler = [
  { when: { everyNth: 9, attempts: 1 }, takeMs: 5, outcome: "fail" },
  { takeMs: { uniform: [5, 60] }, effect: { dedup: "versioned", store: "redis" } },
] as const;
const config = { max_backoff_duration: "0s", default_requeue_delay: "200ms" };

export const orderKeptByVersions: Scenario = {
  name: "order-kept-by-versions",
  catalogue: "S49b",
  question: "A store refuses what is older than what it has of a customer: what if orders fail, overtake or are lost?",
  answer: "Effects stay in order and nothing waits; what comes too late has no effect.",
  seed: 49,
  ...ordersWithKeys(),
  stores: [{ name: "redis", takeMs: 1 }],
  consumers: [
    standardConsumer("c1", "billing", { handler, config }),
    standardConsumer("c2", "billing", { handler, config }),
  ],
  expect: {
    verdicts: { P2: "pass", P12: "pass", P17: "pass" },
    duplicates: { requeue: { min: 20 } },
    effects: { again: 0, never: { min: 20 } },
    published: 300,
    unknownPublishes: { min: 1 },
    faultsFired: 1,
  },
};
