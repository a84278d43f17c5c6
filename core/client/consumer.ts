import { assert } from "../assert.ts";
import type { Host, Timer } from "../host.ts";
import { SECOND, type Micros } from "../time.ts";
import { Backoff, type BackoffSignal } from "./backoff.ts";
import { ConfigError, type ClientConfig } from "./config.ts";
import { Discovery } from "./discovery.ts";
import { ClientError } from "./error.ts";
import { Fifo } from "./fifo.ts";
import type { Delivery, MessageHandler } from "./message.ts";
import { isValidName } from "../protocol/names.ts";
import type { ConsumerObserver } from "./observer.ts";
import { RdyDistribution } from "./rdy.ts";
import { Subscription, type SubscriptionOwner } from "./subscription.ts";

/** How long a graceful stop waits for handlers (client semantics §3.8). */
const STOP_LIMIT: Micros = 30 * SECOND;

/** When no connection can be tested after a backoff wait, the wait goes on for so long. */
const TEST_RETRY: Micros = SECOND;

export interface ConsumerStats {
  /** Message frames that arrived. */
  readonly received: number;
  readonly finished: number;
  readonly requeued: number;
  /** Subscribed connections. */
  readonly connections: number;
  /** Messages of live connections that are not answered. */
  readonly inFlight: number;
  /** Messages that wait for a handler. */
  readonly buffered: number;
  /** Handlers at work. */
  readonly handling: number;
  /** Sum of RDY over the connections. */
  readonly rdy: number;
  readonly maxInFlight: number;
  /** 0: not in backoff. */
  readonly backoffLevel: number;
}

/** An nsqd the consumer was told to use, or has found. */
interface Peer {
  readonly address: string;
  /** By asking nsqlookupds: when the connection is lost, whether to make it anew is for the next answer to say. */
  readonly isFound: boolean;
  subscription: Subscription | null;
  reconnect: Timer | null;
}

/**
 * Consumes one channel from any number of nsqds, as go-nsq does (client semantics §3): RDY shared out within
 * max-in-flight, backoff, give-up, discovery, reconnection every `lookupd_poll_interval`, graceful stop. A message that waits for
 * a handler when its connection is lost is still handled; its answer then goes nowhere, and says nothing to backoff.
 *
 * Other than go-nsq: the time to reconnect runs from the loss, not from the last answer to what had come before it, so
 * that a handler that hangs cannot keep a consumer away; a first connection that fails is tried again too; busy handlers
 * do not stop the reading, so heartbeats are always answered; and an nsqd that was found, but refuses SUB, is not asked
 * for again at once, but with the next poll: go-nsq goes round as fast as it can.
 */
export class Consumer {
  private readonly host: Host;
  private readonly config: ClientConfig;
  private readonly observer: ConsumerObserver;
  private readonly owner: SubscriptionOwner;
  private readonly handler: MessageHandler;
  private readonly concurrency: number;
  private readonly peers = new Map<string, Peer>();
  private readonly discovery: Discovery;
  private readonly rdy: RdyDistribution;
  private readonly backoff: Backoff;
  private readonly buffer = new Fifo<Delivery>();
  private handling = 0;
  private dispatching = false;
  private connections = 0;
  private maxInFlight: number;
  private redistributeTimer: Timer | null = null;
  private testTimer: Timer | null = null;
  private stopDone: (() => void)[] | null = null;
  private stopTimer: Timer | null = null;
  private stopped = false;
  private receivedCount = 0;
  private finishedCount = 0;
  private requeuedCount = 0;

