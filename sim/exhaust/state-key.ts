import type { Micros } from "../../core/time.ts";
import type { Move } from "./move.ts";

/** Of 53 bits: a key is a number, and a million states collide with a probability of 1 in 18,000. */
const HIGH_BITS = 0x20_0000;
const LOW_RANGE = 0x1_0000_0000;

/**
 * Names a state by the past of each process: its moves, in their order, each with its instant. A process is a function
 * of that past, and what is on its way is a function of its sender. So runs with equal keys are in the same state, and
 * every client has seen the same: they differ only in the order of moves that are independent.
 */
export class StateKey {
  private readonly pasts = new Map<string, Past>();
  private now: Micros = 0;

  /** A move happens, and afterwards it is `now`. */
  mix(move: Move, now: Micros): void {
    this.now = now;
    if (move.actors === null) return;
    for (const actor of move.actors) {
      const before = this.pasts.get(actor) ?? START;
      this.pasts.set(actor, after(before, move.name, now));
    }
  }

  /** The key of the state. */
  get value(): number {
    return this.keyWith(null, this.now);
  }

  /** The key of the state that a move would lead to, after which it would be `now`. */
  next(move: Move, now: Micros): number {
    return this.keyWith(move.actors === null ? null : move, now);
  }

  private keyWith(move: Move | null, now: Micros): number {
    let high = scramble(now >>> 0);
    let low = scramble(Math.floor(now / LOW_RANGE) ^ high);
    const add = (actor: string, past: Past): void => {
      const name = hashText(actor);
      // A sum: whose past is looked at first makes no difference.
      high = (high + scramble(past.high ^ name)) >>> 0;
      low = (low + scramble(past.low + name)) >>> 0;
    };
    for (const [actor, past] of this.pasts) if (move?.actors?.includes(actor) !== true) add(actor, past);
    for (const actor of move?.actors ?? []) add(actor, after(this.pasts.get(actor) ?? START, move!.name, now));
    return (scramble(high) % HIGH_BITS) * LOW_RANGE + scramble(low);
  }
}

interface Past {
  readonly high: number;
  readonly low: number;
}

const START: Past = { high: 0x9e37_79b9, low: 0x85eb_ca6b };

function after({ high, low }: Past, name: string, now: Micros): Past {
  const what = hashText(name) ^ scramble(now >>> 0);
  return { high: scramble(Math.imul(high, 31) + what), low: scramble(Math.imul(low, 131) ^ what) };
}

/** FNV-1a. */
function hashText(text: string): number {
  let hash = 0x811c_9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
  return hash >>> 0;
}

/** The finalizer of MurmurHash3: every bit of the input changes every bit of the output. */
function scramble(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
