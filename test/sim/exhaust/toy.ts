import { TIME, type Chooser, type Move } from "../../../sim/exhaust/move.ts";
import type { Ending, OpenWorld } from "../../../sim/exhaust/search.ts";
import { StateKey } from "../../../sim/exhaust/state-key.ts";
import type { Failure } from "../../../sim/shrink/failure.ts";

/** A lane that carries so many things to its actors. */
export interface ToyLane {
  readonly actors: readonly string[];
  readonly count: number;
}

/** Lanes that are full from the beginning, and so many instants at which time may go on. */
export interface Toy {
  readonly lanes: readonly ToyLane[];
  readonly instants: number;
}

export type ToyHistory = readonly string[];

/** The toy as an open world. `seen` is told every history; `isWrong` says which of them fail. */
export function toyWorld(
  toy: Toy,
  seen: (history: ToyHistory) => void = () => {},
  isWrong: (history: ToyHistory) => boolean = () => false,
): OpenWorld {
  return {
    run(chooser: Chooser): Ending {
      const key = new StateKey();
      const left = toy.lanes.map(({ count }) => count);
      const history: string[] = [];
      let now = 0;
      const after = (move: Move): number => (move.kind === "time" ? now + 1 : now);
      while (now < toy.instants) {
        const moment = { key, now, after, parcel: () => ({ from: "", to: "", bytes: null }) };
        const move = chooser.choose(movesOf(toy, left), moment);
        key.mix(move, after(move));
        now = after(move);
        history.push(move.name);
        if (move.kind === "arrival") left[Number(move.name)]! -= 1;
      }
      seen(history);
      const failure: Failure = { id: "toy", path: "", text: history.join(" ") };
      return {
        key: key.value,
        isWhole: true,
        observation: key.value,
        failures: isWrong(history) ? [failure] : [],
        facts: [],
      };
    },
  };
}

function movesOf(toy: Toy, left: readonly number[]): Move[] {
  const moves = toy.lanes.flatMap(({ actors }, lane): Move[] =>
    left[lane]! > 0 ? [{ kind: "arrival", name: String(lane), actors, cost: 0 }] : [],
  );
  return [...moves, { kind: "time", name: TIME, actors: null, cost: moves.length }];
}

/** Every order of the toy's moves, by trying each move at each step. */
export function everyOrder(toy: Toy, holds: number): ToyHistory[] {
  const found: ToyHistory[] = [];
  const go = (left: readonly number[], now: number, paid: number, history: ToyHistory): void => {
    if (now === toy.instants) {
      found.push(history);
      return;
    }
    for (const { name, kind, cost } of movesOf(toy, left)) {
      if (paid + cost > holds) continue;
      if (kind === "time") go(left, now + 1, paid + cost, [...history, name]);
      else go(left.with(Number(name), left[Number(name)]! - 1), now, paid, [...history, name]);
    }
  };
  go(
    toy.lanes.map(({ count }) => count),
    0,
    0,
    [],
  );
  return found;
}

/** The same for orders that differ only in independent moves: what each actor sees, and when. */
export function pastsOf(toy: Toy, history: ToyHistory): string {
  const pasts = new Map<string, string[]>();
  let now = 0;
  for (const name of history) {
    if (name === TIME) now += 1;
    else
      for (const actor of toy.lanes[Number(name)]!.actors)
        pasts.set(actor, [...(pasts.get(actor) ?? []), `${name}@${now}`]);
  }
  return JSON.stringify([...pasts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
