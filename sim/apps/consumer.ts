import { parseClientConfig, type ClientConfig } from "../../core/client/config.ts";
import { Consumer } from "../../core/client/consumer.ts";
import type { Message } from "../../core/client/message.ts";
import type { ConsumerObserver } from "../../core/client/observer.ts";
import type { Host } from "../../core/host.ts";
import { msToMicros, type Micros } from "../../core/time.ts";
import { KIND } from "../history.ts";
import type { ConsumerSpec } from "../scenario/types.ts";
import { Behaviours, type Behaviour, type HandlerOutcome } from "./behaviour.ts";
import { parseWholeNumber } from "./body.ts";
import { DeadLetters } from "./dead-letters.ts";
import { Effects, storeFailure } from "./effects.ts";
import { Rows, type Recorder } from "./recorder.ts";
import type { StoreAnswer } from "./store.ts";
import { Turns } from "./turns.ts";

// Looked up once: these are written for every message.
const {
  handle: HANDLE,
  handled: HANDLED,
  connect: CONNECT,
  subscribe: SUBSCRIBE,
  "connect-failed": CONNECT_FAILED,
  close: CLOSE,
  deliver: DELIVER,
  "answer-error": ANSWER_ERROR,
  rdy: RDY,
  backoff: BACKOFF,
  lookup: LOOKUP,
  finish: FINISH,
  requeue: REQUEUE,
  touch: TOUCH,
  "give-up": GIVE_UP,
} = KIND;

/**
 * A handler that is code, not data. `finished` is called once: with null, or with the text of what went wrong; `effect` at
 * every effect that cannot be taken back.
 */
export type CodeHandler = (
  message: Message,
  finished: (error: string | null) => void,
  effect: (name: string) => void,
) => void;

export interface ConsumerEnvironment {
  readonly recorder: Recorder;
  /** TCP address of an nsqd of the scenario. */
  address(nsqd: string): string;
  /** HTTP address of an nsqlookupd of the scenario. */
  lookupAddress(lookupd: string): string;
  /** HTTP address of a store of the scenario. */
  storeAddress(store: string): string;
  /** Keys of the consumer's topic; 1: it has none. */
  readonly keys: number;
  /** Occupies the process for that time, then goes on: nothing else of it runs meanwhile. */
  block(duration: Micros, then: () => void): void;
  /** The handler function of that name. */
  handler(name: string): CodeHandler;
}

/** The client settings of a consumer. */
export function consumerConfig(spec: ConsumerSpec): ClientConfig {
  return parseClientConfig({
    max_in_flight: spec.maxInFlight ?? 1,
    ...(spec.maxAttempts === undefined ? {} : { max_attempts: spec.maxAttempts }),
    ...spec.config,
  });
}

/** Consumes as a {@link ConsumerSpec} says and records what it sees and does. */
export class ConsumerApp {
  readonly host: Host;
  readonly rows: Rows;
  readonly place: number;
  private readonly spec: ConsumerSpec;
  private readonly consumer: Consumer;
  private readonly environment: ConsumerEnvironment;
  private readonly behaviours: Behaviours;
  private readonly code: CodeHandler | null;
  private readonly effects: Effects;
  private readonly deadLetters: DeadLetters | null;
  private readonly turns: Turns | null;
  /** Address of an nsqd to its interned name. */
  private readonly peers = new Map<string, number>();
  private lastAddress = "";
  private lastPeer = 0;
  private readonly names = new Map<string, string>();
  /** RDY in force, by connection. */
  private readonly ready = new Map<number, { readonly nsqd: string; readonly count: number }>();
  private working = 0;
  private lastMessage: Message | null = null;
  private lastNumber = -1;
  /** Blocking work that waits for the work before it. */
  private readonly queue: Work[] = [];
  private blocked = false;

