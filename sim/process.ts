import type { Micros } from "../core/time.ts";
import { SimFiles } from "./disk/files.ts";
import type { Restart } from "./faults/process.ts";
import { SimHost, type World } from "./host.ts";
import { Machine } from "./machine.ts";

/** What runs on a host. */
export interface Program {
  /** SIGTERM: finish what can be finished, then call `done` once. */
  stop(done: () => void): void;
}

/** `changes`: options that differ from now on, in flag spelling. */
export type Launch = (host: SimHost, restarted: boolean, changes: Restart["options"]) => Program;

/** `fault`: the index of the fault that changes how it starts, or -1. */
type OnState = (process: string, state: ProcessState, fault: number) => void;

export type ProcessState = "start" | "kill" | "stop" | "stopped" | "pause" | "resume" | "block" | "unblock";

export interface ProcessSettings {
  /** Of the wall clock. */
  readonly clockOffset: Micros;
  /** Its clocks may drift. */
  readonly mayDrift: boolean;
  readonly restartsAtHeal: boolean;
}

/** A process of the run: a program, its machine, and whatever incarnation of it is alive. */
export class SimProcess {
  readonly name: string;
  /** What is dead at the heal is started again. */
  readonly restartsAtHeal: boolean;
  readonly machine: Machine;
  private readonly world: World;
  /** Of its machine: they outlive it. */
  readonly files: SimFiles;
  private readonly launch: Launch;
  private readonly onState: OnState;
  private host: SimHost | null = null;
  private program: Program | null = null;
  /** The incarnation that was told to stop. */
  private stopping: SimHost | null = null;
  private incarnations = 0;
  /** Its machine is without power. */
  dark = false;

  constructor(world: World, name: string, settings: ProcessSettings, launch: Launch, onState: OnState) {
    this.world = world;
    this.name = name;
    this.restartsAtHeal = settings.restartsAtHeal;
    this.machine = new Machine(settings.clockOffset, settings.mayDrift);
    this.files = new SimFiles(world.agenda, world.streams, name);
    this.launch = launch;
    this.onState = onState;
  }

  get running(): boolean {
    return this.host !== null;
  }

  start(restart?: Restart): void {
    if (this.host !== null) return;
    if (this.dark) this.world.network.restorePower(this.name);
    this.dark = false;
    if (restart?.emptyDisk === true) this.files.wipe();
    const host = new SimHost(this.world, this.name, this.incarnations, this.machine, this.files);
    const restarted = this.incarnations > 0;
    this.incarnations += 1;
    this.host = host;
    this.onState(this.name, "start", restart?.fault ?? -1);
    host.take({
      run: () => {
        this.program = this.launch(host, restarted, restart?.options);
      },
    });
  }

  /**
   * kill -9, or the whole machine loses its power: then with all that was not durable; `tornTail`: with some of it.
   * False: it was not running.
   */
  kill(powerLoss: boolean, tornTail: boolean): boolean {
    if (this.host === null) return false;
    this.dark = powerLoss;
    this.onState(this.name, "kill", -1);
    this.end(this.host);
    if (powerLoss) this.files.losePower(tornTail);
    return true;
  }

  /**
   * SIGTERM; `stopped` is called when it has exited. Returns what kills it unless it has exited, and says whether it did;
   * null: it was not running, or has been told already.
   */
  stop(stopped: () => void): (() => boolean) | null {
    const { host, program } = this;
    if (host === null || program === null || this.stopping === host) return null;
    this.stopping = host;
    this.onState(this.name, "stop", -1);
    host.take({
      run: () =>
        program.stop(() => {
          if (this.host !== host) return;
          // The program is still on the stack of its own step: the process ends after it.
          this.world.agenda.add(this.world.agenda.now, {
            due: () => {
              if (this.host !== host) return;
              this.onState(this.name, "stopped", -1);
              this.end(host);
              stopped();
            },
          });
        }),
    });
    return () => this.host === host && this.kill(false, false);
  }

  /** Its machine's clocks run so many parts per million too fast. Returns what ends that. */
  drift(ppm: number): () => void {
    return this.machine.drift(ppm, () => this.world.agenda.now);
  }

  slow(factor: number): () => void {
    const end = this.machine.slow(factor);
    return () => {
      end();
      if (this.machine.slowness === 0) this.host?.hurry();
    };
  }

  /** The program has ended by itself. */
  exit(): void {
    const { host } = this;
    if (host === null) return;
    this.onState(this.name, "stopped", -1);
    this.end(host);
  }

  /** Nothing runs until the returned function is called. Null: it was not running. */
  freeze(begin: "pause" | "block", end: "resume" | "unblock"): (() => void) | null {
    const { host } = this;
    if (host === null) return null;
    this.onState(this.name, begin, -1);
    host.freeze();
    return () => {
      if (this.host !== host) return;
      this.onState(this.name, end, -1);
      host.thaw();
    };
  }

  private end(host: SimHost): void {
    host.kill(this.dark);
    this.host = null;
    this.program = null;
  }
}
