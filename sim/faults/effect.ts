import { msToMicros, type Micros } from "../../core/time.ts";
import type { FaultAction } from "../scenario/types.ts";

/** How a fault goes on once it has begun. */
export interface Effect {
  /** Undoes it. Null: nothing can, or nothing need. */
  readonly undo: (() => void) | null;
  /** When it ends by itself; null: at the heal. */
  readonly duration: Micros | null;
  /** It has no end: what it destroyed stays so. */
  readonly forever?: boolean;
}

export const AT_ONCE: Effect = { undo: null, duration: null };

/** Begins a fault; `end` ends it earlier than its {@link Effect} says. */
export type Act = (end: () => void) => Effect;

/** A fault that lies in wait: it acts when something runs into it, and then calls `acted`. Again is no harm. */
export interface Trap {
  /** `end` as in {@link Act}. */
  readonly set: (acted: () => void, end: () => void) => Effect;
}

/** By kind: what the action does, or null when it finds nothing to act on. `fault` is its index in the scenario. */
export type Family<Action extends FaultAction> = {
  readonly [Kind in Action["kind"]]: (
    action: Extract<Action, { readonly kind: Kind }>,
    fault: number,
  ) => Act | Trap | null;
};

export interface FaultAgenda {
  readonly now: Micros;
  /** It may happen at any moment at which it is possible, once, to these processes. Missing where nothing is left open. */
  offer?(name: string, processes: readonly string[], what: { isPossible(): boolean; due(): void }): void;
  add(at: Micros, what: { due(): void }): unknown;
}

/** How long a fault lasts; null: until the heal. */
export function windowOf(forMs: number | undefined): Micros | null {
  return forMs === undefined ? null : msToMicros(forMs);
}
