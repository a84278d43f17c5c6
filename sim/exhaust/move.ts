import type { Micros } from "../../core/time.ts";
import type { StateKey } from "./state-key.ts";

/** One thing that can happen next in a world where the order of things is open. */
export interface Move {
  readonly kind: "arrival" | "fault" | "time";
  /**
   * The same in every run in which the processes concerned have had the same past: `c1:49152>nsqd1:4150`, what that
   * connection carries next; `nsqd1>c1 packet 3`, what travels outside of a connection; `kill nsqd1`; `time`.
   */
  readonly name: string;
  /** The processes whose state it reads or changes. Null: it concerns everybody. */
  readonly actors: readonly string[] | null;
  /** What it takes of the weather: 1 for a fault; for the time, how much the network keeps back meanwhile. */
  readonly cost: number;
}

/** Decides what happens next. */
export interface Chooser {
  /** @param moves arrivals by name, faults, and last the time */
  choose(moves: readonly Move[], moment: Moment): Move;
}

/** Where a choice is made. */
export interface Moment {
  readonly key: StateKey;
  readonly now: Micros;
  /** The instant after a move. */
  after(move: Move): Micros;
  /** What an arrival would bring. */
  parcel(move: Move): Parcel;
}

export interface Parcel {
  readonly from: string;
  readonly to: string;
  /** Of a connection: bytes, or a mark. Null: outside of one. */
  readonly bytes: Uint8Array | null;
}

export const TIME = "time";

/** Two moves that concern different processes lead to the same state in either order. */
export function areIndependent(one: Move, other: Move): boolean {
  if (one.actors === null || other.actors === null) return false;
  return !one.actors.some((actor) => other.actors!.includes(actor));
}

/** In a schedule: no choice, but the first move that costs nothing. */
export const AS_IT_COMES = "-";

/** Follows a list of names; beyond its end, things go as they come. */
export class Schedule implements Chooser {
  private readonly names: readonly string[];
  private next = 0;

  constructor(names: readonly string[]) {
    this.names = names;
  }

  choose(moves: readonly Move[]): Move {
    while (this.next < this.names.length) {
      const name = this.names[this.next]!;
      this.next += 1;
      if (name === AS_IT_COMES) break;
      const move = moves.find((one) => one.name === name);
      if (move !== undefined) return move;
    }
    return firstFree(moves) ?? moves.at(-1)!;
  }
}

/** The first move that costs nothing. */
export function firstFree(moves: readonly Move[]): Move | undefined {
  return moves.find(({ cost }) => cost === 0);
}
