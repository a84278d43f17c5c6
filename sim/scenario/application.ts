import type { DurationSpec } from "./types.ts";

/**
 * What the application around the queue does, as data: effects of its handlers in the outside world, the stores that
 * remember them, dead letters, order by key, and what it promises of all that.
 */

/**
 * A service that handlers ask over HTTP, such as a database; a process of its own, which faults may strike. What it has
 * committed survives its process.
 */
export interface StoreSpec {
  /** Process name, also its host name on the network: `redis`. */
  readonly name: string;
  /** From the arrival of a request to its commit and answer. Default 0. */
  readonly takeMs?: DurationSpec;
  /** So many ids at most: then it forgets the one it learnt first. Default: all. */
  readonly remembers?: number;
}

/** Keeping a business id from having its effect twice. */
export interface DedupSpec {
  /**
   * - `check-first`: mark the id, and work only when it was new (SETNX first): a failure in between loses the effect.
   * - `mark-after`: look for the id, work, mark it: a failure in between repeats the effect.
   * - `transactional`: the store commits the effect and the mark as one.
   * - `versioned`: as that, and it refuses what is older than what it has of the same key. Needs `keys` in the workload.
   */
  readonly dedup: "check-first" | "mark-after" | "transactional" | "versioned";
  /** Name of the store. */
  readonly store: string;
  /** How long the handler waits for the store before it fails. Default 1000. */
  readonly timeoutMs?: number;
}

/** What a consumer does with a message it cannot handle. */
export interface DeadLetterSpec {
  /** Topic of the dead letters. */
  readonly topic: string;
  /** nsqd they are published to. Default: the first the consumer is told. */
  readonly nsqd?: string;
  /** A handler that fails at this attempt or a later one puts the message aside instead of requeueing it. */
  readonly afterAttempts: number;
  /**
   * `publish-first`: publishes the dead letter, and finishes the message at its OK; without OK requeues it.
   * `finish-first`: finishes the message, then publishes: a failure in between loses it. Default `publish-first`.
   */
  readonly order?: "publish-first" | "finish-first";
}

/** A consumer that takes the messages of a key only in their order, by what it remembers itself. */
export interface InOrderSpec {
  /** A message that comes before its turn is requeued with this delay, without backoff. */
  readonly retryMs: number;
}

export type EffectClaim = "once" | "at-least-once" | "at-most-once";

/** What the application promises, judged end to end. */
export interface ClaimsSpec {
  /** Of the effects of each accepted message, or only of those with these names (P13, P14). */
  readonly effect?: EffectClaim | Readonly<Record<string, EffectClaim>>;
  /** Messages of one key take effect, or without effects are handled, in the order of their publish (P12). */
  readonly order?: "per-key";
}
