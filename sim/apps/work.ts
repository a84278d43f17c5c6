import type { Message } from "../../core/client/message.ts";
import type { Host } from "../../core/host.ts";
import type { Micros } from "../../core/time.ts";
import type { Behaviour } from "./behaviour.ts";

/** Whose work it is. */
export interface Worker {
  readonly host: Host;
  /** The work is done, and ends as the behaviour says. */
  concludeAs(message: Message, number: number, behaviour: Behaviour): void;
}

/** One message with a data-driven handler. */
export class Work {
  readonly message: Message;
  readonly number: number;
  readonly take: Micros;
  readonly behaviour: Behaviour;
  private readonly worker: Worker;
  private end: Micros = 0;

  constructor(worker: Worker, message: Message, number: number, behaviour: Behaviour, take: Micros) {
    this.worker = worker;
    this.message = message;
    this.number = number;
    this.behaviour = behaviour;
    this.take = take;
  }

  start(): void {
    const { host } = this.worker;
    const { touchEvery } = this.behaviour;
    this.end = host.now() + this.take;
    if (touchEvery > 0 && touchEvery < this.take) host.timer(host.now() + touchEvery, () => this.touch());
    host.timer(this.end, () => this.conclude());
  }

  conclude(): void {
    this.worker.concludeAs(this.message, this.number, this.behaviour);
  }

  private touch(): void {
    const { host } = this.worker;
    this.message.touch();
    const next = host.now() + this.behaviour.touchEvery;
    if (next < this.end) host.timer(next, () => this.touch());
  }
}
