import { Consumer as CoreConsumer, type ConsumerStats } from "../../client/consumer.ts";
import { ClientError } from "../../client/error.ts";
import { Fifo } from "../../client/fifo.ts";
import { parseLookupdUrl } from "../../client/lookupd-url.ts";
import type { Message as CoreMessage } from "../../client/message.ts";
import type { ConsumerObserver } from "../../client/observer.ts";
import { ConsumerError, type ConsumerErrorKind } from "./error.ts";
import { UserMessage, type Message } from "./message.ts";
import { checkAddress, closeOnAbort, openHost, type ClientOptions } from "./options.ts";

export interface ConsumerOptions extends ClientOptions {
  readonly topic: string;
  readonly channel: string;
  /** `host:port` of each nsqd. Those, or {@link lookupds}, or both. */
  readonly addresses?: readonly string[];
  /** HTTP `host:port` (or a URL) of each nsqlookupd: where to ask, again and again, which nsqds have the topic. */
  readonly lookupds?: readonly string[];
  /** Messages that may be unanswered at a time, over all nsqds. Default 1, as in go-nsq. */
  readonly maxInFlight?: number;
  /** Messages that are handled at the same time. Default: `maxInFlight`. */
  readonly concurrency?: number;
  /** Deliveries after which a message is given up. Default 5, as in go-nsq; 0: never. */
  readonly maxAttempts?: number;
  /** A message is about to be finished unhandled, because it was delivered more than `maxAttempts` times. */
  readonly onGiveUp?: (message: Message) => void;
  /** Default: a failing handler is a process warning, the rest goes to the log. */
  readonly onError?: (error: ConsumerError) => void;
}

export type Handler = (message: Message) => unknown;

/**
 * Consumes a channel. It asks nsqd for messages only while somebody takes them: a {@link run} or a `for await` loop.
 */
export interface Consumer {
  /**
   * Calls the handler for each message, `concurrency` at a time. When it returns, or its promise resolves, the message
   * is finished; when it throws or rejects, the message is requeued and the consumer backs off. A handler may answer
   * the message itself.
   *
   * @returns resolves when the consumer is closed.
   * @throws {ClientError} when it runs already.
   */
  run(handler: Handler): Promise<void>;
  /**
   * Messages one by one; several loops share them. A message is finished when its loop asks for the next one, unless it
   * was answered; leaving the loop by `break` or an error requeues the message it was in, unless it was answered.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message>;
  /** 0 pauses. */
  setMaxInFlight(maxInFlight: number): void;
  /** Most of what may be in flight is: do not wait for more before answering. */
  isStarved(): boolean;
  stats(): ConsumerStats;
  /** Asks for no more, waits until what came is answered (30 s at most), then disconnects. For good. */
  close(): Promise<void>;
}

/**
 * ```ts
 * const consumer = createConsumer({ topic: "orders", channel: "billing", addresses: ["127.0.0.1:4150"] });
 * for await (const message of consumer) {
 *   console.log(message.text);
 * }
 * ```
 *
 * With `lookupds: ["127.0.0.1:4161"]` in place of `addresses` it finds the nsqds by itself.
 *
 * @throws {ClientError} for a name, address or count that cannot be.
 * @throws {ConfigError} for a setting that does not exist or is out of its limits.
 */
export function createConsumer(options: ConsumerOptions): Consumer {
  const consumer = new PromiseConsumer(options);
  closeOnAbort(options.signal, () => consumer.close());
  return consumer;
}

type Waiter = (result: IteratorResult<UserMessage>) => void;

class PromiseConsumer implements Consumer {
  private readonly core: CoreConsumer;
  private readonly options: ConsumerOptions;
  private maxInFlight: number;
  private handler: Handler | null = null;
  /** Runs and loops that take messages. */
  private takers = 0;
  /** Messages for loops, and loops without a message: one of the two is empty. */
  private readonly ready = new Fifo<UserMessage>();
  private readonly waiting: Waiter[] = [];
  private readonly closed: Promise<void>;
  private readonly resolveClosed: () => void;
  private closing = false;
  private isClosed = false;

  constructor(options: ConsumerOptions) {
    this.options = options;
    const { topic, channel, addresses = [], lookupds = [], maxInFlight, maxAttempts } = options;
    const { host, config } = openHost(options, {
      ...(maxInFlight === undefined ? {} : { max_in_flight: maxInFlight }),
      ...(maxAttempts === undefined ? {} : { max_attempts: maxAttempts }),
    });
    if (options.addresses === undefined && options.lookupds === undefined) {
      throw new ClientError("invalid-argument", "a consumer needs addresses, lookupds, or both");
    }
    for (const address of addresses) checkAddress(address);
    for (const lookupd of lookupds) parseLookupdUrl(lookupd);
    this.maxInFlight = config.maxInFlight;
    const concurrency = options.concurrency ?? Math.max(1, config.maxInFlight);
    const take = (message: CoreMessage): void => this.take(new UserMessage(message));
    const paused = { ...config, maxInFlight: 0 };
    this.core = new CoreConsumer(host, topic, channel, paused, concurrency, take, this.observer());
    const { promise, resolve } = withResolver();
    this.closed = promise;
    this.resolveClosed = resolve;
    for (const address of addresses) this.core.connect(address);
    for (const lookupd of lookupds) this.core.connectToLookupd(lookupd);
  }

