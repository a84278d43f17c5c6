import { msToMicros, type Micros } from "../../core/time.ts";
import type { ProcessFault, RestartSpec } from "../scenario/fault-action.ts";
import { windowOf, type Effect, type Family, type FaultAgenda } from "./effect.ts";

export interface ProcessTargets {
  readonly agenda: FaultAgenda;
  readonly process: (name: string) => FaultProcess;
}

export interface FaultProcess {
  readonly running: boolean;
  readonly restartsAtHeal: boolean;
  /** No effect when it runs. */
  start(restart?: Restart): void;
  /**
   * `powerLoss`: the peers are not told, nothing reaches the machine until {@link start}, and what was not durable is
   * lost; `tornTail`: some of it is not.
   */
  kill(powerLoss: boolean, tornTail: boolean): boolean;
  /** Returns what kills this incarnation unless it has exited, and says whether it did; null: it was not running. */
  stop(stopped: () => void): (() => boolean) | null;
  /** Returns what lets it run again; null: it was not running. */
  freeze(begin: "pause" | "block", end: "resume" | "unblock"): (() => void) | null;
}

/** A start with something changed, and the index of the fault that changes it. */
export interface Restart extends RestartSpec {
  readonly fault: number;
}

/** Faults of processes that need no simulated one. */
export type AnyProcessFault = Exclude<ProcessFault, { kind: "slow" }>;
type Kill = Extract<ProcessFault, { kind: "kill" }>;
type Stop = Extract<ProcessFault, { kind: "stop" }>;

/** Processes die, end, stand still. Each acts on a process that runs. */
export function processFaults({ agenda, process }: ProcessTargets): Family<AnyProcessFault> {
  const running = (name: string, act: (process: FaultProcess, end: () => void) => Effect) => {
    const target = process(name);
    return target.running ? (end: () => void) => act(target, end) : null;
  };
  return {
    kill: (action, fault) => running(action.process, (target) => kill(target, action, fault)),
    stop: (action, fault) => running(action.process, (target, end) => stop(agenda, target, action, fault, end)),
    pause: ({ process: name, forMs }) =>
      running(name, (target) => ({ undo: target.freeze("pause", "resume"), duration: windowOf(forMs) })),
    block: ({ process: name, forMs }) =>
      running(name, (target) => ({ undo: target.freeze("block", "unblock"), duration: windowOf(forMs) })),
  };
}

function kill(process: FaultProcess, action: Kill, fault: number): Effect {
  const { restartAfterMs, powerLoss, tornTail } = action;
  process.kill(powerLoss === true, tornTail === true);
  if (staysDead(process, restartAfterMs)) return { undo: null, duration: null, forever: true };
  return { undo: () => restart(process, action, fault), duration: windowOf(restartAfterMs) };
}

function stop(agenda: FaultAgenda, process: FaultProcess, action: Stop, fault: number, end: () => void): Effect {
  const { restartAfterMs, graceMs } = action;
  let healed = false;
  const exited = (): void => {
    if (healed) restart(process, action, fault);
    else if (restartAfterMs !== undefined) after(agenda, msToMicros(restartAfterMs), end);
  };
  const kill = process.stop(exited);
  if (graceMs !== undefined)
    after(agenda, msToMicros(graceMs), () => {
      if (!healed && kill?.() === true) exited();
    });
  if (staysDead(process, restartAfterMs)) return { undo: null, duration: null, forever: true };
  return {
    undo: () => {
      // A process that is still stopping at the heal comes back when it has exited.
      healed = true;
      restart(process, action, fault);
    },
    duration: null,
  };
}

function staysDead(process: FaultProcess, restartAfterMs: number | undefined): boolean {
  return restartAfterMs === undefined && !process.restartsAtHeal;
}

function restart(process: FaultProcess, { restartWith }: Kill | Stop, fault: number): void {
  if (restartWith === undefined) process.start();
  else process.start({ ...restartWith, fault });
}

function after(agenda: FaultAgenda, delay: Micros, due: () => void): void {
  agenda.add(agenda.now + delay, { due });
}
