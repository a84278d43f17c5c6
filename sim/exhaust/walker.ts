import { assert } from "../../core/assert.ts";
import { areIndependent, firstFree, type Chooser, type Moment, type Move } from "./move.ts";
import type { StateGraph } from "./state-graph.ts";

/** A run still to be made: as another one up to a choice, and then otherwise. */
export interface Branch {
  /** Names of the moves of that other run. Shared between its branches. */
  readonly path: readonly string[];
  /** So many of them are the same. */
  readonly depth: number;
  /** What comes then. Null: this is the first run. */
  readonly move: string | null;
  /** What need not come next after that, because other runs have it. */
  readonly asleep: readonly Move[];
}

/** Ends a run that would show nothing new. */
class RunGivenUp extends Error {
  override readonly name = "RunGivenUp";
}

// One each, thrown again and again: a stack is dear, and nobody looks at it.
/** Every move is left to other runs. */
export const NOTHING_NEW = new RunGivenUp("nothing new");
export const TOO_LONG = new RunGivenUp("too many choices");

export function isGivenUp(error: unknown): boolean {
  return error === NOTHING_NEW || error === TOO_LONG;
}

export interface WalkLimits {
  /** {@link ExhaustSpec.holds} */
  readonly holds: number;
  readonly choices: number;
}

/** Takes a run along its branch, then where it costs nothing, and reports the branches that leave from there. */
export class Walker implements Chooser {
  /** Names of the moves made. */
  readonly path: string[];
  private readonly graph: StateGraph;
  private readonly limits: WalkLimits;
  private readonly found: (branch: Branch, cost: number) => void;
  private step = 0;
  /** Of the weather so far: what the network kept back, and faults. */
  private holds = 0;
  private faults = 0;
  private asleep: readonly Move[];

  constructor(graph: StateGraph, branch: Branch, limits: WalkLimits, found: (branch: Branch, cost: number) => void) {
    this.graph = graph;
    this.limits = limits;
    this.found = found;
    this.asleep = branch.asleep;
    this.path = branch.path.slice(0, branch.depth);
    if (branch.move !== null) this.path.push(branch.move);
  }

  choose(moves: readonly Move[], moment: Moment): Move {
    const { step, path } = this;
    this.step += 1;
    if (step >= path.length) return this.explore(moves, moment);
    const move = moves.find(({ name }) => name === path[step]);
    assert(move !== undefined, `${path[step]} is possible again`);
    return this.pay(move);
  }

  /** Where the choices end. */
  end(key: number): void {
    this.graph.visit(key, []);
  }

  private explore(all: readonly Move[], moment: Moment): Move {
    const moves = all.filter((move) => this.holds + holdsOf(move) <= this.limits.holds);
    this.graph.visit(
      moment.key.value,
      moves.map((move) => moment.key.next(move, moment.after(move))),
    );
    if (this.step > this.limits.choices) throw TOO_LONG;
    const awake = moves.filter(({ name }) => !this.asleep.some((one) => one.name === name));
    const move = firstFree(awake);
    let asleep = this.asleep;
    if (move !== undefined) asleep = [...asleep, move];
    const depth = this.path.length;
    for (const other of awake) {
      if (other === move) continue;
      const after = asleep.filter((one) => areIndependent(one, other));
      const cost = this.holds + this.faults + other.cost;
      this.found({ path: this.path, depth, move: other.name, asleep: after }, cost);
      asleep = [...asleep, other];
    }
    if (move === undefined) throw NOTHING_NEW;
    this.asleep = this.asleep.filter((one) => areIndependent(one, move));
    this.path.push(move.name);
    return move;
  }

  private pay(move: Move): Move {
    this.holds += holdsOf(move);
    if (move.kind === "fault") this.faults += 1;
    return move;
  }
}

function holdsOf(move: Move): number {
  return move.kind === "time" ? move.cost : 0;
}
