/**
 * kill -9 of an nsqd without a memory queue, in a steady flow, just before a sync: what is lost, what comes twice?
 *
 * With `--mem-queue-size=0` every message is in a file before its OK. What was handed over since the last sync (2 s or
 * 2,500 operations, diskqueue §9) comes again, also what was finished: the saved read position is that old. What was in
 * flight and taken before that sync is lost: it was in memory only (surprises 19, 22).
 * 100 messages a second: between 61.9 s and the sync at 60 s lie about 190. Handlers of 20 ms keep few in flight, and all
 * of these were taken after the sync, so nothing is lost here.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

export const killKeepsTheDisk: Scenario = {
  name: "kill-keeps-the-disk",
  catalogue: "S32",
  question: "nsqd keeps everything on disk and is killed just before a sync: what is lost, and what comes twice?",
  answer: "Nothing that was waiting is lost. What was delivered since the last sync comes again, finished or not.",
  seed: 32,
  durationMs: 70_000,
  recoveryMs: 20_000,
  nsqd: [{ name: "nsqd1", options: { "mem-queue-size": 0 } }],
  producers: [standardProducer(5_980)],
  consumers: [standardConsumer("c1", "billing", { maxInFlight: 50 })],
  faults: [{ trigger: { atMs: 61_900 }, do: { kind: "kill", process: "nsqd1", restartAfterMs: 1_000 } }],
  expect: {
    verdicts: { P1: "pass", P2: "pass", P3: "pass", P4: "pass", P17: "pass" },
    losses: {},
    duplicates: { "crash-replay": { min: 150, max: 250 } },
    published: 5_980,
    unknownPublishes: 0,
    faultsFired: 1,
  },
};