  /**
   * @param concurrency messages that may be with handlers at the same time, at least 1.
   * @throws {ClientError} for a topic or channel name that nsqd would not accept, or an impossible concurrency.
   * @throws {ConfigError} when heartbeats are off: nsqd refuses to subscribe then.
   */
  constructor(
    host: Host,
    topic: string,
    channel: string,
    config: ClientConfig,
    concurrency: number,
    handler: MessageHandler,
    observer: ConsumerObserver = {},
  ) {
    if (!isValidName(topic)) {
      throw new ClientError("invalid-topic", `topic name ${JSON.stringify(topic)} is not valid`);
    }
    if (!isValidName(channel)) {
      throw new ClientError("invalid-channel", `channel name ${JSON.stringify(channel)} is not valid`);
    }
    if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
      throw new ClientError("invalid-argument", `concurrency is an integer from 1, not ${concurrency}`);
    }
    if (config.heartbeatInterval < 0) throw new ConfigError("heartbeat_interval", -1, "heartbeats, for a consumer");
    this.host = host;
    this.config = config;
    this.concurrency = concurrency;
    this.handler = handler;
    this.observer = observer;
    this.owner = {
      host,
      topic,
      channel,
      config,
      observer,
      subscribing: (subscription) => this.rdy.add(subscription),
      received: (message) => this.received(message),
      answering: (signal) => this.answering(signal),
      slotFree: () => this.slotFree(),
      closed: (subscription, cause) => this.closed(subscription, cause),
    };
    this.discovery = new Discovery(host, topic, config, observer, (addresses) => this.found(addresses));
    this.maxInFlight = config.maxInFlight;
    this.rdy = new RdyDistribution(host, config);
    this.backoff = new Backoff(config, host.random("backoff"));
  }

  /**
   * Connects to an nsqd, and again every `lookupd_poll_interval` when that fails or the connection is lost.
   *
   * @throws {ClientError} `already-connected`, also while the connection is being made; `stopped`.
   */
  connect(address: string): void {
    if (this.stopDone !== null) throw new ClientError("stopped", "the consumer was stopped");
    if (this.peers.has(address)) throw new ClientError("already-connected", `already connected to ${address}`);
    this.use(address, false);
  }

  /**
   * Connects to the nsqds that an nsqlookupd knows to have the topic: those it names now, and whenever it is asked again
   * ({@link Discovery}). An nsqd that it names no longer is kept; one whose connection is lost is asked for at once.
   *
   * @param lookupd `host:port` of its HTTP, or a URL with path and query.
   * @throws {ClientError} `invalid-argument` for an address that cannot be; `stopped`.
   */
  connectToLookupd(lookupd: string): void {
    if (this.stopDone !== null) throw new ClientError("stopped", "the consumer was stopped");
    this.discovery.add(lookupd);
  }

  /**
   * Changes max-in-flight of the running consumer; 0 pauses it.
   *
   * @throws {ClientError} when it is not a natural number.
   */
  setMaxInFlight(maxInFlight: number): void {
    if (!Number.isSafeInteger(maxInFlight) || maxInFlight < 0) {
      throw new ClientError("invalid-argument", `max-in-flight is a natural number, not ${maxInFlight}`);
    }
    this.maxInFlight = maxInFlight;
    if (this.stopDone === null) this.rdy.setMaxInFlight(maxInFlight);
  }

  /**
   * Stops for good: no more messages are asked for, those that came are handled and answered, then the connections end.
   * `done` is called in a later step, after 30 s at the latest; what is not answered then will be delivered to others.
   */
  stop(done: () => void): void {
    if (this.stopped) {
      this.host.endOfStep(done);
      return;
    }
    if (this.stopDone !== null) {
      this.stopDone.push(done);
      return;
    }
    this.stopDone = [done];
    this.discovery.stop();
    this.redistributeTimer?.cancel();
    this.testTimer?.cancel();
    this.stopTimer = this.host.timer(this.host.now() + STOP_LIMIT, () => this.finishStop("stop limit reached"));
    for (const peer of this.peers.values()) {
      peer.reconnect?.cancel();
      peer.reconnect = null;
      peer.subscription?.stop();
    }
    this.stopWhenIdle();
  }

  /** Whether a connection has most of its RDY in flight: a handler that collects a batch should not wait for more. */
  isStarved(): boolean {
    for (const { subscription } of this.peers.values()) {
      if (subscription === null || subscription.inFlight === 0) continue;
      if (subscription.inFlight >= Math.floor(subscription.rdy * 0.85)) return true;
    }
    return false;
  }

  stats(): ConsumerStats {
    let connections = 0;
    let inFlight = 0;
    for (const { subscription } of this.peers.values()) {
      if (subscription === null || !subscription.established) continue;
      connections += 1;
      inFlight += subscription.inFlight;
    }
    return {
      received: this.receivedCount,
      finished: this.finishedCount,
      requeued: this.requeuedCount,
      connections,
      inFlight,
      buffered: this.buffer.length,
      handling: this.handling,
      rdy: this.rdy.sum,
      maxInFlight: this.maxInFlight,
      backoffLevel: this.backoff.level,
    };
  }

  private received(message: Delivery): void {
    this.receivedCount += 1;
    this.observer.received?.(message);
    this.buffer.push(message);
    if (!this.dispatching) this.dispatch();
  }

  private answering(signal: BackoffSignal): void {
    if (signal === "resume") this.finishedCount += 1;
    else this.requeuedCount += 1;
    if (this.stopDone !== null) return;
    const { level: before } = this.backoff;
    const effect = this.backoff.signal(signal);
    if (effect === "none") return;
    const { level, wait } = this.backoff;
    if (effect === "leave") {
      this.observer.backoff?.("leave", 0, 0);
      this.rdy.release();
      return;
    }
    if (before === 0) this.observer.backoff?.("enter", level, wait);
    this.observer.backoff?.("wait", level, wait);
    this.rdy.hold();
    this.testAfter(wait);
  }

  private slotFree(): void {
    this.handling -= 1;
    assert(this.handling >= 0, "a slot is freed once");
    if (!this.dispatching) this.dispatch();
  }

  private closed(subscription: Subscription, cause: string): void {
    const peer = this.peers.get(subscription.address);
    assert(peer !== undefined && peer.subscription === subscription, "one connection per address");
    peer.subscription = null;
    if (subscription.established) this.observer.closed?.(peer.address, subscription.number, cause);
    else this.observer.connectFailed?.(peer.address, cause);
    if (this.stopDone !== null) {
      this.stopWhenIdle();
      return;
    }
    this.rdy.remove(subscription);
    if (peer.isFound) {
      this.peers.delete(peer.address);
      if (subscription.confirmed) this.discovery.poll();
      return;
    }
    peer.reconnect = this.host.timer(this.host.now() + this.config.lookupdPollInterval, () => this.dial(peer));
  }

  private found(addresses: readonly string[]): void {
    for (const address of addresses) if (!this.peers.has(address)) this.use(address, true);
  }

  private use(address: string, isFound: boolean): void {
    const peer: Peer = { address, isFound, subscription: null, reconnect: null };
    this.peers.set(address, peer);
    this.dial(peer);
    if (this.redistributeTimer === null) this.planRedistribution();
  }

  private dial(peer: Peer): void {
    assert(peer.subscription === null, "one connection per address");
    peer.reconnect = null;
    peer.subscription = new Subscription(this.owner, peer.address, this.connections);
    this.connections += 1;
  }

  /** Gives waiting messages to free handlers. */
  private dispatch(): void {
    this.dispatching = true;
    try {
      while (this.handling < this.concurrency && !this.stopped) {
        const message = this.buffer.shift();
        if (message === undefined) break;
        this.handle(message);
      }
    } finally {
      this.dispatching = false;
    }
    if (this.stopDone !== null) this.stopWhenIdle();
  }

  private handle(message: Delivery): void {
    const { maxAttempts } = this.config;
    if (maxAttempts > 0 && message.attempts > maxAttempts) {
      this.observer.gaveUp?.(message);
      message.finish();
      return;
    }
    message.holdsSlot = true;
    this.handling += 1;
    this.handler(message);
  }

  private testAfter(wait: Micros): void {
    this.testTimer = this.host.timer(this.host.now() + wait, () => {
      if (!this.rdy.test()) {
        this.observer.backoff?.("wait", this.backoff.level, TEST_RETRY);
        this.testAfter(TEST_RETRY);
        return;
      }
      this.backoff.expire();
      this.observer.backoff?.("test", this.backoff.level, 0);
    });
  }

  private planRedistribution(): void {
    const due = this.host.now() + this.config.rdyRedistributeInterval;
    this.redistributeTimer = this.host.timer(due, () => {
      this.rdy.redistribute();
      this.planRedistribution();
    });
  }

  /** The stop is complete when every connection is gone and every message that came was handled. */
  private stopWhenIdle(): void {
    if (this.stopped || this.handling > 0 || this.buffer.length > 0) return;
    for (const { subscription } of this.peers.values()) if (subscription !== null) return;
    this.finishStop("stopped");
  }

  private finishStop(cause: string): void {
    if (this.stopped) return;
    this.stopped = true;
    this.stopTimer?.cancel();
    for (const { subscription } of this.peers.values()) subscription?.close(cause);
    for (const done of this.stopDone!) this.host.endOfStep(done);
  }
}
