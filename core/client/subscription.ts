import { assert } from "../assert.ts";
import type { Host } from "../host.ts";
import { MILLISECOND, type Micros } from "../time.ts";
import type { BackoffSignal } from "./backoff.ts";
import type { ClientConfig } from "./config.ts";
import { Connection, type ConnectionOwner } from "./connection.ts";
import { Delivery, type MessageOrigin } from "./message.ts";
import type { ConsumerObserver } from "./observer.ts";
import type { RdyTarget } from "./rdy.ts";

/** What a subscription needs from its consumer. */
export interface SubscriptionOwner {
  readonly host: Host;
  readonly topic: string;
  readonly channel: string;
  readonly config: ClientConfig;
  readonly observer: ConsumerObserver;
  /** SUB was written. */
  subscribing(subscription: Subscription): void;
  received(message: Delivery): void;
  /** An answer is about to be written; what it means for backoff comes first on the wire. */
  answering(signal: BackoffSignal): void;
  slotFree(): void;
  closed(subscription: Subscription, cause: string): void;
}

const FAILED_ANSWER = /^E_(?:FIN|REQ|TOUCH)_FAILED (?:FIN|REQ|TOUCH) ([0-9a-f]{8})([0-9a-f]{8}) /;

/** One connection of a consumer: subscribes, takes messages in, writes answers and RDY. */
export class Subscription implements ConnectionOwner, RdyTarget, MessageOrigin {
  readonly address: string;
  readonly number: number;
  rdy = 0;
  lastRdyAt: Micros = 0;
  lastMessageAt: Micros;
  /** Messages not answered. */
  inFlight = 0;
  /** SUB was written. */
  established = false;
  /** SUB was answered by OK. */
  confirmed = false;

  private readonly owner: SubscriptionOwner;
  private readonly connection: Connection;
  private stopping = false;
  private closeWait = false;
  private lastError: string | null = null;

  constructor(owner: SubscriptionOwner, address: string, number: number) {
    this.owner = owner;
    this.address = address;
    this.number = number;
    this.lastMessageAt = owner.host.now();
    owner.observer.connecting?.(address, number);
    this.connection = new Connection(owner.host, address, owner.config, this);
  }

  get maxRdyCount(): number {
    return this.connection.features.maxRdyCount;
  }

  /** Begins a graceful close: no new messages; the connection ends when those that came are answered. */
  stop(): void {
    if (!this.established) {
      this.connection.close("stopped");
      return;
    }
    this.stopping = true;
    this.connection.commands.startClose();
    this.connection.plan();
  }

  close(cause: string): void {
    this.connection.close(cause);
  }

  ready(): void {
    const { owner, connection } = this;
    owner.observer.connected?.(this.address, this.number);
    connection.commands.subscribe(owner.topic, owner.channel);
    this.established = true;
    owner.subscribing(this);
    connection.plan();
  }

  response(text: string): void {
    if (text === "CLOSE_WAIT") {
      this.closeWait = true;
      this.endWhenAnswered();
    } else if (text === "OK" && !this.confirmed) {
      this.confirmed = true;
      const { msgTimeout } = this.connection.features;
      this.owner.observer.subscribed?.(this.address, this.number, msgTimeout);
    }
  }

  error(text: string): void {
    this.lastError = text;
    const answer = FAILED_ANSWER.exec(text);
    const idHigh = answer === null ? 0 : Number.parseInt(answer[1]!, 16);
    const idLow = answer === null ? 0 : Number.parseInt(answer[2]!, 16);
    if (answer !== null) this.lastError = null;
    else this.owner.host.log("warn", "nsqd answered an error", { address: this.address, error: text });
    this.owner.observer.answerError?.(this.address, this.number, text, idHigh, idLow);
  }

  message(timestamp: Micros, attempts: number, idHigh: number, idLow: number, body: Uint8Array): void {
    this.inFlight += 1;
    this.lastMessageAt = this.owner.host.now();
    this.owner.received(new Delivery(this, timestamp, attempts, idHigh, idLow, body));
  }

  closed(cause: string): void {
    const reason = this.lastError === null ? cause : `${cause} after ${this.lastError}`;
    this.owner.closed(this, reason);
  }

  writeRdy(count: number): void {
    assert(!this.stopping, "a stopped subscription asks for no messages");
    this.connection.commands.ready(count);
    this.connection.plan();
    this.owner.observer.rdy?.(this.address, this.number, count);
  }

  finish(message: Delivery): void {
    const { owner, connection } = this;
    if (!connection.open) {
      owner.observer.dropped?.(message, "finish");
      return;
    }
    owner.answering("resume");
    connection.commands.finish(message.idHigh, message.idLow);
    connection.plan();
    owner.observer.answered?.(message, "finish", 0);
    this.answered();
  }

  requeue(message: Delivery, delay: Micros, backoff: boolean): void {
    const { owner, connection } = this;
    if (!connection.open) {
      owner.observer.dropped?.(message, "requeue");
      return;
    }
    const { defaultRequeueDelay, maxRequeueDelay } = owner.config;
    const wanted = delay === -1 ? Math.min(defaultRequeueDelay * message.attempts, maxRequeueDelay) : delay;
    const delayMs = Math.floor(wanted / MILLISECOND);
    owner.answering(backoff ? "backoff" : "continue");
    connection.commands.requeue(message.idHigh, message.idLow, delayMs);
    connection.plan();
    owner.observer.answered?.(message, "requeue", delayMs * MILLISECOND);
    this.answered();
  }

  touch(message: Delivery): void {
    const { connection, owner } = this;
    if (!connection.open) {
      owner.observer.dropped?.(message, "touch");
      return;
    }
    connection.commands.touch(message.idHigh, message.idLow);
    connection.plan();
    owner.observer.touched?.(message);
  }

  release(): void {
    this.owner.slotFree();
  }

  private answered(): void {
    this.inFlight -= 1;
    this.endWhenAnswered();
  }

  private endWhenAnswered(): void {
    if (this.closeWait && this.inFlight === 0) this.connection.end();
  }
}
