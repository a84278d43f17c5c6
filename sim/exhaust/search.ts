import { assert } from "../../core/assert.ts";
import type { Failure } from "../shrink/failure.ts";
import type { Chooser } from "./move.ts";
import { StateGraph } from "./state-graph.ts";
import { NOTHING_NEW, TOO_LONG, Walker, type Branch, type WalkLimits } from "./walker.ts";

/** What is explored: made anew for every run. */
export interface OpenWorld {
  /**
   * Runs to the end; every choice is the chooser's, and what the chooser throws passes through. The same choices give the
   * same run.
   */
  run(chooser: Chooser): Ending;
}

export interface Ending {
  /** {@link StateKey.value} where the choices ended. */
  readonly key: number;
  /** False: a program threw; what would have followed is not known. */
  readonly isWhole: boolean;
  /** Names what anybody could see: the same for histories that differ only inside. */
  readonly observation: number;
  /** What is wrong with the history, the gravest first. */
  readonly failures: readonly Failure[];
  /** What happened in it that is worth counting, each once: `duplicate timeout`. */
  readonly facts: readonly string[];
}

/** The least that shows a failure. */
export interface Counterexample {
  /** The names of its choices. */
  readonly schedule: readonly string[];
  /** How often the network kept something back, and faults. */
  readonly cost: number;
  readonly failure: Failure;
}

export interface SearchLimits extends WalkLimits {
  /** Goes on when no smaller counterexample is possible than the one that is known. */
  readonly all: boolean;
}

/**
 * Makes every run of a small world, one at a time: every order of arrivals, with every choice of what the network keeps
 * back while time goes on, and every moment for the faults that strike at any time.
 *
 * A run is made again from the start for every choice that differs: nothing is saved or restored, so nothing can be
 * forgotten. Runs that differ only in the order of independent moves are one history, and are made once: sleep sets
 * (Godefroid 1996) leave a move out until something that depends on it has happened. {@link StateGraph} checks that
 * nothing else is left out: every move from every state must lead to a state that was seen.
 *
 * Runs come in the order of their cost, so the first failure has the least weather possible. Among those of equal cost
 * the one with the fewest choices is kept.
 */
export class Search {
  readonly graph = new StateGraph();
  /** Histories run to their end and judged, by cost. */
  readonly historiesByCost: number[] = [];
  /** Runs that were given up, because others show the same. */
  abandoned = 0;
  /** Runs that were given up at the limit of choices: what they would have gone on to do is not known. */
  tooLong = 0;
  /** Histories that a program ended by throwing. */
  cut = 0;
  /** Histories with something wrong. */
  failing = 0;
  /** How many histories fail in each way. */
  readonly failures = new Map<string, number>();
  /** In how many histories each fact is found. */
  readonly facts = new Map<string, number>();
  counterexample: Counterexample | null = null;
  /** Of the set of histories: the same for the same set, in whatever order it was found. */
  fingerprint = 0;
  /** What anybody could see in the histories. */
  readonly observations = new Set<number>();
  /** Choices of the longest history. */
  longest = 0;

  private readonly world: OpenWorld;
  private readonly limits: SearchLimits;
  /** By cost. */
  private readonly branches: Branch[][] = [[{ path: [], depth: 0, move: null, asleep: [] }]];

  constructor(world: OpenWorld, limits: SearchLimits) {
    this.world = world;
    this.limits = limits;
  }

  get histories(): number {
    return this.historiesByCost.reduce((sum, count) => sum + count, 0);
  }

  /** Runs made. */
  get runs(): number {
    return this.histories + this.abandoned + this.tooLong;
  }

  /** Runs that are known to be needed, and not made yet. */
  get waiting(): number {
    return this.branches.reduce((sum, level) => sum + level.length, 0);
  }

  /** The cost of the next run; every run that costs less was made. Null: all was seen, or the smallest counterexample. */
  get level(): number | null {
    const level = this.branches.findIndex((branches) => branches.length > 0);
    if (level < 0) return null;
    const { counterexample } = this;
    return counterexample !== null && !this.limits.all && level > counterexample.cost ? null : level;
  }

  /** Everything that is possible within the bounds was seen. */
  get exhausted(): boolean {
    return this.waiting === 0 && this.tooLong === 0 && this.cut === 0;
  }

  /** Asserts that nothing was left out, once there is nothing more to do. */
  verify(): void {
    if (this.exhausted) assert(this.graph.unseen() === 0, "every move leads to a state that was seen");
  }

  /** Makes one run. There must be one: see {@link level}. */
  next(): void {
    const { level } = this;
    assert(level !== null, "there is a run to make");
    const walker = new Walker(this.graph, this.branches[level]!.pop()!, this.limits, (branch, cost) => {
      while (this.branches.length <= cost) this.branches.push([]);
      this.branches[cost]!.push(branch);
    });
    try {
      const ending = this.world.run(walker);
      walker.end(ending.key);
      this.count(level, walker.path, ending);
    } catch (error) {
      if (error === NOTHING_NEW) this.abandoned += 1;
      else if (error === TOO_LONG) this.tooLong += 1;
      else throw error;
    }
  }

  private count(
    cost: number,
    schedule: readonly string[],
    { key, isWhole, observation, failures, facts }: Ending,
  ): void {
    while (this.historiesByCost.length <= cost) this.historiesByCost.push(0);
    this.historiesByCost[cost]! += 1;
    this.longest = Math.max(this.longest, schedule.length);
    this.fingerprint = (this.fingerprint + key) % Number.MAX_SAFE_INTEGER;
    this.observations.add(observation);
    if (!isWhole) this.cut += 1;
    for (const fact of facts) this.facts.set(fact, (this.facts.get(fact) ?? 0) + 1);
    const [failure] = failures;
    if (failure === undefined) return;
    this.failing += 1;
    for (const { id } of failures) this.failures.set(id, (this.failures.get(id) ?? 0) + 1);
    const best = this.counterexample;
    if (best !== null && (best.cost < cost || best.schedule.length <= schedule.length)) return;
    this.counterexample = { schedule, cost, failure };
  }
}
