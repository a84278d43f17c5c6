import type { Micros } from "../../core/time.ts";
import { Chain, ChainSum, hashText } from "./hash.ts";
import type { Move } from "./move.ts";

/**
 * Names a state by the past of each process: its moves, in their order, each with its instant. A process is a function
 * of that past, and what is on its way is a function of its sender. So runs with equal keys are in the same state, and
 * every client has seen the same: they differ only in the order of moves that are independent.
 *
 * Keys have 53 bits: of a million states two have the same with a probability of 1 in 18,000.
 */
export class StateKey {
  private readonly pasts = new Map<string, Chain>();
  private now: Micros = 0;

  /** A move happens, and afterwards it is `now`. */
  mix(move: Move, now: Micros): void {
    this.now = now;
    for (const actor of move.actors ?? []) this.pasts.set(actor, this.after(actor, move, now));
  }

  /** The key of the state. */
  get value(): number {
    return this.keyAfter(null, this.now);
  }

  /** The key of the state that a move would lead to, after which it would be `now`. */
  next(move: Move, now: Micros): number {
    return this.keyAfter(move, now);
  }

  private keyAfter(move: Move | null, now: Micros): number {
    const sum = new ChainSum();
    const clock = new Chain();
    clock.add(now >>> 0);
    clock.add(Math.floor(now / 0x1_0000_0000));
    sum.add(0, clock);
    for (const [actor, past] of this.pasts) if (move?.actors?.includes(actor) !== true) sum.add(hashText(actor), past);
    for (const actor of move?.actors ?? []) sum.add(hashText(actor), this.after(actor, move!, now));
    return sum.value;
  }

  private after(actor: string, { name }: Move, now: Micros): Chain {
    const past = this.pasts.get(actor)?.copy() ?? new Chain();
    past.add(hashText(name));
    past.add(now >>> 0);
    return past;
  }
}
