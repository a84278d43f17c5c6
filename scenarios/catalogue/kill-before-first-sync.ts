/**
 * kill -9 within two seconds of the first write, everything on disk: what is left, and what comes back later?
 *
 * nsqd 1.3 writes the state of a disk queue with its first sync, up to 2 s after the first record. Killed before, it finds
 * no state, begins anew and writes over the old bytes (diskqueue §11, surprises 19 and 19a). Three messages later it is
 * stopped cleanly; at the next start the file is longer than its state says, the reader runs on behind the three, and 997
 * of the lost messages are back. nsqd2, with the profile `exact`, has the state before the first record and loses nothing.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, TOPIC } from "./standard.ts";

const workload = [
  { topic: TOPIC, startMs: 200, count: 1_000, everyMs: 1 },
  { topic: TOPIC, startMs: 5_000, count: 3, everyMs: 10 },
] as const;

export const killBeforeFirstSync: Scenario = {
  name: "kill-before-first-sync",
  catalogue: "S33",
  question: "nsqd keeps everything on disk and is killed before its first sync: what is left of 1,000 messages?",
  answer: "With nsqd 1.3 nothing, until a clean restart brings 997 of them back. With the profile exact all of them.",
  seed: 33,
  durationMs: 20_000,
  recoveryMs: 10_000,
  nsqd: [
    { name: "nsqd1", profile: "nsqd-1.3", options: { "mem-queue-size": 0 } },
    { name: "nsqd2", profile: "exact", options: { "mem-queue-size": 0 } },
  ],
  producers: [
    { name: "p1", nsqd: ["nsqd1"], workload },
    { name: "p2", nsqd: ["nsqd2"], workload },
  ],
  consumers: [standardConsumer("c1", "billing", { nsqd: ["nsqd1", "nsqd2"], startMs: 12_000, maxInFlight: 50 })],
  operations: [
    { atMs: 20, nsqd: "nsqd1", topic: TOPIC, do: "create" },
    { atMs: 20, nsqd: "nsqd2", topic: TOPIC, do: "create" },
    { atMs: 100, nsqd: "nsqd1", topic: TOPIC, channel: "billing", do: "create" },
    { atMs: 100, nsqd: "nsqd2", topic: TOPIC, channel: "billing", do: "create" },
  ],
  faults: [
    { trigger: { atMs: 1_500 }, do: { kind: "kill", process: "nsqd1", restartAfterMs: 1_000 } },
    { trigger: { atMs: 1_500 }, do: { kind: "kill", process: "nsqd2", restartAfterMs: 1_000 } },
    { trigger: { atMs: 9_000 }, do: { kind: "stop", process: "nsqd1", restartAfterMs: 1_000 } },
    { trigger: { atMs: 9_000 }, do: { kind: "stop", process: "nsqd2", restartAfterMs: 1_000 } },
  ],
  expect: {
    verdicts: { P1: "pass", P2: "pass", P3: "pass", P17: "pass" },
    losses: { "ignored-file": 3 },
    duplicates: {},
    published: 2_006,
    delivered: 2_003,
    unknownPublishes: 0,
    faultsFired: 4,
  },
};
