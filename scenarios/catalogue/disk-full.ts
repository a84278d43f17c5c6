/**
 * The disk fills up while one of two channels is behind: who is told, and who loses?
 *
 * Each channel takes its copy from the topic: `billing` is drained at once, `mail` has nobody and spills to disk. nsqd 1.3
 * has said OK by then: what the full disk refuses is logged, dropped from that channel and from no other, and the health
 * is back to OK with the next write of any queue (surprises 14, 29; nsq 594, 1231). The profile `exact` holds what it
 * could not write and tries again, and lets the topic take no more than its memory holds: producers get E_PUB_FAILED.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer, TOPIC } from "./standard.ts";

const options = { "mem-queue-size": 50 };
const nsqds = ["nsqd1", "nsqd2"];
const retry = { onError: true, onUnknown: true, delayMs: 500, limit: 20 };

export const diskFull: Scenario = {
  name: "disk-full",
  catalogue: "S37",
  question: "The disk is full for five seconds while one channel has a backlog: who is told, and what is lost?",
  answer: "nsqd 1.3 answers OK and drops from that channel what does not fit. With the profile exact nothing is lost.",
  seed: 37,
  durationMs: 15_000,
  recoveryMs: 20_000,
  nsqd: [
    { name: "nsqd1", profile: "nsqd-1.3", options },
    { name: "nsqd2", profile: "exact", options },
  ],
  producers: [standardProducer(800, {}, { retry }), standardProducer(800, {}, { name: "p2", nsqd: ["nsqd2"], retry })],
  consumers: [
    standardConsumer("c1", "billing", { nsqd: nsqds }),
    standardConsumer("c2", "mail", { nsqd: nsqds, startMs: 11_000 }),
  ],
  operations: nsqds.flatMap((nsqd) => [
    { atMs: 50, nsqd, topic: TOPIC, do: "create" as const },
    { atMs: 100, nsqd, topic: TOPIC, channel: "mail", do: "create" as const },
  ]),
  faults: nsqds.map((process) => ({
    trigger: { atMs: 4_000 },
    do: { kind: "disk-full", process, forMs: 5_000 },
  })),
  expect: {
    verdicts: { P1: "pass", P2: "pass", P16: "pass", P17: "pass" },
    losses: { "disk-error": { min: 450, max: 500 } },
    duplicates: {},
    delivered: { min: 2_700, max: 2_750 },
    unknownPublishes: { min: 1 },
    faultsFired: 2,
  },
};
