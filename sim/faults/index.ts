import { assert } from "../../core/assert.ts";
import { msToMicros } from "../../core/time.ts";
import { KIND, type EventKind, type History } from "../history.ts";
import type { FaultAction, FaultSpec } from "../scenario/types.ts";
import { describeFault } from "./describe.ts";
import type { Act, Effect, Family, FaultAgenda, Trap } from "./effect.ts";

interface Active {
  readonly fault: number;
  undo: (() => void) | null;
  acted: boolean;
  over: boolean;
}

/**
 * Makes the faults of a scenario happen, and records each in the history when it acts and when it ends. What each kind
 * does is in its family; a world has the families that it can do.
 */
export class Faults {
  /** Faults that acted. */
  fired = 0;
  private readonly specs: readonly FaultSpec[];
  private readonly families: Partial<Family<FaultAction>>;
  private readonly agenda: FaultAgenda;
  private readonly history: History | null;
  private readonly active = new Set<Active>();
  private healed = false;

  constructor(
    specs: readonly FaultSpec[],
    families: Partial<Family<FaultAction>>,
    agenda: FaultAgenda,
    history: History | null,
  ) {
    this.specs = specs;
    this.families = families;
    this.agenda = agenda;
    this.history = history;
    for (let index = 0; index < specs.length; index += 1) this.arm(index);
  }

  /** Ends every fault; none begins any more. */
  heal(): void {
    this.healed = true;
    for (const active of this.active) this.end(active);
  }

  private arm(index: number): void {
    const { trigger } = this.specs[index]!;
    const { agenda, history } = this;
    if ("atMs" in trigger && trigger.anytime === true) {
      const { do: action } = this.specs[index]!;
      const processes = "link" in action ? action.link : [action.process];
      const name = `${action.kind} ${processes.join(" ")}`;
      const from = msToMicros(trigger.atMs);
      assert(agenda.offer !== undefined, `${name}: nothing is left open in this world`);
      agenda.offer(name, processes, {
        isPossible: () => !this.healed && agenda.now >= from && this.prepare(index) !== null,
        due: () => this.begin(index),
      });
      return;
    }
    if ("atMs" in trigger) {
      const times = trigger.repeat?.times ?? 1;
      const every = trigger.repeat?.everyMs ?? 0;
      for (let round = 0; round < times; round += 1)
        agenda.add(msToMicros(trigger.atMs + round * every), { due: () => this.begin(index) });
      return;
    }
    if (history === null) return;
    const { after } = trigger;
    const kind = KIND[after.kind as EventKind];
    const process = after.process === undefined ? -1 : history.intern(after.process);
    const nth = after.nth ?? 1;
    const limit = nth * (trigger.repeat?.times ?? 1);
    const delay = msToMicros(trigger.delayMs ?? 0);
    let seen = 0;
    // A row is written within a step of a program: the fault acts after that step, at the same instant.
    history.watch((row) => {
      if (history.kind[row] !== kind || seen >= limit) return;
      if (process >= 0 && history.process[row] !== process) return;
      seen += 1;
      if (seen % nth === 0) agenda.add(agenda.now + delay, { due: () => this.begin(index) });
    });
  }

  private begin(index: number): void {
    if (this.healed) return;
    const act = this.prepare(index);
    if (act === null) return;
    const active: Active = { fault: index, undo: null, acted: false, over: false };
    const acted = (): void => this.acted(active);
    const end = (): void => this.end(active);
    let effect: Effect;
    if (typeof act === "function") {
      // The row comes first: what the fault causes at once is recorded behind it.
      acted();
      effect = act(end);
    } else effect = act.set(acted, end);
    const { undo, duration, forever } = effect;
    if (undo === null) {
      if (forever !== true) this.record(index, 0);
      return;
    }
    active.undo = undo;
    this.active.add(active);
    if (duration === null) return;
    this.agenda.add(this.agenda.now + duration, { due: end });
  }

  private acted(active: Active): void {
    if (active.acted || active.over) return;
    active.acted = true;
    this.fired += 1;
    this.record(active.fault, 1);
  }

  private end(active: Active): void {
    if (active.over) return;
    active.over = true;
    this.active.delete(active);
    active.undo?.();
    if (active.acted) this.record(active.fault, 0);
  }

  private prepare(index: number): Act | Trap | null {
    const action = this.specs[index]!.do;
    const prepare = this.families[action.kind] as
      | ((action: FaultAction, fault: number) => Act | Trap | null)
      | undefined;
    assert(prepare !== undefined, `${action.kind}: this world cannot do it, and should have refused it`);
    return prepare(action, index);
  }

  private record(index: number, phase: 0 | 1): void {
    const { history } = this;
    if (history === null) return;
    const action = this.specs[index]!.do;
    const [process, peer] = "link" in action ? action.link : [action.process, "of" in action ? action.of : ""];
    const text = describeFault(action);
    history.record({ atUs: this.agenda.now, kind: "fault", process, peer, value: index, detail: phase, text });
  }
}
