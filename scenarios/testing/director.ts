import type { HandlerContext } from "../../sim/handlers.ts";
import type { Order } from "./orders.ts";

/** How a story goes. `position`: so many steps of the first delivery are done when the consumer dies. */
export type Plan =
  | { readonly kind: "undisturbed" }
  | { readonly kind: "crash"; readonly position: number }
  | { readonly kind: "concurrent"; readonly order: Order };

type Step = <T>(name: string, act: () => T | PromiseLike<T>) => Promise<T>;

/** Never settles: the consumer dies before its handler gets any further. */
const DEATH = new Promise<never>(() => undefined);

/** Lets the deliveries of one message take their steps as a plan has it. Deliveries beyond the second do as they like. */
export class Director {
  /** Steps done, with the number of the delivery, and the crash. */
  readonly trace: string[] = [];
  /** Steps of the first delivery. */
  readonly steps: string[] = [];
  /** Milliseconds that the first delivery took. */
  duration = 0;
  /** What the first delivery threw. */
  failure: string | null = null;
  private readonly plan: Plan;
  /** Who waits longer than that for the other's turn, which may wait for a lock that is held here, goes on. */
  private readonly patienceMs: number;
  /** Turns over. */
  private turn = 0;
  private readonly begun = new Set<number>();
  private readonly ended = new Set<number>();
  private waiting: (() => void)[] = [];

  constructor(plan: Plan, patienceMs: number) {
    this.plan = plan;
    this.patienceMs = patienceMs;
  }

  /** Runs the handler of a delivery. */
  async direct(delivery: number, context: HandlerContext, handle: (step: Step) => PromiseLike<void>): Promise<void> {
    this.begun.add(delivery);
    this.changed();
    const began = context.now();
    const step: Step = async (name, act) => {
      await this.enter(delivery, context);
      const result = await act();
      this.trace.push(`${delivery} ${name}`);
      if (delivery === 1) this.steps.push(name);
      this.turn += 1;
      this.changed();
      return result;
    };
    try {
      await handle(step);
      await this.beforeEnd(delivery, context);
    } catch (error) {
      if (delivery === 1) this.failure = String(error);
      throw error;
    } finally {
      if (delivery === 1) this.duration = context.now() - began;
      this.ended.add(delivery);
      this.changed();
    }
  }

  private async enter(delivery: number, context: HandlerContext): Promise<void> {
    await this.dieAt(delivery);
    if (this.plan.kind === "concurrent" && delivery <= 2) await this.until(() => this.isTurnOf(delivery), context);
  }

  /** The first delivery is not answered before the second has begun, or they would not be concurrent. */
  private async beforeEnd(delivery: number, context: HandlerContext): Promise<void> {
    await this.dieAt(delivery);
    if (this.plan.kind === "concurrent" && delivery === 1) await this.until(() => this.begun.has(2), context);
  }

  private async dieAt(delivery: number): Promise<void> {
    if (this.plan.kind !== "crash" || delivery !== 1 || this.steps.length !== this.plan.position) return;
    this.trace.push("crash");
    await DEATH;
  }

  private isTurnOf(delivery: number): boolean {
    if (this.plan.kind !== "concurrent") return true;
    const { order } = this.plan;
    // A delivery may need fewer steps than planned: its turns are passed over.
    while (this.turn < order.length && this.ended.has(order[this.turn]!)) this.turn += 1;
    return this.turn >= order.length || order[this.turn] === delivery;
  }

  private async until(holds: () => boolean, context: HandlerContext): Promise<void> {
    const end = context.now() + this.patienceMs;
    const patience = context.sleep(this.patienceMs);
    while (context.now() < end && !holds()) {
      // oxlint-disable-next-line no-await-in-loop -- it looks again at every change
      await Promise.race([patience, this.change()]);
    }
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private changed(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }
}
