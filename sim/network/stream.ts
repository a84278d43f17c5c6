import { assert } from "../../core/assert.ts";
import type { AcceptStream, ByteStream, CloseCause, StreamEvents } from "../../core/host.ts";
import type { Agenda, Due } from "../clock.ts";
import { FIN, OPENED, RST, type Pipe, type PipeEnd } from "./pipe.ts";
import type { Call, Station } from "./station.ts";

/** A program reads at most so much at once, as libuv does. */
const READ_CHUNK_BYTES = 65_536;

/**
 * One end of a simulated TCP connection: the program's side (`ByteStream`) and its kernel's side (`PipeEnd`). The
 * kernel goes on while the program is frozen, and outlives it.
 */
export class SimStream implements ByteStream, PipeEnd, Call, Due {
  readonly localAddress: string;
  readonly remoteAddress: string;

  private readonly agenda: Agenda;
  private readonly station: Station;
  private events: StreamEvents | null;
  private readonly accept: AcceptStream | null;
  private output: Pipe | null = null;
  private input: Pipe | null = null;
  /** Takes a connect back that was not answered yet. */
  private abandon: (() => void) | null = null;
  private onKernelClosed: () => void = () => {};

  /** What has arrived, read up to before `head`. The array is not shortened: that would cost a new one. */
  private arrivedBytes: (Uint8Array | null)[] = [];
  private head = 0;
  private tail = 0;
  private finArrived = false;
  private failure: CloseCause | null = null;

  private opening: boolean;
  private openedWaits = false;
  private drainedWaits = false;
  private readingPaused = false;
  private saidEnded = false;
  /** The program ended its direction; FIN goes out behind what is pending. */
  private finAsked = false;
  private finSent = false;
  private resetSent = false;
  private destroyed = false;
  private done = false;
  /** A step that looks at this stream is under way or waits for the process. */
  private called = false;
  private kernelGone = false;
  private beforeOpen: Uint8Array[] = [];

  constructor(
    agenda: Agenda,
    station: Station,
    localAddress: string,
    remoteAddress: string,
    events: StreamEvents | null,
    accept: AcceptStream | null,
  ) {
    this.agenda = agenda;
    this.station = station;
    this.localAddress = localAddress;
    this.remoteAddress = remoteAddress;
    this.events = events;
    this.accept = accept;
    this.opening = accept === null;
    station.streams.add(this);
  }

  /** The connection exists. `onKernelClosed` is called when this end's kernel has forgotten it. */
  join(output: Pipe, input: Pipe, onKernelClosed: () => void): void {
    assert(this.output === null, "a stream joins one connection");
    this.output = output;
    this.input = input;
    this.onKernelClosed = onKernelClosed;
  }

  /** A connect is under way, and `abandon` takes it back; null: it is answered. */
  connecting(abandon: (() => void) | null): void {
    this.abandon = abandon;
  }

  get processName(): string {
    return this.station.name;
  }

  get kernelClosed(): boolean {
    return this.kernelGone;
  }

  // The program's side.

  get unsentBytes(): number {
    return this.output === null ? 0 : this.output.pendingBytes;
  }

  get unreadBytes(): number {
    let sum = 0;
    for (let index = this.head; index < this.tail; index += 1) sum += this.arrivedBytes[index]!.length;
    return sum;
  }

  write(bytes: Uint8Array): boolean {
    if (this.destroyed || this.done || this.finAsked || bytes.length === 0) return true;
    if (this.opening) {
      this.beforeOpen.push(bytes);
      return true;
    }
    // The kernel has seen a reset that the program has not: the bytes go nowhere.
    if (this.kernelGone) return true;
    return this.output!.write(bytes);
  }

  end(): void {
    if (this.destroyed || this.done || this.finAsked) return;
    this.finAsked = true;
    if (!this.opening) this.sendFin();
    if (this.saidEnded) this.agenda.add(this.agenda.now, this);
  }

  destroy(): void {
    if (this.destroyed || this.done) return;
    this.destroyed = true;
    this.closeKernel();
    this.agenda.add(this.agenda.now, this);
  }

  pauseReading(): void {
    this.readingPaused = true;
  }

  resumeReading(): void {
    if (!this.readingPaused) return;
    this.readingPaused = false;
    if (this.readable) this.agenda.add(this.agenda.now, this);
  }

  // The kernel's side.

  arrived(bytes: Uint8Array): void {
    if (bytes === RST) {
      this.fail("reset");
    } else if (this.kernelGone) {
      // Nobody here knows this connection any more.
      if (bytes !== FIN && !this.resetSent) this.sendReset();
    } else if (bytes === OPENED) {
      this.openedWaits = true;
    } else if (bytes === FIN) {
      this.finArrived = true;
    } else {
      this.arrivedBytes[this.tail] = bytes;
      this.tail += 1;
    }
  }

