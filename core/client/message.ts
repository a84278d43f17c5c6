import type { Micros } from "../time.ts";
import { ClientError } from "./error.ts";

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
   * @throws {ClientError} when the delay is neither -1 nor a natural number.
   */
  requeue(delay: Micros, options?: RequeueOptions): void;
  /** Asks nsqd for another full `msg_timeout`. */
  touch(): void;
  /** Frees the handler's slot although the message is not answered. */
  release(): void;
}

export interface RequeueOptions {
  readonly backoff?: boolean;
}

/**
 * Called when one of the consumer's slots is free. The slot is taken until the message is answered or released. It must
 * not throw: a failure is a {@link Message.requeue}.
 */
export type MessageHandler = (message: Message) => void;

/** The connection a message came on, as the message sees it. */
export interface MessageOrigin {
  readonly address: string;
  readonly number: number;
  finish(message: Delivery): void;
  requeue(message: Delivery, delay: Micros, backoff: boolean): void;
  touch(message: Delivery): void;
  /** The handler's slot is free. */
  release(): void;
}

/** One delivery. */
export class Delivery implements Message {
  readonly body: Uint8Array;
  readonly attempts: number;
  readonly idHigh: number;
  readonly idLow: number;
  readonly timestamp: Micros;
  answered = false;
  /** A handler works on it. */
  holdsSlot = false;
  private readonly origin: MessageOrigin;

  constructor(
    origin: MessageOrigin,
    timestamp: Micros,
    attempts: number,
    idHigh: number,
    idLow: number,
    body: Uint8Array,
  ) {
    this.origin = origin;
    this.timestamp = timestamp;
    this.attempts = attempts;
    this.idHigh = idHigh;
    this.idLow = idLow;
    this.body = body;
  }

  get id(): string {
    return this.idHigh.toString(16).padStart(8, "0") + this.idLow.toString(16).padStart(8, "0");
  }

  get address(): string {
    return this.origin.address;
  }

  get connection(): number {
    return this.origin.number;
  }

  finish(): void {
    if (this.answered) return;
    this.answered = true;
    this.origin.finish(this);
    this.release();
  }

  requeue(delay: Micros, options?: RequeueOptions): void {
    if (delay !== -1 && !(Number.isSafeInteger(delay) && delay >= 0)) {
      throw new ClientError("invalid-argument", `requeue: a delay is -1 or a natural number of µs, not ${delay}`);
    }
    if (this.answered) return;
    this.answered = true;
    this.origin.requeue(this, delay, options?.backoff ?? true);
    this.release();
  }

  touch(): void {
    if (!this.answered) this.origin.touch(this);
  }

  release(): void {
    if (!this.holdsSlot) return;
    this.holdsSlot = false;
    this.origin.release();
  }
}
