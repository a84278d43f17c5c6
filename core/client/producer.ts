import { assert } from "../assert.ts";
import type { Host } from "../host.ts";
import { MILLISECOND, type Micros } from "../time.ts";
import type { ClientConfig } from "./config.ts";
import { Connection, type ConnectionOwner } from "./connection.ts";
import { Fifo } from "./fifo.ts";
import { isValidName } from "../protocol/names.ts";
import type { ProducerObserver, PublishOutcome } from "./observer.ts";

/** Called once, in a later step than the call it answers. */
export type PublishDone = (outcome: PublishOutcome) => void;

const OK: PublishOutcome = { kind: "ok" };

/** Body sizes and counts on the wire are signed 32-bit numbers. */
const MAX_BODY_BYTES = 0x7fff_ffff;

/** A publish, or a ping, that is not over. */
interface Transaction {
  readonly done: PublishDone;
  /** Where its command ends in the connection's commands. */
  readonly end: number;
}

/**
 * Publishes to one nsqd (client semantics §2). Connects at the first publish or ping and, after a loss, at the next one.
 * Publishes may overlap without limit; the answers of nsqd carry no id, each belongs to the oldest.
 */
export class Producer {
  private readonly host: Host;
  private readonly address: string;
  private readonly config: ClientConfig;
  private readonly observer: ProducerObserver;
  private link: Link | null = null;
  private connections = 0;
  private stopped = false;
  /** The last topic that was looked at and found in order: most often the next one too. */
  private knownTopic = "";

  constructor(host: Host, address: string, config: ClientConfig, observer: ProducerObserver = {}) {
    this.host = host;
    this.address = address;
    this.config = config;
    this.observer = observer;
  }

  /** PUB. The body is copied at once. */
  publish(topic: string, body: Uint8Array, done: PublishDone): void {
    const fault = this.topicFault(topic) ?? bodyFault(body);
    const link = this.linkFor(fault, done);
    if (link === null) return;
    link.connection.commands.publish(topic, body);
    link.expect(done);
  }

  /** MPUB: all of the bodies are accepted, or none. */
  multiPublish(topic: string, bodies: readonly Uint8Array[], done: PublishDone): void {
    const fault = this.topicFault(topic) ?? batchFault(bodies);
    const link = this.linkFor(fault, done);
    if (link === null) return;
    link.connection.commands.multiPublish(topic, bodies);
    link.expect(done);
  }

  /** DPUB. The delay is sent in whole milliseconds; its limit is nsqd's `max-req-timeout`, which only nsqd knows. */
  deferredPublish(topic: string, delay: Micros, body: Uint8Array, done: PublishDone): void {
    const fault = this.topicFault(topic) ?? delayFault(delay) ?? bodyFault(body);
    const link = this.linkFor(fault, done);
    if (link === null) return;
    link.connection.commands.deferredPublish(topic, Math.floor(delay / MILLISECOND), body);
    link.expect(done);
  }

  /** Connects if need be and sends NOP. No answer exists, so `ok` proves the connection and the handshake only. */
  ping(done: PublishDone): void {
    const link = this.linkFor(null, done);
    if (link === null) return;
    link.connection.commands.nop();
    link.expectPing(done);
  }

  /** For good. Publishes that are not answered yet end as `unknown` or `not-sent`, later ones as `not-sent`. */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.link?.stop();
  }

  /** Publishes whose outcome is open. */
  get outstanding(): number {
    return this.link?.outstanding ?? 0;
  }

  private topicFault(topic: string): string | null {
    if (topic === this.knownTopic) return null;
    if (!isValidName(topic)) return `topic name ${JSON.stringify(topic)} is not valid`;
    this.knownTopic = topic;
    return null;
  }

  private linkFor(fault: string | null, done: PublishDone): Link | null {
    if (fault !== null || this.stopped) {
      const outcome: PublishOutcome =
        fault === null ? { kind: "not-sent", reason: "stopped" } : { kind: "error", error: fault };
      this.host.endOfStep(() => done(outcome));
      return null;
    }
    this.link ??= new Link(this.host, this.address, this.config, this.observer, {
      next: () => this.connections++,
      gone: (link) => {
        if (this.link === link) this.link = null;
      },
    });
    return this.link;
  }
}

