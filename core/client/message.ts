import type { Micros } from "../time.ts";

/** A delivered message. It is answered once, by the first `finish` or `requeue`; later answers and touches do nothing. */
export interface Message {
  readonly body: Uint8Array;
  /** Deliveries of this message so far, this one included; wraps to 0 after 65535. */
  readonly attempts: number;
  /** The two halves of the id. */
  readonly idHigh: number;
  readonly idLow: number;
  /** 16 lower-case hex digits. */
  readonly id: string;
  /** When nsqd accepted it, µs since the Unix epoch. */
  readonly timestamp: Micros;
  /** Address of the nsqd it came from. */
  readonly address: string;
  /** Number of the connection it came on. */
  readonly connection: number;
  readonly answered: boolean;
  finish(): void;
  /**
   * @param delay -1: `default_requeue_delay` × attempts, at most `max_requeue_delay`. Sent in whole milliseconds.
   * @param options `backoff` (default true): the requeue counts as a failure for the consumer's backoff.
   */
  requeue(delay: Micros, options?: { readonly backoff?: boolean }): void;
  /** Asks nsqd for another full `msg_timeout`. */
  touch(): void;
  /** Frees the handler's slot although the message is not answered. */
  release(): void;
}

/** Called when one of the consumer's slots is free. The slot is taken until the message is answered or released. */
export type MessageHandler = (message: Message) => void;
