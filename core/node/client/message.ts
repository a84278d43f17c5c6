import type { Message as CoreMessage, RequeueOptions } from "../../client/message.ts";
import { microsToMs, msToMicros } from "../../time.ts";

/** A delivered message. The first of `finish` and `requeue` answers it; what comes later does nothing. */
export interface Message {
  readonly body: Uint8Array;
  /** The body as UTF-8 text. */
  readonly text: string;
  /** 16 hex digits, nsqd's. */
  readonly id: string;
  /** Deliveries so far, this one included. */
  readonly attempts: number;
  /** When nsqd accepted it. */
  readonly timestamp: Date;
  /** `host:port` of the nsqd. */
  readonly address: string;
  readonly answered: boolean;
  /** It is done (FIN). */
  finish(): void;
  /**
   * Deliver it again (REQ).
   *
   * @param delayMs default: `default_requeue_delay` (90 s) × attempts, at most `max_requeue_delay` (15 min).
   * @param options `backoff: false`: this is no failure; the consumer does not slow down.
   * @throws {ClientError} when the delay is negative or no number.
   */
  requeue(delayMs?: number, options?: RequeueOptions): void;
  /** Asks nsqd for another full message timeout (TOUCH). */
  touch(): void;
}

const decoder = new TextDecoder();

/** @internal */
export class UserMessage implements Message {
  /** The delivery itself. */
  readonly core: CoreMessage;

  constructor(core: CoreMessage) {
    this.core = core;
  }

  get body(): Uint8Array {
    return this.core.body;
  }

  get text(): string {
    return decoder.decode(this.core.body);
  }

  get id(): string {
    return this.core.id;
  }

  get attempts(): number {
    return this.core.attempts;
  }

  get timestamp(): Date {
    return new Date(microsToMs(this.core.timestamp));
  }

  get address(): string {
    return this.core.address;
  }

  get answered(): boolean {
    return this.core.answered;
  }

  finish(): void {
    this.core.finish();
  }

  requeue(delayMs?: number, options?: RequeueOptions): void {
    // A negative delay stays negative: only the missing one means "computed".
    const delay = delayMs === undefined ? -1 : delayMs < 0 ? Number.NaN : msToMicros(delayMs);
    this.core.requeue(delay, options);
  }

  touch(): void {
    this.core.touch();
  }
}
