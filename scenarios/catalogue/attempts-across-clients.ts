/**
 * Three libraries share a channel: go-nsq and pynsq give a message up after five attempts, nsqjs by default never does.
 * One order in ten fails always.
 *
 * The limit is the client's, not the queue's: who receives the sixth attempt decides. Some orders are dropped there,
 * others go on until a client with a limit happens to get them (client-semantics §4, need 22).
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

const handler = [{ when: { everyNth: 10 }, takeMs: 20, outcome: "fail" }, { takeMs: 20 }] as const;
const config = { max_backoff_duration: "0s", default_requeue_delay: "100ms" };

export const attemptsAcrossClients: Scenario = {
  name: "attempts-across-clients",
  catalogue: "S58",
  question: "Clients with different limits of attempts share a channel: when is a poisoned message given up?",
  answer: "When chance hands its sixth or a later attempt to a client that has a limit.",
  seed: 58,
  durationMs: 20_000,
  recoveryMs: 60_000,
  nsqd: [{ name: "nsqd1" }],
  producers: [standardProducer(200)],
  consumers: [
    standardConsumer("gonsq", "billing", { maxAttempts: 5, handler, config }),
    standardConsumer("pynsq", "billing", { maxAttempts: 5, handler, config }),
    standardConsumer("nsqjs", "billing", { maxAttempts: 0, handler, config }),
  ],
  expect: {
    verdicts: { P2: "pass", P8: "pass", P11: "pass", P17: "pass" },
    duplicates: { requeue: { min: 101 } },
    losses: { "given-up": 20 },
    published: 200,
    delivered: { min: 301 },
    unknownPublishes: 0,
    faultsFired: 0,
  },
};