  wake(): void {
    if (this.done || this.called) return;
    this.called = true;
    this.station.take(this);
  }

  due(): void {
    this.wake();
  }

  sendable(): void {
    if (this.kernelGone) return;
    this.sendFin();
    this.drainedWaits = true;
    this.wake();
  }

  gaveUp(): void {
    this.failed("timeout");
  }

  /** {@link fail}, and the program learns it as soon as it runs. */
  failed(cause: CloseCause): void {
    this.fail(cause);
    this.wake();
  }

  /** The connection is gone for this end. */
  fail(cause: CloseCause): void {
    if (this.kernelGone) return;
    this.failure = cause;
    this.forgetUnread();
    this.output?.drop();
    this.becomeKernelGone();
  }

  /** The process died: the kernel closes what the program left open. No callback. */
  orphan(): void {
    this.done = true;
    this.closeKernel();
    this.station.streams.delete(this);
  }

  /** The machine lost its power: this end is gone without a word and without a callback. */
  vanish(): void {
    this.done = true;
    this.forgetKernel();
    this.station.streams.delete(this);
  }

  /** As after a loss of power, but the program lives: it sees a reset. Late segments are answered by one. */
  forget(): void {
    if (this.kernelGone) return;
    this.failure = "reset";
    this.forgetKernel();
    this.wake();
  }

  /** One step of the program. */
  run(): void {
    this.called = false;
    if (this.done) return;
    if (this.destroyed) {
      this.finish("destroyed");
      return;
    }
    if (this.events === null) this.events = this.accept!(this);
    if (this.openedWaits) this.open();
    this.read();
    if (this.stopped) return;
    if (this.failure !== null) {
      this.finish(this.failure);
      return;
    }
    if (this.drainedWaits) {
      this.drainedWaits = false;
      this.events.drained?.();
    }
    if (this.finArrived && !this.saidEnded && !this.stopped && !this.unread && !this.readingPaused) {
      this.saidEnded = true;
      this.events.ended();
    }
    if (this.saidEnded && this.finSent && !this.stopped) {
      this.becomeKernelGone();
      this.finish("ended");
    }
  }

  private get stopped(): boolean {
    return this.done || this.destroyed;
  }

  private get unread(): boolean {
    return this.head < this.tail;
  }

  private get readable(): boolean {
    return !this.readingPaused && (this.unread || (this.finArrived && !this.saidEnded));
  }

  private open(): void {
    this.openedWaits = false;
    this.opening = false;
    for (const bytes of this.beforeOpen) this.output!.write(bytes);
    this.beforeOpen = [];
    if (this.finAsked) this.sendFin();
    this.events!.opened?.();
  }

  private read(): void {
    while (this.unread && !this.readingPaused && !this.stopped) {
      const chunk = this.arrivedBytes[this.head]!;
      if (chunk.length > READ_CHUNK_BYTES) {
        this.arrivedBytes[this.head] = chunk.subarray(READ_CHUNK_BYTES);
        this.input!.consumed(READ_CHUNK_BYTES);
        this.events!.data(chunk.subarray(0, READ_CHUNK_BYTES));
        continue;
      }
      this.arrivedBytes[this.head] = null;
      this.head += 1;
      if (this.head === this.tail) {
        this.head = 0;
        this.tail = 0;
      }
      this.input!.consumed(chunk.length);
      this.events!.data(chunk);
    }
  }

  private sendFin(): void {
    if (!this.finAsked || this.finSent || this.output!.pendingBytes > 0) return;
    this.finSent = true;
    this.output!.mark(FIN);
  }

  private sendReset(): void {
    this.resetSent = true;
    this.output?.mark(RST);
  }

  private closeKernel(): void {
    if (this.kernelGone) return;
    this.abandon?.();
    if (this.output !== null) {
      this.output.dropPending();
      if (this.unread || this.opening) this.sendReset();
      else if (!this.finSent) this.output.mark(FIN);
    }
    this.forgetUnread();
    this.becomeKernelGone();
  }

  private forgetKernel(): void {
    this.abandon?.();
    this.forgetUnread();
    this.output?.dropPending();
    this.becomeKernelGone();
  }

  private forgetUnread(): void {
    this.arrivedBytes = [];
    this.head = 0;
    this.tail = 0;
  }

  private becomeKernelGone(): void {
    if (this.kernelGone) return;
    this.kernelGone = true;
    this.onKernelClosed();
  }

  private finish(cause: CloseCause): void {
    this.done = true;
    this.station.streams.delete(this);
    this.events!.closed(cause);
  }
}
