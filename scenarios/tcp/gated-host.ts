import { AssertionError } from "../../core/assert.ts";
import type {
  ByteStream,
  CloseCause,
  FileStore,
  Host,
  HostError,
  HttpCall,
  HttpResponse,
  LogLevel,
  StreamEvents,
  Timer,
} from "../../core/host.ts";
import { randomStream, type Random } from "../../core/random.ts";
import type { Micros } from "../../core/time.ts";
import type { RealLink } from "./link.ts";

/** What a workload program's host has to know about the run. */
export interface Surroundings {
  readonly seed: number;
  /** The proxy between the program and the nsqd of that address. */
  link(address: string): RealLink;
  /** The real HTTP address of the nsqd of that address. */
  httpAddress(address: string): string;
}

/**
 * The real world for one incarnation of a workload program, behind a gate: when the gate is shut (the process is paused
 * or its event loop is blocked) nothing enters the program, its sockets fill up and its timers fire late; when the
 * program is killed nothing ever enters it again. The gate itself opens and shuts in real time.
 */
export class GatedHost implements Host {
  readonly name: string;
  readonly files: FileStore;
  private readonly inner: Host;
  private readonly surroundings: Surroundings;
  private readonly incarnation: number;
  private readonly wallOffset: Micros;
  private readonly randoms = new Map<string, Random>();
  private readonly streams = new Set<GatedStream>();
  private readonly timers = new Set<Timer>();
  private backlog: (() => void)[] = [];
  private frozen = 0;
  private alive = true;

  constructor(inner: Host, name: string, incarnation: number, wallOffset: Micros, surroundings: Surroundings) {
    this.inner = inner;
    this.name = name;
    this.files = inner.files;
    this.incarnation = incarnation;
    this.wallOffset = wallOffset;
    this.surroundings = surroundings;
  }

  now(): Micros {
    return this.inner.now();
  }

  wallNow(): Micros {
    return this.inner.wallNow() + this.wallOffset;
  }

  timer(at: Micros, fire: () => void): Timer {
    let pending: (() => void) | null = fire;
    const enter = (): void => {
      const due = pending;
      pending = null;
      due?.();
    };
    const inner = this.inner.timer(at, () => {
      this.timers.delete(timer);
      this.enter(enter);
    });
    const timer: Timer = {
      cancel: () => {
        pending = null;
        inner.cancel();
        this.timers.delete(timer);
      },
    };
    this.timers.add(timer);
    return timer;
  }

  endOfStep(task: () => void): void {
    this.inner.endOfStep(() => this.enter(task));
  }

  /** The same streams as in the simulator: a workload draws the same behaviours in both worlds. */
  random(stream: string): Random {
    let random = this.randoms.get(stream);
    if (random === undefined) {
      random = randomStream(this.surroundings.seed, `${this.name}.${this.incarnation}/${stream}`);
      this.randoms.set(stream, random);
    }
    return random;
  }

  connect(address: string, events: StreamEvents): ByteStream {
    const stream = new GatedStream(this, this.inner, this.surroundings.link(address), address, events);
    this.streams.add(stream);
    return stream;
  }

  requestHttp(address: string, call: HttpCall, done: (result: HostError | HttpResponse) => void): void {
    this.inner.requestHttp(this.surroundings.httpAddress(address), call, (result) => {
      this.enter(() => done(result));
    });
  }

  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.inner.log(level, message, fields);
  }

  listen(): never {
    throw new AssertionError("a workload program does not listen");
  }

  serveHttp(): never {
    throw new AssertionError("a workload program does not serve HTTP");
  }

  /** Runs `call` in the program: now, when the gate opens, or never. */
  enter(call: () => void): void {
    if (!this.alive) return;
    if (this.frozen > 0) this.backlog.push(call);
    else call();
  }

  get isFrozen(): boolean {
    return this.frozen > 0;
  }

  freeze(): void {
    this.frozen += 1;
    for (const stream of this.streams) stream.gate();
  }

  thaw(): void {
    this.frozen -= 1;
    while (this.frozen === 0 && this.alive) {
      const call = this.backlog.shift();
      if (call === undefined) break;
      call();
    }
    for (const stream of this.streams) stream.gate();
  }

  /** The step under way occupies the process for so long; then it goes on with `then`, before anything that waited. */
  block(duration: Micros, then: () => void): void {
    this.freeze();
    this.inner.timer(this.inner.now() + duration, () => {
      if (!this.alive) return;
      this.backlog.unshift(then);
      this.thaw();
    });
  }

  /** The system closes the sockets of a killed process, and its timers are gone. */
  kill(): void {
    this.alive = false;
    this.backlog = [];
    for (const timer of this.timers) timer.cancel();
    for (const stream of this.streams) stream.destroy();
    this.streams.clear();
  }

  forget(stream: GatedStream): void {
    this.streams.delete(stream);
  }
}

/** One connection of a gated program: through the link's proxy, its events through the gate. */
class GatedStream implements ByteStream {
  readonly remoteAddress: string;
  private readonly host: GatedHost;
  private readonly events: StreamEvents;
  private stream: ByteStream | null = null;
  private readonly giveUp: () => void;
  private isClosed = false;
  private programReads = true;

  constructor(host: GatedHost, inner: Host, link: RealLink, address: string, events: StreamEvents) {
    this.host = host;
    this.remoteAddress = address;
    this.events = events;
    this.giveUp = link.open((errorCode) => {
      if (this.isClosed) return;
      if (errorCode === null) this.stream = inner.connect(link.address, this.innerEvents());
      else this.close(errorCode === "ECONNREFUSED" ? "refused" : "unreachable");
      this.gate();
    });
  }

  get localAddress(): string {
    return this.stream?.localAddress ?? "";
  }

  get unsentBytes(): number {
    return this.stream?.unsentBytes ?? 0;
  }

  write(bytes: Uint8Array): boolean {
    return this.stream?.write(bytes) ?? true;
  }

  end(): void {
    this.stream?.end();
  }

  destroy(): void {
    if (this.stream !== null) {
      this.stream.destroy();
      return;
    }
    this.giveUp();
    this.close("destroyed");
  }

  pauseReading(): void {
    this.programReads = false;
    this.gate();
  }

  resumeReading(): void {
    this.programReads = true;
    this.gate();
  }

  /** Reads from the system only what the program can take. */
  gate(): void {
    if (this.programReads && !this.host.isFrozen) this.stream?.resumeReading();
    else this.stream?.pauseReading();
  }

  private close(cause: CloseCause): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.host.forget(this);
    // Never inside the program's own call: `closed` is an event of its own.
    setImmediate(() => this.host.enter(() => this.events.closed(cause)));
  }

  private innerEvents(): StreamEvents {
    const { host, events } = this;
    return {
      opened: () => host.enter(() => events.opened?.()),
      data: (bytes) => {
        if (!host.isFrozen) host.enter(() => events.data(bytes));
        else {
          // The bytes are lent for this call only.
          const kept = bytes.slice();
          host.enter(() => events.data(kept));
        }
      },
      ended: () => host.enter(() => events.ended()),
      drained: () => host.enter(() => events.drained?.()),
      closed: (cause) => {
        this.isClosed = true;
        host.forget(this);
        host.enter(() => events.closed(cause));
      },
    };
  }
}