  constructor(host: Host, spec: ConsumerSpec, environment: ConsumerEnvironment) {
    this.host = host;
    this.spec = spec;
    this.environment = environment;
    const { recorder } = environment;
    this.rows = new Rows(recorder, spec.name);
    const placeName = `${spec.topic}/${spec.channel}`;
    this.place = recorder.intern(placeName);
    const { handler, deadLetter, name } = spec;
    const { rows, place } = this;
    const { keys } = environment;
    const storeAddress = (store: string): string => environment.storeAddress(store);
    this.effects = new Effects({ host, rows, name, placeName, place, keys, storeAddress });
    this.turns = spec.inOrder === undefined ? null : new Turns(keys);
    const letterNsqd = deadLetter?.nsqd ?? spec.nsqd[0] ?? "";
    this.deadLetters =
      deadLetter === undefined
        ? null
        : new DeadLetters(
            { host, recorder, rows, placeName, place },
            deadLetter,
            letterNsqd,
            environment.address(letterNsqd),
          );
    const byCode = handler !== undefined && "use" in handler;
    this.behaviours = new Behaviours(host, byCode ? [] : (handler ?? []));
    this.code = byCode ? environment.handler(handler.use) : null;
    const config = consumerConfig(spec);
    const concurrency = Math.max(1, spec.concurrency ?? config.maxInFlight);
    const observer = this.observer();
    this.consumer = new Consumer(host, spec.topic, spec.channel, config, concurrency, (m) => this.handle(m), observer);
    for (const nsqd of spec.nsqd) {
      const address = environment.address(nsqd);
      this.know(address, nsqd);
      this.consumer.connect(address);
    }
    for (const lookupd of spec.lookupd ?? []) {
      const address = environment.lookupAddress(lookupd);
      this.know(address, lookupd);
      this.consumer.connectToLookupd(address);
    }
  }

  /** No message is with a handler or waits for one. */
  get idle(): boolean {
    return this.working === 0 && this.consumer.stats().buffered === 0;
  }

  consumes(topic: string, channel: string): boolean {
    return this.spec.topic === topic && this.spec.channel === channel;
  }

  /** It is told to use that nsqd. */
  wants(nsqd: string): boolean {
    return this.spec.nsqd.includes(nsqd);
  }

  /** It has a connection there on which it has sent RDY. */
  isServed(nsqd: string): boolean {
    for (const ready of this.ready.values()) if (ready.nsqd === nsqd) return true;
    return false;
  }

  /** Sum of the RDY counts in force at that nsqd. */
  readyAt(nsqd: string): number {
    let sum = 0;
    for (const ready of this.ready.values()) if (ready.nsqd === nsqd) sum += ready.count;
    return sum;
  }

  stop(done: () => void): void {
    this.consumer.stop(() => {
      this.deadLetters?.stop();
      done();
    });
  }

  /** The interned name of the nsqd at an address; most often the one asked for last. */
  peer(address: string): number {
    if (address !== this.lastAddress) {
      this.lastAddress = address;
      if (!this.peers.has(address)) this.know(address, hostOf(address));
      this.lastPeer = this.peers.get(address)!;
    }
    return this.lastPeer;
  }

  private name(address: string): string {
    if (!this.names.has(address)) this.know(address, hostOf(address));
    return this.names.get(address)!;
  }

  /** What the process at an address is called. One that is found is called as it calls itself. */
  private know(address: string, name: string): void {
    this.peers.set(address, this.environment.recorder.intern(name));
    this.names.set(address, name);
  }

  /** The handler is done with it, as its behaviour says. */
  concludeAs(message: Message, number: number, { outcome, requeueDelay, effect }: Behaviour): void {
    const text = outcome === "finish" ? "ok" : outcome;
    if (effect === null || (outcome !== "finish" && outcome !== "silent"))
      this.conclude(message, number, outcome, requeueDelay, text);
    else
      this.effects.perform(effect, message, number, (answer) =>
        answer === "new"
          ? this.conclude(message, number, outcome, requeueDelay, text)
          : this.concludeKnown(message, number, answer),
      );
  }

