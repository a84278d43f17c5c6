import type { PublishOutcome } from "../../client/observer.ts";
import { Producer as CoreProducer } from "../../client/producer.ts";
import { msToMicros } from "../../time.ts";
import { checkAddress, closeOnAbort, openHost, type ClientOptions } from "./options.ts";

export interface ProducerOptions extends ClientOptions {
  /** `host:port` of one nsqd. */
  readonly address: string;
}

/** Text is sent as UTF-8. */
export type Body = Uint8Array | string;

/**
 * Publishes to one nsqd. Connects at the first use and, after a loss, at the next. Nothing is retried: whoever
 * publishes again after an `unknown` outcome may publish twice.
 */
export interface Producer {
  /**
   * Resolves when nsqd has accepted the message.
   *
   * @throws {PublishError} see its `outcome`.
   */
  publish(topic: string, body: Body): Promise<void>;
  /** All of the messages, or none (MPUB). Otherwise as {@link publish}. */
  publishMany(topic: string, bodies: readonly Body[]): Promise<void>;
  /** To be delivered after so many milliseconds (DPUB). Otherwise as {@link publish}. */
  publishDeferred(topic: string, delayMs: number, body: Body): Promise<void>;
  /** Connects if need be, and proves that nsqd accepts this client. */
  ping(): Promise<void>;
  /** Waits for the publishes that are under way, then disconnects. For good. */
  close(): Promise<void>;
}

/** A publish (or ping) that nsqd has not confirmed. */
export class PublishError extends Error {
  override readonly name = "PublishError";
  /**
   * `error`: refused, by nsqd or before it was sent; it is not stored. `not-sent`: it never left this process.
   * `unknown`: the connection was lost before the answer; it is stored or not.
   */
  readonly outcome: "error" | "not-sent" | "unknown";

  constructor(outcome: "error" | "not-sent" | "unknown", text: string) {
    super(text);
    this.outcome = outcome;
  }
}

/**
 * ```ts
 * const producer = createProducer({ address: "127.0.0.1:4150" });
 * await producer.publish("orders", JSON.stringify({ id: 1 }));
 * await producer.close();
 * ```
 *
 * @throws {ClientError} for an address that is none.
 * @throws {ConfigError} for a setting that does not exist or is out of its limits.
 */
export function createProducer(options: ProducerOptions): Producer {
  const { host, config } = openHost(options, {});
  const producer = new PromiseProducer(new CoreProducer(host, checkAddress(options.address), config));
  closeOnAbort(options.signal, () => producer.close());
  return producer;
}

class PromiseProducer implements Producer {
  private readonly core: CoreProducer;
  private open = 0;
  private closing: Promise<void> | null = null;
  private closed: (() => void) | null = null;

  constructor(core: CoreProducer) {
    this.core = core;
  }

  publish(topic: string, body: Body): Promise<void> {
    return this.outcome((done) => this.core.publish(topic, bytesOf(body), done));
  }

  publishMany(topic: string, bodies: readonly Body[]): Promise<void> {
    return this.outcome((done) => this.core.multiPublish(topic, bodies.map(bytesOf), done));
  }

  publishDeferred(topic: string, delayMs: number, body: Body): Promise<void> {
    return this.outcome((done) => this.core.deferredPublish(topic, msToMicros(delayMs), bytesOf(body), done));
  }

  ping(): Promise<void> {
    return this.outcome((done) => this.core.ping(done));
  }

  close(): Promise<void> {
    this.closing ??= new Promise((resolve) => {
      this.closed = resolve;
      this.closeWhenIdle();
    });
    return this.closing;
  }

  private outcome(start: (done: (outcome: PublishOutcome) => void) => void): Promise<void> {
    if (this.closing !== null) return Promise.reject(new PublishError("not-sent", "the producer was closed"));
    this.open += 1;
    return new Promise((resolve, reject) => {
      start((outcome) => {
        this.open -= 1;
        if (outcome.kind === "ok") resolve();
        else reject(new PublishError(outcome.kind, outcome.kind === "error" ? outcome.error : outcome.reason));
        this.closeWhenIdle();
      });
    });
  }

  private closeWhenIdle(): void {
    if (this.closed === null || this.open > 0) return;
    this.core.stop();
    this.closed();
    this.closed = null;
  }
}

const encoder = new TextEncoder();

function bytesOf(body: Body): Uint8Array {
  return typeof body === "string" ? encoder.encode(body) : body;
}
