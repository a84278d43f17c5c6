import { parseClientConfig, type ClientConfig } from "../../core/client/config.ts";
import { Consumer } from "../../core/client/consumer.ts";
import type { Message } from "../../core/client/message.ts";
import type { Host } from "../../core/host.ts";
import { msToMicros, type Micros } from "../../core/time.ts";
import type { ConsumerSpec } from "../scenario/types.ts";
import { Behaviours, type Behaviour, type HandlerOutcome } from "./behaviour.ts";
import { DeadLetters } from "./dead-letters.ts";
import { Effects, storeFailure } from "./effects.ts";
import { Rows, type Recorder } from "./recorder.ts";
import { Sightings } from "./sightings.ts";
import type { StoreAnswer } from "./store.ts";
import { Turns } from "./turns.ts";
import { Work } from "./work.ts";

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
  private readonly spec: ConsumerSpec;
  private readonly consumer: Consumer;
  private readonly environment: ConsumerEnvironment;
  private readonly behaviours: Behaviours;
  private readonly code: CodeHandler | null;
  private readonly effects: Effects;
  private readonly deadLetters: DeadLetters | null;
  private readonly turns: Turns | null;
  private readonly sightings: Sightings;
  private working = 0;
  /** Blocking work that waits for the work before it. */
  private readonly queue: Work[] = [];
  private blocked = false;

  constructor(host: Host, spec: ConsumerSpec, environment: ConsumerEnvironment) {
    this.host = host;
    this.spec = spec;
    this.environment = environment;
    const { recorder } = environment;
    const { handler, deadLetter, name } = spec;
    const { keys } = environment;
    const rows = new Rows(recorder, name);
    const placeName = `${spec.topic}/${spec.channel}`;
    const place = recorder.intern(placeName);
    this.sightings = new Sightings(recorder, rows, place);
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
    this.consumer = new Consumer(
      host,
      spec.topic,
      spec.channel,
      config,
      concurrency,
      (m) => this.handle(m),
      this.sightings.observer(),
    );
    for (const nsqd of spec.nsqd) {
      const address = environment.address(nsqd);
      this.sightings.know(address, nsqd);
      this.consumer.connect(address);
    }
    for (const lookupd of spec.lookupd ?? []) {
      const address = environment.lookupAddress(lookupd);
      this.sightings.know(address, lookupd);
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

  /** It is told to use that nsqd, or will find it: one of its nsqlookupds knows that the nsqd has the topic. */
  wants(nsqd: string, lookupds: readonly string[], topics: ReadonlySet<string>): boolean {
    const { spec } = this;
    if (spec.nsqd.includes(nsqd)) return true;
    return topics.has(spec.topic) && spec.lookupd?.some((lookupd) => lookupds.includes(lookupd)) === true;
  }

  /** It would take a message from there. */
  isServed(nsqd: string): boolean {
    return this.sightings.isServed(nsqd);
  }

  /** Sum of the RDY counts in force at that nsqd. */
  readyAt(nsqd: string): number {
    return this.sightings.readyAt(nsqd);
  }

  stop(done: () => void): void {
    this.consumer.stop(() => {
      this.deadLetters?.stop();
      done();
    });
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
    this.sightings.handled(message, number, text);
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
    const number = this.sightings.numberOf(message);
    this.working += 1;
    if (this.code !== null) {
      this.sightings.handle(message, number);
      const finished = (error: string | null): void =>
        this.conclude(message, number, error === null ? "finish" : "fail", 0, error ?? "ok");
      this.code(message, finished, (name) => this.effects.record(message, number, name));
      return;
    }
    const turn = this.turns?.begin(message) ?? "now";
    if (turn !== "now") {
      this.sightings.handle(message, number);
      this.passOver(message, number, turn);
      return;
    }
    const behaviour = this.behaviours.choose(number, message.attempts);
    if (behaviour.effect === null || behaviour.effect === true) {
      this.work(message, number, behaviour);
      return;
    }
    this.sightings.handle(message, number);
    this.effects.before(behaviour.effect, message, number, (answer) =>
      answer === "new" ? this.work(message, number, behaviour) : this.concludeKnown(message, number, answer),
    );
  }

  /** It is not its turn. */
  private passOver(message: Message, number: number, turn: "early" | "known"): void {
    this.working -= 1;
    this.sightings.handled(message, number, turn === "known" ? "known" : "requeue");
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
    if (effect === null || effect === true) this.sightings.handle(message, number);
  }
}
