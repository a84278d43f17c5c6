/**
 * The disk fills up within an MPUB: all or nothing?
 *
 * An MPUB is checked as a whole and stored message by message (surprise 34). Of these 100, 40 find room; the answer is
 * E_MPUB_FAILED for all of them, and a producer that takes it at its word publishes all of them again. Nothing but the
 * content tells the first 40 from their second copies. The profile `exact` writes them together, and takes back what found
 * room when the rest does not.
 */
import type { Scenario } from "../../sim/scenario/types.ts";
import { standardConsumer, standardProducer } from "./standard.ts";

/** Of a message of 64 bytes: its length, the header of nsqd, the body. */
const RECORD_BYTES = 4 + 26 + 64;
/** `0\n0,0\n0,0\n`, which the profile exact writes before the first record. */
const STATE_BYTES = 10;

const options = { "mem-queue-size": 0 };
const nsqds = ["nsqd1", "nsqd2"];
const retry = { onError: true, onUnknown: true, delayMs: 3_000, limit: 3 };

export const mpubHalfStored: Scenario = {
  name: "mpub-half-stored",
  catalogue: "S38",
  question: "The disk has room for 40 of the 100 messages of an MPUB, which fails: are the 40 there after a retry?",
  answer: "With nsqd 1.3 they are there twice: an MPUB that fails may have stored some. With the profile exact once.",
  seed: 38,
  durationMs: 12_000,
  recoveryMs: 10_000,
  nsqd: [
    { name: "nsqd1", profile: "nsqd-1.3", options },
    { name: "nsqd2", profile: "exact", options },
  ],
  producers: [
    standardProducer(100, { batch: 100, everyMs: 0 }, { retry }),
    standardProducer(100, { batch: 100, everyMs: 0 }, { name: "p2", nsqd: ["nsqd2"], retry }),
  ],
  consumers: [standardConsumer("c1", "billing", { nsqd: nsqds, startMs: 8_000 })],
  faults: nsqds.map((process) => ({
    trigger: { atMs: 1_000 },
    do: { kind: "disk-full", process, freeBytes: 40 * RECORD_BYTES + STATE_BYTES, forMs: 3_000 },
  })),
  expect: {
    verdicts: { P1: "pass", P2: "pass", P16: "pass", P17: "pass" },
    losses: {},
    duplicates: { "producer-retry": 40 },
    delivered: 240,
    published: 400,
    faultsFired: 2,
  },
};
