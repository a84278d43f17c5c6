import type { AcceptStream, ByteStream, Host, Listener, StreamEvents, Timer } from "../../../core/host.ts";
import { MemoryFiles } from "../../../core/node/memory-files.ts";
import { type Random, randomStream } from "../../../core/random.ts";
import type { Micros } from "../../../core/time.ts";

interface Alarm {
  readonly at: Micros;
  fire: (() => void) | null;
}

const EPOCH_US = 1_767_225_600_000_000;

/**
 * A world with nothing in it but a clock that is moved by hand and streams that are function calls: what an operation
 * costs here is what the broker's own code costs.
 */
export class BenchHost implements Host {
  readonly name = "bench";
  readonly files = new MemoryFiles((complete) => void this.later.push(complete));
  private clock: Micros = 0;
  private readonly tasks: (() => void)[] = [];
  private alarms: Alarm[] = [];
  /** Completions: steps of their own. */
  private readonly later: (() => void)[] = [];
  private accept: AcceptStream | null = null;
  private readonly randoms = new Map<string, Random>();

  now(): Micros {
    return this.clock;
  }

  wallNow(): Micros {
    return EPOCH_US + this.clock;
  }

  timer(at: Micros, fire: () => void): Timer {
    const alarm: Alarm = { at, fire };
    this.alarms.push(alarm);
    return { cancel: () => void (alarm.fire = null) };
  }

  endOfStep(task: () => void): void {
    this.tasks.push(task);
  }

  random(stream: string): Random {
    const known = this.randoms.get(stream) ?? randomStream(1, stream);
    this.randoms.set(stream, known);
    return known;
  }

  listen(address: string, accept: AcceptStream, ready: (result: { readonly address: string }) => void): Listener {
    this.accept = accept;
    this.later.push(() => ready({ address }));
    return { close: () => void (this.accept = null) };
  }

  serveHttp(address: string, _: unknown, ready: (result: { readonly address: string }) => void): Listener {
    this.later.push(() => ready({ address }));
    return { close: () => undefined };
  }

  connect(): ByteStream {
    throw new Error("nothing to connect to");
  }

  requestHttp(): void {
    throw new Error("nothing to ask");
  }

  log(): void {}

  /** Opens a connection to the broker. `output` gets what it writes. */
  dial(output: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
    const stream: ByteStream = {
      localAddress: "bench:4150",
      remoteAddress: "bench:50000",
      unsentBytes: 0,
      write(bytes) {
        output(bytes);
        return true;
      },
      end: () => undefined,
      destroy: () => undefined,
      pauseReading: () => undefined,
      resumeReading: () => undefined,
    };
    if (this.accept === null) throw new Error("the broker does not listen");
    const events: StreamEvents = this.accept(stream);
    return (bytes) => this.step(() => events.data(bytes));
  }

  /** Runs a program's beginning, and what follows from it without time passing. */
  start(program: () => void): void {
    this.step(program);
  }

  /** Moves the clock, firing what is due in order. */
  advance(to: Micros): void {
    for (;;) {
      let next: Alarm | null = null;
      this.alarms = this.alarms.filter((alarm) => alarm.fire !== null);
      for (const alarm of this.alarms) if (alarm.at <= to && (next === null || alarm.at < next.at)) next = alarm;
      if (next === null) break;
      this.clock = Math.max(this.clock, next.at);
      const { fire } = next;
      next.fire = null;
      this.step(() => fire?.());
    }
    this.clock = Math.max(this.clock, to);
  }

  private step(act: () => void): void {
    this.stepOnce(act);
    while (this.later.length > 0) this.stepOnce(this.later.shift()!);
  }

  private stepOnce(act: () => void): void {
    act();
    // Tasks may add tasks: they run in the same step.
    for (let index = 0; index < this.tasks.length; index += 1) this.tasks[index]!();
    this.tasks.length = 0;
  }
}
