/**
 * An nsqd's machine drops every SYN: how long does each publish to it take to fail?
 *
 * A dead process refuses, a dead machine says nothing. A producer waits out its dial timeout, one second, for the first
 * message that finds no connection; those behind it wait with it. Then the pool tries another nsqd, and the next message
 * in turn waits again: nothing remembers that the last dial failed (go-nsq has no connection back-off of its own).
 *
 * Half of 2,000 publishes are stalled so for twenty seconds, and all of them arrive.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

const NSQDS = ["nsqd1", "nsqd2"];

export const blackholedConnect: Scenario = {
  name: "blackholed-connect",
  catalogue: "S08",
  question: "An nsqd's machine drops every SYN: how long does each publish to it take to fail?",
  answer: "A dial timeout, 1 s, again and again: refusing is told at once, silence is not, and nothing remembers it.",
  seed: 8,
  durationMs: 30_000,
  recoveryMs: 80_000,
  nsqd: NSQDS.map((name) => ({ name })),
  producers: [
    standardProducer(2_400, {}, { nsqd: NSQDS, retry: { onError: true, onUnknown: true, delayMs: 10, limit: 50 } }),
  ],
  consumers: [standardConsumer("c1", "billing", { nsqd: NSQDS, maxInFlight: 20 })],
  faults: [
    { trigger: { atMs: 5_000 }, do: { kind: "hang-connect", link: ["p1", "nsqd1"], forMs: 20_000 } },
    { trigger: { atMs: 5_000 }, do: { kind: "reset", link: ["p1", "nsqd1"] } },
  ],
  expect: {
    verdicts: { P2: "pass", P7: "pass", P17: "pass" },
    // About a thousand stalled publishes, and as many whose next turn stalls as well.
    published: { min: 3_200, max: 4_600 },
    delivered: { min: 2_400, max: 2_402 },
    duplicates: { "producer-retry": { max: 2 } },
    unknownPublishes: { max: 2 },
    faultsFired: 2,
  },
};
