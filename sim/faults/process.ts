import { msToMicros } from "../../core/time.ts";
import type { ProcessFault } from "../scenario/fault-action.ts";
import { windowOf, type Effect, type Family, type FaultAgenda } from "./effect.ts";

export interface ProcessTargets {
  readonly agenda: FaultAgenda;
  readonly process: (name: string) => FaultProcess;
}

export interface FaultProcess {
  readonly running: boolean;
  readonly restartsAtHeal: boolean;
  start(): void;
  /** `powerLoss`: the peers are not told, and nothing reaches the machine until {@link start}. */
  kill(powerLoss: boolean): boolean;
  stop(stopped: () => void): boolean;
  /** Returns what lets it run again; null: it was not running. */
  freeze(begin: "pause" | "block", end: "resume" | "unblock"): (() => void) | null;
}

type Kill = Extract<ProcessFault, { kind: "kill" }>;

/** Processes die, end, stand still. Each acts on a process that runs. */
export function processFaults({ agenda, process }: ProcessTargets): Family<ProcessFault> {
  const running = (name: string, act: (process: FaultProcess, end: () => void) => Effect) => {
    const target = process(name);
    return target.running ? (end: () => void) => act(target, end) : null;
  };
  return {
    kill: (action) => running(action.process, (target) => kill(target, action)),
    stop: (action) => running(action.process, (target, end) => stop(agenda, target, action.restartAfterMs, end)),
    pause: ({ process: name, forMs }) =>
      running(name, (target) => ({ undo: target.freeze("pause", "resume"), duration: windowOf(forMs) })),
    block: ({ process: name, forMs }) =>
      running(name, (target) => ({ undo: target.freeze("block", "unblock"), duration: windowOf(forMs) })),
  };
}

function kill(process: FaultProcess, { restartAfterMs, powerLoss }: Kill): Effect {
  process.kill(powerLoss === true);
  if (restartAfterMs === undefined && !process.restartsAtHeal) return { undo: null, duration: null, forever: true };
  const duration = restartAfterMs === undefined ? null : msToMicros(restartAfterMs);
  return { undo: () => process.start(), duration };
}

function stop(agenda: FaultAgenda, process: FaultProcess, restartAfterMs: number | undefined, end: () => void): Effect {
  let healed = false;
  process.stop(() => {
    if (healed) process.start();
    else if (restartAfterMs !== undefined) agenda.add(agenda.now + msToMicros(restartAfterMs), { due: end });
  });
  if (restartAfterMs === undefined && !process.restartsAtHeal) return { undo: null, duration: null, forever: true };
  return {
    undo: () => {
      // A process that is still stopping at the heal comes back when it has exited.
      healed = true;
      process.start();
    },
    duration: null,
  };
}