  /** The handler is done with it: says what it decided, and does so. */
  private conclude(
    message: Message,
    number: number,
    outcome: HandlerOutcome,
    requeueDelay: Micros,
    text: string,
  ): void {
    this.recordHandling(HANDLED, message, number, text);
    this.turns?.end(message, outcome === "finish");
    const hasFailed = outcome === "fail" || outcome === "throw";
    if (hasFailed && this.deadLetters?.spares(message.attempts) === false && !message.answered) {
      this.deadLetters.put(message, number, text, () => {
        this.working -= 1;
      });
      return;
    }
    this.working -= 1;
    if (outcome === "finish") message.finish();
    else if (hasFailed) message.requeue(-1);
    else if (outcome === "requeue") message.requeue(requeueDelay, { backoff: false });
    else message.release();
  }

  /** A store says that it was handled before, or says nothing. */
  private concludeKnown(message: Message, number: number, answer: Exclude<StoreAnswer, "new">): void {
    if (answer === "known") this.conclude(message, number, "finish", 0, "known");
    else this.conclude(message, number, "fail", 0, storeFailure(answer));
  }

  /** The blocking work at the head of the queue begins. */
  private startBlocking(): void {
    const work = this.queue.shift();
    if (work === undefined) return;
    this.blocked = true;
    this.begin(work.message, work.number, work.behaviour);
    this.environment.block(work.take, () => {
      this.blocked = false;
      work.conclude();
      this.startBlocking();
    });
  }

  private handle(message: Message): void {
    const number = this.numberOf(message);
    this.working += 1;
    if (this.code !== null) {
      this.recordHandling(HANDLE, message, number, "");
      const finished = (error: string | null): void =>
        this.conclude(message, number, error === null ? "finish" : "fail", 0, error ?? "ok");
      this.code(message, finished, (name) => this.effects.record(message, number, name));
      return;
    }
    const turn = this.turns?.begin(message) ?? "now";
    if (turn !== "now") {
      this.recordHandling(HANDLE, message, number, "");
      this.passOver(message, number, turn);
      return;
    }
    const behaviour = this.behaviours.choose(number, message.attempts);
    if (behaviour.effect === null || behaviour.effect === true) {
      this.work(message, number, behaviour);
      return;
    }
    this.recordHandling(HANDLE, message, number, "");
    this.effects.before(behaviour.effect, message, number, (answer) =>
      answer === "new" ? this.work(message, number, behaviour) : this.concludeKnown(message, number, answer),
    );
  }

  /** It is not its turn. */
  private passOver(message: Message, number: number, turn: "early" | "known"): void {
    this.working -= 1;
    this.recordHandling(HANDLED, message, number, turn === "known" ? "known" : "requeue");
    if (turn === "known") message.finish();
    else message.requeue(msToMicros(this.spec.inOrder!.retryMs), { backoff: false });
  }

  private work(message: Message, number: number, behaviour: Behaviour): void {
    const take = this.behaviours.drawTake(behaviour);
    if (take === 0) {
      this.begin(message, number, behaviour);
      this.concludeAs(message, number, behaviour);
      return;
    }
    const work = new Work(this, message, number, behaviour, take);
    if (behaviour.blocking) {
      this.queue.push(work);
      if (!this.blocked) this.startBlocking();
      return;
    }
    this.begin(message, number, behaviour);
    work.start();
  }

  /** The handler starts. Where a store is asked first, it has started before. */
  private begin(message: Message, number: number, { effect }: Behaviour): void {
    if (effect === null || effect === true) this.recordHandling(HANDLE, message, number, "");
  }

  /** The number in a message's body; most often the same message as before. */
  private numberOf(message: Message): number {
    if (message !== this.lastMessage) {
      this.lastMessage = message;
      this.lastNumber = parseWholeNumber(message.body);
    }
    return this.lastNumber;
  }

