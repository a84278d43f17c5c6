import { assert } from "../core/assert.ts";
import type {
  AcceptStream,
  Bound,
  ByteStream,
  FileStore,
  Host,
  HostError,
  HttpHandler,
  HttpCall,
  HttpResponse,
  Listener,
  LogLevel,
  StreamEvents,
  Timer,
} from "../core/host.ts";
import type { Random } from "../core/random.ts";
import type { Micros } from "../core/time.ts";
import type { Agenda, Due } from "./clock.ts";
import type { SimFiles } from "./disk/files.ts";
import type { Machine, MachineTimer } from "./machine.ts";
import { exchangeHttp } from "./network/http.ts";
import type { Exchange } from "./network/link.ts";
import type { Network } from "./network/network.ts";
import type { Call, Station } from "./network/station.ts";
import type { SimStream } from "./network/stream.ts";
import type { Streams } from "./streams.ts";

/** Every run begins at this instant of the wall clock: 2026-01-01T00:00:00Z. */
export const WALL_START: Micros = 1_767_225_600_000_000;

/** Sees the log lines of every process. */
export type LogHook = (
  atUs: Micros,
  process: string,
  level: LogLevel,
  message: string,
  fields: Readonly<Record<string, unknown>> | undefined,
) => void;

/** What all hosts of a run share. */
export interface World {
  readonly agenda: Agenda;
  readonly network: Network;
  readonly streams: Streams;
  /** The process whose step runs, or ran last: whom to name when something throws. */
  running: string;
  readonly log: LogHook | null;
}

/** What a machine that is not slow at all is said to need for one step of a program, and for each byte it reads. */
const STEP_COST: Micros = 20;
const BYTE_COST = 0.01;

/** The world as one incarnation of a process sees it. When it is dead, nothing of it ever runs again. */
export class SimHost implements Host, Station {
  readonly name: string;
  readonly files: FileStore;
  readonly streams = new Set<SimStream>();
  readonly exchanges = new Set<Exchange>();
  alive = true;
  /** Code of the program is on the stack. */
  inStep = false;

  private readonly world: World;
  private readonly agenda: Agenda;
  private readonly incarnation: number;
  private readonly machine: Machine;
  private readonly randoms = new Map<string, Random>();
  /** Tasks for the end of the step. The array is not shortened: that would cost a new one. */
  private readonly tasks: (() => void)[] = [];
  private taskCount = 0;
  /** Pauses and blocks in force. */
  private frozen = 0;
  /** Agenda slot of the step that a slow machine works on, or -1. */
  private busySlot = -1;
  /** Calls that came while it was frozen, in their order. */
  private backlog: Call[] = [];

  constructor(world: World, name: string, incarnation: number, machine: Machine, files: SimFiles) {
    this.world = world;
    this.agenda = world.agenda;
    this.name = name;
    this.incarnation = incarnation;
    this.machine = machine;
    this.files = files.store(this);
  }

  // What a program may ask.

  now(): Micros {
    const { clock } = this.machine;
    return clock === null ? this.agenda.now : clock.at(this.agenda.now);
  }

  wallNow(): Micros {
    return WALL_START + this.now() + this.machine.wallOffset;
  }

  timer(at: Micros, fire: () => void): Timer {
    assert(Number.isSafeInteger(at), "a timer's instant is a whole number of microseconds");
    return new SimTimer(this.agenda, this, this.machine, at, fire);
  }

  endOfStep(task: () => void): void {
    this.tasks[this.taskCount] = task;
    this.taskCount += 1;
  }

  random(stream: string): Random {
    let random = this.randoms.get(stream);
    if (random === undefined) {
      random = this.world.streams(`${this.name}.${this.incarnation}/${stream}`);
      this.randoms.set(stream, random);
    }
    return random;
  }

  listen(address: string, accept: AcceptStream, ready: (result: HostError | Bound) => void): Listener {
    return this.world.network.bind(address, { kind: "tcp", station: this, accept }, ready);
  }

  connect(address: string, events: StreamEvents): ByteStream {
    return this.world.network.connect(this, address, events);
  }

  serveHttp(address: string, handler: HttpHandler, ready: (result: HostError | Bound) => void): Listener {
    return this.world.network.bind(address, { kind: "http", station: this, handler }, ready);
  }

