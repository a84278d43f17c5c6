import type { Host } from "../../core/host.ts";
import type { Random } from "../../core/random.ts";
import { msToMicros, type Micros } from "../../core/time.ts";
import { Duration } from "../duration.ts";
import type { BehaviourSpec, DedupSpec } from "../scenario/types.ts";

export type HandlerOutcome = NonNullable<BehaviourSpec["outcome"]>;

/** A {@link BehaviourSpec}, ready to be asked for every message. */
export class Behaviour {
  readonly outcome: HandlerOutcome;
  readonly touchEvery: Micros;
  readonly blocking: boolean;
  readonly requeueDelay: Micros;
  /** Of outcomes `finish` and `silent`; null: none. */
  readonly effect: true | DedupSpec | null;
  private readonly take: Duration;
  private readonly minAttempts: number;
  private readonly maxAttempts: number;
  private readonly everyNth: number;
  private readonly messages: ReadonlySet<number> | null;
  private readonly percent: number;

  constructor(spec: BehaviourSpec) {
    const { when } = spec;
    const attempts = when?.attempts;
    const range = typeof attempts === "number" ? { min: attempts, max: attempts } : attempts;
    this.minAttempts = range?.min ?? 0;
    this.maxAttempts = range?.max ?? Number.POSITIVE_INFINITY;
    this.everyNth = when?.everyNth ?? 1;
    this.messages = when?.messages === undefined ? null : new Set(when.messages);
    this.percent = when?.percent ?? 100;
    this.take = new Duration(spec.takeMs ?? 0);
    this.outcome = spec.outcome ?? "finish";
    this.touchEvery = msToMicros(spec.touchEveryMs ?? 0);
    this.blocking = spec.blocking === true;
    this.requeueDelay = msToMicros(spec.requeueDelayMs ?? 0);
    this.effect = spec.effect ?? null;
  }

  matches(message: number, attempts: number, chance: Random): boolean {
    if (attempts < this.minAttempts || attempts > this.maxAttempts) return false;
    if (this.everyNth > 1 && message % this.everyNth !== 0) return false;
    if (this.messages !== null && !this.messages.has(message)) return false;
    return this.percent >= 100 || chance.unit() * 100 < this.percent;
  }

  drawTake(work: Random): Micros {
    return this.take.draw(work);
  }
}

/** What a handler does with each message: the first behaviour that matches, or finishing at once. */
export class Behaviours {
  private readonly list: readonly Behaviour[];
  private readonly chance: Random;
  private readonly work: Random;

  constructor(host: Host, specs: readonly BehaviourSpec[]) {
    this.list = [...specs.map((spec) => new Behaviour(spec)), new Behaviour({})];
    this.chance = host.random("behaviour");
    this.work = host.random("work");
  }

  choose(message: number, attempts: number): Behaviour {
    let index = 0;
    while (!this.list[index]!.matches(message, attempts, this.chance)) index += 1;
    return this.list[index]!;
  }

  drawTake(behaviour: Behaviour): Micros {
    return behaviour.drawTake(this.work);
  }
}
