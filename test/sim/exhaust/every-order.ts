import type { Chooser, Move } from "../../../sim/exhaust/move.ts";
import type { OpenAgenda } from "../../../sim/exhaust/open-agenda.ts";
import { UserHandlers } from "../../../sim/handlers.ts";
import type { History } from "../../../sim/history.ts";
import type { Scenario } from "../../../sim/scenario/types.ts";
import { Simulation } from "../../../sim/simulation.ts";

/** Tries every move at every choice, dependent or not: the last choice that has another move left is changed first. */
class Odometer implements Chooser {
  /** At each choice: which move, of how many. */
  private readonly digits: { place: number; readonly of: number }[] = [];
  private at = 0;
  private holds = 0;
  private readonly maxHolds: number;

  constructor(maxHolds: number) {
    this.maxHolds = maxHolds;
  }

  choose(moves: readonly Move[]): Move {
    const allowed = moves.filter((move) => move.kind !== "time" || this.holds + move.cost <= this.maxHolds);
    const digit = (this.digits[this.at] ??= { place: 0, of: allowed.length });
    this.at += 1;
    const move = allowed[digit.place]!;
    if (move.kind === "time") this.holds += move.cost;
    return move;
  }

  /** False: everything was tried. */
  advance(): boolean {
    this.at = 0;
    this.holds = 0;
    for (let last = this.digits.pop(); last !== undefined; last = this.digits.pop()) {
      last.place += 1;
      if (last.place === last.of) continue;
      this.digits.push(last);
      return true;
    }
    return false;
  }
}

/** Calls `seen` with each order of moves: the key of the state it ends in, and what each process has seen. */
export function everyOrderOf(scenario: Scenario, holds: number, seen: (key: number, pasts: string) => void): void {
  const odometer = new Odometer(holds);
  do {
    const options = { record: true, log: null, reseed: null, chooser: odometer };
    const simulation = new Simulation(scenario, new UserHandlers({}), options);
    simulation.begin();
    while (!simulation.over) simulation.step();
    seen((simulation.agenda as OpenAgenda).key.value, pastsIn(simulation.history));
  } while (odometer.advance());
}

/** The rows of each process, in its order. */
function pastsIn(history: History): string {
  const pasts = new Map<string, string[]>();
  for (const { seq: _, ...event } of history.events()) {
    // What the network kept back is seen where it arrives.
    const owner = event.text === "held back" ? event.peer : event.process;
    pasts.set(owner, [...(pasts.get(owner) ?? []), JSON.stringify(event)]);
  }
  return JSON.stringify([...pasts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
