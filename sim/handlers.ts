// oxlint-disable no-restricted-globals -- handlers of users may be async; nothing else in a simulated world may.
import { microsToMs, msToMicros } from "../core/time.ts";
import type { Message } from "../core/client/message.ts";
import type { Random } from "../core/random.ts";
import type { CodeHandler } from "./apps/consumer.ts";
import type { SimHost } from "./host.ts";

/**
 * A handler given as a function. Returning (or resolving) finishes the message, throwing (or rejecting) requeues it
 * with the client's backoff, unless the handler has answered it itself.
 */
export type UserHandler = (message: HandlerMessage, context: HandlerContext) => unknown;

/** The message a handler works on. */
export interface HandlerMessage {
  readonly body: Uint8Array;
  /** The body as UTF-8. */
  readonly text: string;
  /** Deliveries so far, this one included. */
  readonly attempts: number;
  /** 16 hex digits. */
  readonly id: string;
  finish(): void;
  /** @param delayMs default: the client's default requeue delay × attempts. Without backoff when given. */
  requeue(delayMs?: number): void;
  touch(): void;
}

/** The simulated world as a handler sees it. Real timers and real I/O have no place in a handler. */
export interface HandlerContext {
  /** Milliseconds of virtual time since the start of the run. */
  readonly now: () => number;
  /** Resolves after that much virtual time; never, when the process dies first. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Random numbers of this process. */
  readonly random: Random;
  /**
   * Says that something happened which cannot be taken back, such as a payment: P13 and P14 judge by it what the scenario
   * claims. It belongs to the business id of the message; the name tells the effects of one handler apart. Default "".
   */
  readonly effect: (name?: string) => void;
}

/**
 * Runs handlers of users. Virtual time stands still while code of theirs may still run: whoever drives the agenda waits
 * until the microtask queue is dry after each event that {@link touched} it, then runs {@link resume}.
 */
export class UserHandlers {
  /** Code of a user ran or will run in a microtask. */
  touched = false;
  private readonly handlers: Readonly<Record<string, UserHandler>>;
  /** What handlers asked for from microtasks: steps of their processes, in the order asked. */
  private asked: (() => void)[] = [];

  constructor(handlers: Readonly<Record<string, UserHandler>>) {
    this.handlers = handlers;
  }

  get names(): readonly string[] {
    return Object.keys(this.handlers);
  }

  /** Runs what was asked for; it may touch code of users again. */
  resume(): void {
    const { asked } = this;
    this.asked = [];
    for (const act of asked) act();
  }

  /** The handler of that name, for one process. */
  bind(name: string, host: SimHost): CodeHandler {
    const handler = this.handlers[name]!;
    const context = this.context(name, host);
    return (message, finished, effect) => {
      this.touched = true;
      const own = { ...context, effect: (name = ""): void => this.perform(host, () => effect(name)) };
      let result: unknown;
      try {
        result = handler(this.wrap(host, message), own);
      } catch (error) {
        finished(errorText(error));
        return;
      }
      if (!isPromiseLike(result)) {
        finished(null);
        return;
      }
      result.then(
        () => this.perform(host, () => finished(null)),
        (error: unknown) => this.perform(host, () => finished(errorText(error))),
      );
    };
  }

  private context(name: string, host: SimHost): Omit<HandlerContext, "effect"> {
    return {
      now: () => microsToMs(host.now()),
      sleep: (ms) =>
        new Promise((resolve) => {
          host.timer(host.now() + Math.max(0, msToMicros(ms)), () => {
            this.touched = true;
            resolve();
          });
        }),
      random: host.random(`handler/${name}`),
    };
  }

  private wrap(host: SimHost, message: Message): HandlerMessage {
    return {
      body: message.body,
      get text(): string {
        return decodeUtf8(message.body);
      },
      attempts: message.attempts,
      get id(): string {
        return message.id;
      },
      finish: () => this.perform(host, () => message.finish()),
      requeue: (delayMs) =>
        this.perform(host, () =>
          delayMs === undefined ? message.requeue(-1) : message.requeue(msToMicros(delayMs), { backoff: false }),
        ),
      touch: () => this.perform(host, () => message.touch()),
    };
  }

  /** Acts now when code of the user runs within a step, else in a step of its own, at the same instant. */
  private perform(host: SimHost, act: () => void): void {
    if (host.inStep) act();
    else this.asked.push(() => host.take({ run: act }));
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function decodeUtf8(bytes: Uint8Array): string {
  let escaped = "";
  for (const byte of bytes) escaped += `%${byte.toString(16).padStart(2, "0")}`;
  try {
    return decodeURIComponent(escaped);
  } catch {
    return String.fromCharCode(...bytes);
  }
}
