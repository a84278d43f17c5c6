/**
 * nsqd is started again with smaller files than it has on disk: does it still find what is in them?
 *
 * Versions of go-diskqueue before 1.1 took `max-bytes-per-file` for the end of every file that is complete, and read a
 * larger one as if it had ended there: a negative depth, and messages gone (nsq 1033, 1491). Since then the real size of
 * the file is its end (diskqueue §5, §6). The backlog of 500 lies in one file of 47 kB when the limit becomes 2 kB.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer, TOPIC } from "./standard.ts";

const options = { "mem-queue-size": 0 };
const nsqds = ["nsqd1", "nsqd2"];

export const smallerFilesAfterRestart: Scenario = {
  name: "smaller-files-after-restart",
  catalogue: "S40",
  question: "A backlog lies in a file of 47 kB, and nsqd is started again with files of 2 kB: is any of it lost?",
  answer: "No. A complete file ends where it ends, and new messages begin a file of the new size.",
  seed: 40,
  durationMs: 15_000,
  recoveryMs: 10_000,
  nsqd: [
    { name: "nsqd1", profile: "nsqd-1.3", options },
    { name: "nsqd2", profile: "exact", options },
  ],
  producers: [standardProducer(700), standardProducer(700, {}, { name: "p2", nsqd: ["nsqd2"] })],
  consumers: [standardConsumer("c1", "billing", { nsqd: nsqds, startMs: 11_000, maxInFlight: 50 })],
  operations: nsqds.flatMap((nsqd) => [
    { atMs: 50, nsqd, topic: TOPIC, do: "create" as const },
    { atMs: 100, nsqd, topic: TOPIC, channel: "billing", do: "create" as const },
  ]),
  faults: nsqds.map((process) => ({
    trigger: { atMs: 7_000 },
    do: { kind: "stop", process, restartAfterMs: 10, restartWith: { options: { "max-bytes-per-file": 2_000 } } },
  })),
  expect: {
    verdicts: { P1: "pass", P2: "pass", P16: "pass", P17: "pass" },
    losses: {},
    duplicates: {},
    published: 1_400,
    faultsFired: 2,
  },
};