  requestHttp(address: string, call: HttpCall, done: (result: HostError | HttpResponse) => void): void {
    exchangeHttp(this.world.network, this, address, call, done);
  }

  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.world.log?.(this.agenda.now, this.name, level, message, fields);
  }

  // What the world does with the process.

  take(call: Call): void {
    if (!this.alive) return;
    if (this.frozen > 0 || this.machine.slowness > 0) this.wait(call);
    else this.step(call);
  }

  freeze(): void {
    this.frozen += 1;
  }

  thaw(): void {
    assert(this.frozen > 0, `${this.name} is not frozen`);
    this.frozen -= 1;
    this.runBacklog();
  }

  /**
   * The step under way occupies the process for so long: nothing else runs, nothing is flushed. Then the step goes on
   * with `then`. Steps of the same process that are due meanwhile wait.
   */
  block(duration: Micros, then: () => void): void {
    this.freeze();
    this.agenda.add(this.agenda.now + duration, {
      due: () => {
        if (!this.alive) return;
        this.backlog.unshift({ run: then });
        this.thaw();
      },
    });
  }

  /** Its machine is not slow any more. */
  hurry(): void {
    if (this.busySlot < 0) return;
    this.agenda.cancel(this.busySlot);
    this.busySlot = -1;
    this.runBacklog();
  }

  /** Ends this incarnation. Its kernel closes what it had open, unless it lost its power too. */
  kill(powerLoss = false): void {
    this.alive = false;
    this.backlog = [];
    this.taskCount = 0;
    if (powerLoss) this.world.network.losePower(this);
    else this.world.network.kill(this);
  }

  private step(call: Call): void {
    this.world.running = this.name;
    this.inStep = true;
    call.run();
    if (this.taskCount > 0 && this.frozen === 0) {
      // A task may add tasks.
      for (let index = 0; index < this.taskCount; index += 1) this.tasks[index]!();
      this.taskCount = 0;
    }
    this.inStep = false;
  }

  private wait(call: Call): void {
    this.backlog.push(call);
    this.runBacklog();
  }

  private runBacklog(): void {
    while (this.frozen === 0 && this.alive) {
      if (this.machine.slowness > 0) {
        this.work();
        return;
      }
      const call = this.backlog.shift();
      if (call === undefined) return;
      this.step(call);
    }
  }

  /** The next step takes time, and then does what it does at once. */
  private work(): void {
    const next = this.backlog[0];
    if (this.busySlot >= 0 || next === undefined) return;
    const cost = Math.ceil(this.machine.slowness * (STEP_COST + (next.unreadBytes ?? 0) * BYTE_COST));
    this.busySlot = this.agenda.add(this.agenda.now + cost, { due: () => this.worked() });
  }

  private worked(): void {
    this.busySlot = -1;
    if (!this.alive || this.frozen > 0) return;
    const call = this.backlog.shift();
    if (call !== undefined) this.step(call);
    this.runBacklog();
  }
}

class SimTimer implements Timer, Call, Due, MachineTimer {
  private readonly agenda: Agenda;
  private readonly host: SimHost;
  private readonly machine: Machine;
  private readonly at: Micros;
  private fire: (() => void) | null;
  private slot: number;

  constructor(agenda: Agenda, host: SimHost, machine: Machine, at: Micros, fire: () => void) {
    this.agenda = agenda;
    this.host = host;
    this.machine = machine;
    this.at = at;
    this.fire = fire;
    this.slot = agenda.add(this.instant, this);
    machine.timers?.add(this);
  }

  replan(): void {
    this.agenda.cancel(this.slot);
    this.slot = this.agenda.add(this.instant, this);
  }

  due(): void {
    this.slot = -1;
    this.machine.timers?.delete(this);
    this.host.take(this);
  }

  run(): void {
    const { fire } = this;
    this.fire = null;
    fire?.();
  }

  cancel(): void {
    this.fire = null;
    if (this.slot < 0) return;
    this.agenda.cancel(this.slot);
    this.slot = -1;
    this.machine.timers?.delete(this);
  }

  private get instant(): Micros {
    const { clock } = this.machine;
    return clock === null ? this.at : clock.when(this.at);
  }
}
