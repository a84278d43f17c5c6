/**
 * A consumer dies with ten messages in its handlers: when does another consumer get them?
 *
 * Not when nsqd sees the connection close: RemoveClient leaves the in-flight set alone (nsqd-semantics §2, surprise 1).
 * Each message waits for its own deadline, 60 s after it was sent. C1's handlers take 30 s, so it fills up to its
 * max-in-flight of 10 in the first moments and still holds all ten when it is killed at 5 s. C2 gets them at about 61 s.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const consumerCrashMidHandler: Scenario = {
  name: "consumer-crash-mid-handler",
  catalogue: "S02",
  question: "When a consumer dies with ten messages in its handlers, when does another consumer get them?",
  answer:
    "At each message's own deadline, about 60 s after it was sent, not when the connection closes: nsqd requeues " +
    "nothing at a disconnect.",
  seed: 2,
  durationMs: 65_000,
  recoveryMs: 10_000,
  nsqd: [{ name: "nsqd1", profile: "nsqd-1.3" }],
  producers: [standardProducer(1_000)],
  consumers: [standardConsumer("c1", "billing", { handler: [{ takeMs: 30_000 }] }), standardConsumer("c2", "billing")],
  faults: [{ trigger: { atMs: 5_000 }, do: { kind: "kill", process: "c1" } }],
  expect: {
    verdicts: { P2: "pass", P5: "pass", P6: "pass", P7: "pass", P17: "pass" },
    duplicates: { "consumer-crash": 10 },
    published: 1_000,
    delivered: 1_010,
    unknownPublishes: 0,
    faultsFired: 1,
  },
};