  private recordHandling(kind: number, message: Message, number: number, text: string): void {
    const { address, connection, attempts, idHigh, idLow } = message;
    this.rows.add(kind, this.peer(address), this.place, number, connection, attempts, 0, text, idHigh, idLow);
  }

  private observer(): ConsumerObserver {
    const { rows, place } = this;
    const { recorder } = this.environment;
    const about = (kind: number, message: Message, value: number): void => {
      const { address, connection, idHigh, idLow } = message;
      const number = this.numberOf(message);
      rows.add(kind, this.peer(address), place, number, connection, value, 0, "", idHigh, idLow);
    };
    return {
      connected: (address, conn) => rows.add(CONNECT, this.peer(address), place, -1, conn, 0),
      subscribed: (address, conn, msgTimeout) => rows.add(SUBSCRIBE, this.peer(address), place, -1, conn, msgTimeout),
      connectFailed: (address, cause) => rows.add(CONNECT_FAILED, this.peer(address), place, -1, -1, 0, 0, cause),
      closed: (address, conn, cause) => {
        this.ready.delete(conn);
        rows.add(CLOSE, this.peer(address), place, -1, conn, 0, 0, cause);
      },
      received: (message) => {
        recorder.deliveries += 1;
        if (recorder.history === null) return;
        const { address, connection, attempts, timestamp, idHigh, idLow } = message;
        const number = this.numberOf(message);
        const peer = this.peer(address);
        rows.add(DELIVER, peer, place, number, connection, attempts, timestamp, "", idHigh, idLow);
      },
      answered: (message, answer, delay) =>
        answer === "finish" ? about(FINISH, message, 0) : about(REQUEUE, message, delay),
      touched: (message) => about(TOUCH, message, 0),
      gaveUp: (message) => about(GIVE_UP, message, message.attempts),
      answerError: (address, conn, error, idHigh, idLow) => {
        const number = rows.messageOf(idHigh, idLow);
        rows.add(ANSWER_ERROR, this.peer(address), place, number, conn, 0, 0, error, idHigh, idLow);
      },
      rdy: (address, conn, count) => {
        rows.add(RDY, this.peer(address), place, -1, conn, count);
        this.ready.set(conn, { nsqd: this.names.get(address)!, count });
      },
      lookup: (lookupd, found) => {
        if (recorder.history === null) return;
        const names = found.map((address) => this.name(address)).join(" ");
        rows.add(LOOKUP, this.peer(lookupd), place, -1, -1, found.length, 0, names);
      },
      lookupFailed: (lookupd, cause) => rows.add(LOOKUP, this.peer(lookupd), place, -1, -1, -1, 0, cause),
      backoff: (state, level, wait) => rows.add(BACKOFF, 0, place, -1, -1, level, wait, state),
    };
  }
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(":"));
}

/** One message with a data-driven handler. */
class Work {
  readonly message: Message;
  readonly number: number;
  readonly take: Micros;
  readonly behaviour: Behaviour;
  private readonly app: ConsumerApp;
  private end: Micros = 0;

  constructor(app: ConsumerApp, message: Message, number: number, behaviour: Behaviour, take: Micros) {
    this.app = app;
    this.message = message;
    this.number = number;
    this.behaviour = behaviour;
    this.take = take;
  }

  start(): void {
    const { host } = this.app;
    const { touchEvery } = this.behaviour;
    this.end = host.now() + this.take;
    if (touchEvery > 0 && touchEvery < this.take) host.timer(host.now() + touchEvery, () => this.touch());
    host.timer(this.end, () => this.conclude());
  }

  conclude(): void {
    this.app.concludeAs(this.message, this.number, this.behaviour);
  }

  private touch(): void {
    const { host } = this.app;
    this.message.touch();
    const next = host.now() + this.behaviour.touchEvery;
    if (next < this.end) host.timer(next, () => this.touch());
  }
}
