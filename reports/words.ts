import type { Micros } from "../core/time.ts";
import type { DuplicateLicence, LateLicence, LossLicence, Outcome, PropertyId } from "../sim/scenario/types.ts";

/** Short names of the properties, for headings and tooltips. */
export const PROPERTY_NAMES: Readonly<Record<PropertyId, string>> = {
  P1: "no invention",
  P2: "no loss of accepted messages",
  P3: "a crash loses only what it may",
  P4: "no redelivery after FIN",
  P5: "single owner",
  P6: "never early",
  P7: "never late",
  P8: "attempts count up by one",
  P9: "RDY respected",
  P10: "complete fan-out",
  P11: "no ready consumer passed over",
  P12: "order per key, as claimed",
  P13: "each effect once, as claimed",
  P14: "effects at least / at most once, as claimed",
  P15: "handled or put aside",
  P16: "depth adds up",
  P17: "everything drains after the faults",
  P18: "consumers find every nsqd",
  P21: "same scenario, same history",
};

export type AnyLicence = DuplicateLicence | LossLicence | LateLicence;

/** What a licence says, in a few words. */
export const LICENCE_WORDS: Readonly<Record<AnyLicence, string>> = {
  timeout: "deadline passed while the consumer was still working",
  "consumer-crash": "consumer process was dead at the deadline",
  "lost-fin": "FIN sent, lost with its connection",
  "connection-loss": "connection gone before the answer",
  requeue: "consumer asked for it again (REQ)",
  "producer-retry": "producer published the same content again",
  "broker-restart": "nsqd was started again and had kept it",
  "crash-replay": "finished, but a killed nsqd still had it in a file",
  "memory-at-kill": "in the memory of an nsqd that was killed",
  "unsynced-at-power-loss": "in a file, but not durable when the power failed",
  "ignored-file": "in a file that no saved state leads to",
  "damaged-file": "in a file that cannot be read to there",
  "disk-error": "refused by the disk of its nsqd",
  "disk-lost": "on a disk that was replaced by an empty one",
  emptied: "emptied or deleted by an operator",
  sampled: "left out by the sample rate",
  ephemeral: "ephemeral channel without room",
  "given-up": "attempts limit reached, never handled",
  "still-held": "not lost: the broker still holds it",
  "no-ready-consumer": "no consumer had room",
  backoff: "consumer in backoff",
  paused: "topic or channel paused",
  "no-connection": "no consumer connected",
  fault: "a fault held the bytes or the process",
  queueing: "more work was queued in front of it",
};

/** The sign that goes with an outcome, so that colour is never alone. */
export const OUTCOME_SIGNS: Readonly<Record<Outcome, string>> = { pass: "✓", fail: "✗", unknown: "?" };

/** `1.250 s`, with microseconds only where there are any. */
export function seconds(us: Micros): string {
  const text = (us / 1_000_000).toFixed(6);
  return `${text.endsWith("000") ? text.slice(0, -3) : text} s`;
}

/** A duration in the unit that suits it: `850 µs`, `12.4 ms`, `3.2 s`, `4 min 05 s`. */
export function duration(us: Micros): string {
  const size = Math.abs(us);
  if (size < 1_000) return `${Math.round(us)} µs`;
  if (size < 1_000_000) return `${significant(us / 1_000)} ms`;
  if (size < 120_000_000) return `${significant(us / 1_000_000)} s`;
  const whole = Math.round(us / 1_000_000);
  return `${Math.trunc(whole / 60)} min ${String(Math.abs(whole % 60)).padStart(2, "0")} s`;
}

/** Three significant digits, no trailing zeros. */
function significant(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** `12,345`, the same on every machine. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `1 message`, `12,345 messages`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
