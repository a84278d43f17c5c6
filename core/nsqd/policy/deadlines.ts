import type { Micros } from "../../time.ts";

/** Something with deadlines: a channel, with its in-flight and deferred messages. */
export interface Expiring {
  /** No deadline is before this instant; Infinity: there is none. */
  nextDeadline(): Micros;
  /** Handles at most `limit` deadlines that are not after `now`. Returns how many there were. */
  expire(now: Micros, limit: number): number;
}

/** When the deadlines of channels are looked at. Never early; how late is the policy's own. */
export interface DeadlinePolicy {
  /** From now on watches over a channel. */
  watch(channel: Expiring): DeadlineWatch;
  stop(): void;
}

export interface DeadlineWatch {
  /** The channel has a new deadline. Called for every message sent or deferred: must be cheap. */
  added(at: Micros): void;
  cancel(): void;
}
