import { fields, integer, isRecord, pick, table, word, type Check } from "./shape.ts";
import { PROPERTY_IDS, type DuplicateLicence, type LateLicence, type LossLicence } from "./types.ts";

const DUPLICATES: Readonly<Record<DuplicateLicence, true>> = {
  timeout: true,
  "consumer-crash": true,
  "lost-fin": true,
  "connection-loss": true,
  requeue: true,
  "producer-retry": true,
  "broker-restart": true,
  "crash-replay": true,
};

const LOSSES: Readonly<Record<LossLicence, true>> = {
  "memory-at-kill": true,
  "unsynced-at-power-loss": true,
  "ignored-file": true,
  "damaged-file": true,
  "disk-error": true,
  "disk-lost": true,
  emptied: true,
  sampled: true,
  ephemeral: true,
  "given-up": true,
  "still-held": true,
};

const LATE: Readonly<Record<LateLicence, true>> = {
  "no-ready-consumer": true,
  backoff: true,
  paused: true,
  "no-connection": true,
  fault: true,
  queueing: true,
};

const count = pick((value) => {
  if (typeof value === "number") return integer(0);
  return isRecord(value) ? fields({}, { min: integer(0), max: integer(0) }) : null;
}, "a count: a number, or { min, max }");

const licences = (names: Readonly<Record<string, true>>): Check => table(count, Object.keys(names), "a licence");

/** The shape of `expect`. */
export const expectations = fields(
  {},
  {
    verdicts: table(word(["pass", "fail", "unknown"], "a verdict"), PROPERTY_IDS, "a property"),
    duplicates: licences(DUPLICATES),
    losses: licences(LOSSES),
    late: licences(LATE),
    effects: fields({}, { happened: count, again: count, never: count }),
    delivered: count,
    published: count,
    unknownPublishes: count,
    faultsFired: count,
  },
);