interface LinkOwner {
  /** Number of a connection that got ready. */
  next(): number;
  /** The connection takes no more commands. */
  gone(link: Link): void;
}

/** One connection of a producer and what waits for it. */
class Link implements ConnectionOwner {
  readonly connection: Connection;
  private readonly observer: ProducerObserver;
  private readonly owner: LinkOwner;
  private readonly waiting = new Fifo<Transaction>();
  private readonly pings = new Fifo<Transaction>();
  /** How many of {@link waiting} were reported as sent. */
  private reported = 0;
  private number = -1;

  constructor(host: Host, address: string, config: ClientConfig, observer: ProducerObserver, owner: LinkOwner) {
    this.observer = observer;
    this.owner = owner;
    this.connection = new Connection(host, address, config, this);
  }

  get outstanding(): number {
    return this.waiting.length;
  }

  /** The command just encoded will be answered. */
  expect(done: PublishDone): void {
    this.waiting.push({ done, end: this.connection.commands.written });
    this.connection.plan();
  }

  expectPing(done: PublishDone): void {
    this.pings.push({ done, end: this.connection.commands.written });
    this.connection.plan();
  }

  stop(): void {
    this.connection.close("stopped");
  }

  ready(): void {
    this.number = this.owner.next();
    this.observer.connected?.(this.number);
  }

  flushed(): void {
    const { handedOver } = this.connection;
    if (this.observer.sent !== undefined) {
      for (let next = this.waiting.at(this.reported); next !== undefined && next.end <= handedOver;) {
        this.observer.sent(this.number);
        this.reported += 1;
        next = this.waiting.at(this.reported);
      }
    }
    for (let ping = this.pings.peek(); ping !== undefined && ping.end <= handedOver; ping = this.pings.peek()) {
      this.pings.shift();
      ping.done(OK);
    }
  }

  response(text: string): void {
    if (text !== "OK") {
      this.connection.close(`unexpected response ${JSON.stringify(text)}`);
      return;
    }
    this.complete(OK);
  }

  error(text: string): void {
    // nsqd closes after every error it can answer a publish with: what comes next needs another connection.
    this.owner.gone(this);
    this.complete({ kind: "error", error: text });
    this.connection.close(text);
  }

  message(): void {
    this.connection.close("unexpected message frame");
  }

  closed(cause: string): void {
    this.owner.gone(this);
    if (this.number >= 0) this.observer.closed?.(this.number, cause);
    else this.observer.connectFailed?.(cause);
    this.abandon(this.pings, cause);
    this.abandon(this.waiting, cause);
  }

  /** The oldest command has its answer. */
  private complete(outcome: PublishOutcome): void {
    const oldest = this.waiting.peek();
    if (oldest === undefined || oldest.end > this.connection.handedOver) {
      this.connection.close(`a frame that answers nothing: ${outcome.kind === "error" ? outcome.error : "OK"}`);
      return;
    }
    this.waiting.shift();
    if (this.reported > 0) this.reported -= 1;
    oldest.done(outcome);
  }

  /** nsqd executes whole commands only: one whose last byte never left was not executed. */
  private abandon(transactions: Fifo<Transaction>, reason: string): void {
    const { handedOver } = this.connection;
    const unknown: PublishOutcome = { kind: "unknown", reason };
    const notSent: PublishOutcome = { kind: "not-sent", reason };
    for (let next = transactions.shift(); next !== undefined; next = transactions.shift()) {
      next.done(next.end <= handedOver ? unknown : notSent);
    }
    assert(transactions.length === 0, "every publish has an outcome");
  }
}

function bodyFault(body: Uint8Array): string | null {
  return body.length > 0 && body.length <= MAX_BODY_BYTES ? null : `a body of ${body.length} bytes cannot be published`;
}

function batchFault(bodies: readonly Uint8Array[]): string | null {
  if (bodies.length === 0) return "a batch of 0 bodies cannot be published";
  let bytes = 4;
  for (const body of bodies) {
    const fault = bodyFault(body);
    if (fault !== null) return fault;
    bytes += 4 + body.length;
  }
  return bytes <= MAX_BODY_BYTES ? null : `a batch of ${bytes} bytes cannot be published`;
}

function delayFault(delay: Micros): string | null {
  return Number.isSafeInteger(delay) && delay >= 0 ? null : `a delay of ${delay} µs cannot be published`;
}
