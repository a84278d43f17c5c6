/**
 * nsqd runs out of file descriptors while it works off a backlog: is a file that cannot be opened a bad file?
 *
 * To go-diskqueue every error of a read is: the file is renamed to `.bad` and passed over, whole and healthy as it is, and
 * so are those behind it, one after the other (surprise 26, go-diskqueue 1). Their messages stay on disk, and nobody
 * delivers them. The profile `exact` asks again a second later. Files of 10 kB hold 106 messages each, so that the reader
 * needs a new one every two seconds.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer, TOPIC } from "./standard.ts";

const options = { "mem-queue-size": 0, "max-bytes-per-file": 10_000 };
const nsqds = ["nsqd1", "nsqd2"];

export const noDescriptorsToRead: Scenario = {
  name: "no-descriptors-to-read",
  catalogue: "S39",
  question: "nsqd has no file descriptor left when it comes to the next file of a backlog: what becomes of the rest?",
  answer: "nsqd 1.3 renames every file that is left to .bad and forgets it. With the profile exact it waits a second.",
  seed: 39,
  durationMs: 20_000,
  recoveryMs: 10_000,
  nsqd: [
    { name: "nsqd1", profile: "nsqd-1.3", options },
    { name: "nsqd2", profile: "exact", options },
  ],
  producers: [standardProducer(300), standardProducer(300, {}, { name: "p2", nsqd: ["nsqd2"] })],
  consumers: nsqds.map((nsqd, index) =>
    standardConsumer(`c${index + 1}`, "mail", { nsqd: [nsqd], startMs: 10_000, maxInFlight: 1 }),
  ),
  operations: nsqds.flatMap((nsqd) => [
    { atMs: 50, nsqd, topic: TOPIC, do: "create" as const },
    { atMs: 100, nsqd, topic: TOPIC, channel: "mail", do: "create" as const },
  ]),
  faults: nsqds.map((process) => ({
    trigger: { atMs: 11_500 },
    do: { kind: "no-descriptors", process, forMs: 3_000 },
  })),
  expect: {
    verdicts: { P1: "pass", P2: "pass", P17: "pass" },
    losses: { "damaged-file": { min: 80, max: 200 } },
    duplicates: {},
    published: 600,
    unknownPublishes: 0,
    faultsFired: 2,
  },
};