  run(handler: Handler): Promise<void> {
    if (this.handler !== null) throw new ClientError("invalid-argument", "the consumer runs a handler already");
    this.handler = handler;
    this.attach();
    while (this.ready.length > 0) void this.work(handler, this.ready.shift()!);
    return this.closed;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Message> {
    return new MessageLoop(this);
  }

  setMaxInFlight(maxInFlight: number): void {
    this.core.setMaxInFlight(this.takers > 0 ? maxInFlight : 0);
    this.maxInFlight = maxInFlight;
  }

  isStarved(): boolean {
    return this.core.isStarved();
  }

  stats(): ConsumerStats {
    return { ...this.core.stats(), maxInFlight: this.maxInFlight };
  }

  close(): Promise<void> {
    if (this.closing) return this.closed;
    this.closing = true;
    if (this.takers === 0) this.giveBack();
    this.core.stop(() => {
      this.isClosed = true;
      for (const waiter of this.waiting.splice(0)) waiter({ done: true, value: undefined });
      this.resolveClosed();
    });
    return this.closed;
  }

  /** Somebody takes messages from now on. */
  attach(): void {
    this.takers += 1;
    if (this.takers === 1 && !this.closing) this.core.setMaxInFlight(this.maxInFlight);
  }

  /** Nobody takes what is left: nsqd gets it back at once. */
  detach(): void {
    this.takers -= 1;
    if (this.takers > 0) return;
    if (!this.closing) this.core.setMaxInFlight(0);
    this.giveBack();
  }

  next(): Promise<IteratorResult<UserMessage>> {
    const message = this.ready.shift();
    if (message !== undefined) return Promise.resolve({ done: false, value: message });
    if (this.isClosed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** A message goes to a loop that waits, to the handler, or to the next loop that asks. */
  private take(message: UserMessage): void {
    const waiter = this.waiting.shift();
    if (waiter !== undefined) waiter({ done: false, value: message });
    else if (this.handler !== null) void this.work(this.handler, message);
    else if (this.takers > 0) this.ready.push(message);
    else message.requeue(0, { backoff: false });
  }

  private async work(handler: Handler, message: UserMessage): Promise<void> {
    try {
      await handler(message);
    } catch (error) {
      message.requeue();
      this.handlerFailed(message, error);
      return;
    }
    message.finish();
  }

  private giveBack(): void {
    for (let message = this.ready.shift(); message !== undefined; message = this.ready.shift()) {
      message.requeue(0, { backoff: false });
    }
  }

  private handlerFailed(message: UserMessage, cause: unknown): void {
    const text = `handler failed: ${cause instanceof Error ? cause.message : String(cause)}`;
    const error = new ConsumerError("handler", message.address, text, message, cause);
    if (this.options.onError === undefined) process.emitWarning(error);
    else this.options.onError(error);
  }

  private giveUp(message: UserMessage): void {
    try {
      this.options.onGiveUp?.(message);
    } catch (error) {
      this.handlerFailed(message, error);
    }
  }

  private observer(): ConsumerObserver {
    const { onError, log } = this.options;
    const tell = (kind: ConsumerErrorKind, address: string, text: string): void => {
      log?.("warn", text, { address });
      onError?.(new ConsumerError(kind, address, text, null));
    };
    return {
      connectFailed: (address, cause) => {
        if (!this.closing) tell("connection", address, `cannot connect: ${cause}`);
      },
      closed: (address, _conn, cause) => {
        if (!this.closing) tell("connection", address, `connection lost: ${cause}`);
      },
      lookupFailed: (lookupd, cause) => {
        if (!this.closing) tell("lookup", lookupd, `cannot look ${this.options.topic} up: ${cause}`);
      },
      answerError: (address, _conn, error, idHigh, idLow) => {
        if (idHigh !== 0 || idLow !== 0) tell("answer", address, error);
      },
      gaveUp: (message) => this.giveUp(new UserMessage(message)),
    };
  }
}

/** One `for await` loop over a consumer. */
class MessageLoop implements AsyncIterableIterator<Message> {
  private readonly consumer: PromiseConsumer;
  private current: UserMessage | null = null;
  private state: "new" | "running" | "done" = "new";

  constructor(consumer: PromiseConsumer) {
    this.consumer = consumer;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Message> {
    return this;
  }

  async next(): Promise<IteratorResult<Message>> {
    if (this.state === "done") return { done: true, value: undefined };
    if (this.state === "new") {
      this.state = "running";
      this.consumer.attach();
    }
    this.current?.finish();
    this.current = null;
    const result = await this.consumer.next();
    if (result.done === true) this.leave();
    else this.current = result.value;
    return result;
  }

  async return(): Promise<IteratorResult<Message>> {
    this.current?.requeue(0, { backoff: false });
    this.leave();
    return { done: true, value: undefined };
  }

  private leave(): void {
    this.current = null;
    if (this.state === "running") this.consumer.detach();
    this.state = "done";
  }
}

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
