/** A host with a hand-driven clock, and nsqds that do what the test says. */
import { HostError, type ByteStream, type CloseCause, type Host, type StreamEvents } from "../../../core/host.ts";
import { textFrame, FRAME_MESSAGE, FRAME_RESPONSE, writeUint32 } from "../../../core/protocol/frame.ts";
import { writeHalf } from "../../../core/protocol/id.ts";
import { bytesOf, byteString } from "../../../core/protocol/text.ts";
import { randomStream, type Random } from "../../../core/random.ts";
import type { Micros } from "../../../core/time.ts";

export const FEATURES = '{"max_rdy_count":2500,"version":"1.3.0","max_msg_timeout":900000,"msg_timeout":60000}';

interface FakeTimer {
  readonly at: Micros;
  readonly order: number;
  fire: (() => void) | null;
}

export class FakeHost implements Host {
  readonly name = "client1.example";
  readonly servers = new Map<string, FakeNsqd>();
  clock: Micros = 0;
  readonly logs: string[] = [];
  private timers: FakeTimer[] = [];
  private created = 0;
  private tasks: (() => void)[] = [];
  private readonly streams = new Map<string, Random>();
  private readonly seed: string;

  constructor(seed = "fake") {
    this.seed = seed;
  }

  now(): Micros {
    return this.clock;
  }

  wallNow(): Micros {
    return this.clock;
  }

  timer(at: Micros, fire: () => void): { cancel(): void } {
    const timer: FakeTimer = { at: Math.max(at, this.clock), order: this.created, fire };
    this.created += 1;
    this.timers.push(timer);
    return { cancel: () => (timer.fire = null) };
  }

  endOfStep(task: () => void): void {
    this.tasks.push(task);
  }

  random(stream: string): Random {
    let random = this.streams.get(stream);
    if (random === undefined) this.streams.set(stream, (random = randomStream(this.seed, stream)));
    return random;
  }

  connect(address: string, events: StreamEvents): ByteStream {
    const server = this.servers.get(address);
    const end = new FakeEnd(this, address, events);
    this.timer(this.clock, () => {
      if (server === undefined || server.mode === "refuse") end.lose("refused");
      else if (server.mode === "accept") server.accept(end);
    });
    return end;
  }

  listen(): never {
    throw new HostError("ENOSYS", "clients do not listen");
  }

  serveHttp(): never {
    throw new HostError("ENOSYS", "clients do not serve");
  }

  requestHttp(): never {
    throw new HostError("ENOSYS", "no HTTP here");
  }

  get files(): never {
    throw new HostError("ENOSYS", "no files here");
  }

  log(_level: string, message: string): void {
    this.logs.push(message);
  }

  /** Runs `input`, and what it put off to the end of the step. */
  step<T>(input: () => T): T {
    const result = input();
    for (let task = this.tasks.shift(); task !== undefined; task = this.tasks.shift()) task();
    return result;
  }

  /** Lets that much time pass. */
  advance(by: Micros): void {
    const end = this.clock + by;
    for (;;) {
      this.timers = this.timers.filter((timer) => timer.fire !== null);
      let next: FakeTimer | null = null;
      for (const timer of this.timers) {
        const sooner = next === null || timer.at < next.at || (timer.at === next.at && timer.order < next.order);
        if (timer.at <= end && sooner) next = timer;
      }
      if (next === null) break;
      const fire = next.fire!;
      next.fire = null;
      this.clock = next.at;
      this.step(fire);
    }
    this.clock = end;
  }

  /** Timers that have neither fired nor been cancelled. */
  get armedTimers(): number {
    return this.timers.filter((timer) => timer.fire !== null).length;
  }

  /** Handles everything that is due now. */
  settle(): void {
    this.advance(0);
  }
}

/** The client's end of a connection, and the handle by which the test plays the server's. */
export class FakeEnd implements ByteStream {
  readonly localAddress = "client1:50000";
  readonly remoteAddress: string;
  unsentBytes = 0;
  /** Commands received, one string each, bodies in place: `PUB t body`. */
  readonly commands: string[] = [];
  alive = true;
  /** Whether the client sent FIN. */
  clientEnded = false;
  /** While true, `write` keeps the bytes and returns false. */
  full = false;
  server: FakeNsqd | null = null;
  private readonly host: FakeHost;
  private readonly events: StreamEvents;
  private pending = "";
  private sawMagic = false;
  private refused: Uint8Array[] = [];
  private handedOut: { readonly bytes: Uint8Array; readonly copy: Uint8Array }[] = [];

  constructor(host: FakeHost, address: string, events: StreamEvents) {
    this.host = host;
    this.remoteAddress = address;
    this.events = events;
  }

  opened(): void {
    this.events.opened?.();
  }

  write(bytes: Uint8Array): boolean {
    if (!this.alive || this.clientEnded) throw new Error("written after the end");
    this.handedOut.push({ bytes, copy: bytes.slice() });
    if (this.full) {
      this.refused.push(bytes);
      return false;
    }
    this.take(bytes);
    return true;
  }

  end(): void {
    this.clientEnded = true;
    if (this.server?.answersEnd === true) this.host.timer(this.host.clock, () => this.lose("ended"));
  }

  destroy(): void {
    this.lose("destroyed");
  }

  pauseReading(): void {}

  resumeReading(): void {}

  /** Sends bytes to the client, in one chunk. The chunk is overwritten afterwards. */
  send(bytes: Uint8Array): void {
    if (!this.alive) return;
    const chunk = bytes.slice();
    this.host.step(() => this.events.data(chunk));
    chunk.fill(0xee);
  }

  response(text: string): void {
    this.send(textFrame(FRAME_RESPONSE, text));
  }

  error(text: string): void {
    this.send(textFrame(1, text));
  }

  message(number: number, attempts = 1, body = `${number} body`): void {
    this.send(messageFrame(number, attempts, body));
  }

  /** The server sends FIN. */
  finish(): void {
    if (this.alive) this.host.step(() => this.events.ended());
  }

  lose(cause: CloseCause): void {
    if (!this.alive) return;
    this.alive = false;
    this.checkUntouched();
    if (cause === "destroyed") this.host.timer(this.host.clock, () => this.events.closed(cause));
    else this.host.step(() => this.events.closed(cause));
  }

  /** The socket has room again. */
  drain(): void {
    this.full = false;
    for (const bytes of this.refused) this.take(bytes);
    this.refused = [];
    this.host.step(() => this.events.drained?.());
  }

  /** Commands since the last call. */
  taken(): string[] {
    return this.commands.splice(0);
  }

  /** The host owns what it was given: the client must not have changed it. */
  private checkUntouched(): void {
    for (const { bytes, copy } of this.handedOut) {
      if (bytes.some((byte, at) => byte !== copy[at])) throw new Error("bytes were rewritten after write()");
    }
  }

  private take(bytes: Uint8Array): void {
    this.pending += byteString(bytes, 0, bytes.length);
    if (!this.sawMagic && this.pending.length >= 4) {
      this.sawMagic = true;
      this.commands.push(JSON.stringify(this.pending.slice(0, 4)));
      this.pending = this.pending.slice(4);
    }
    for (;;) {
      const lineEnd = this.pending.indexOf("\n");
      if (!this.sawMagic || lineEnd < 0) return;
      const line = this.pending.slice(0, lineEnd);
      const hasBody = /^(IDENTIFY|AUTH|PUB|DPUB|MPUB)\b/.test(line);
      let next = lineEnd + 1;
      let body = "";
      if (hasBody) {
        const size = int32(this.pending, next);
        if (this.pending.length < next + 4 + size) return;
        body = ` ${this.pending.slice(next + 4, next + 4 + size)}`;
        next += 4 + size;
      }
      this.pending = this.pending.slice(next);
      this.commands.push(line + body);
      this.server?.received(this, line + body);
    }
  }
}

/** An nsqd that answers IDENTIFY and SUB on its own. */
export class FakeNsqd {
  readonly connections: FakeEnd[] = [];
  mode: "accept" | "refuse" | "hang" = "accept";
  features = FEATURES;
  /** What it answers; undefined: nothing. */
  reply: (command: string, end: FakeEnd) => string | undefined = (command) =>
    command.startsWith("IDENTIFY") ? this.features : command.startsWith("SUB") ? "OK" : undefined;
  answersEnd = true;
  private readonly host: FakeHost;

  constructor(host: FakeHost, address: string) {
    this.host = host;
    host.servers.set(address, this);
  }

  get last(): FakeEnd {
    return this.connections.at(-1)!;
  }

  accept(end: FakeEnd): void {
    end.server = this;
    this.connections.push(end);
    end.opened();
  }

  received(end: FakeEnd, command: string): void {
    const answer = this.reply(command, end);
    if (answer === undefined) return;
    this.host.timer(this.host.clock, () => (answer.startsWith("E_") ? end.error(answer) : end.response(answer)));
  }
}

export function messageFrame(number: number, attempts = 1, body = `${number} body`): Uint8Array {
  const data = bytesOf(body);
  const frame = new Uint8Array(34 + data.length);
  writeUint32(frame, 0, 30 + data.length);
  writeUint32(frame, 4, FRAME_MESSAGE);
  // 1,700,000,000,123,456,789 ns
  writeUint32(frame, 8, 0x1797_9cfe);
  writeUint32(frame, 12, 0x3d85_cd15);
  frame[16] = attempts >> 8;
  frame[17] = attempts;
  writeHalf(frame, 18, 0x0a0b_0c0d);
  writeHalf(frame, 26, number);
  frame.set(data, 34);
  return frame;
}

/** Id of {@link messageFrame}, as it stands in commands. */
export function messageId(number: number): string {
  return `0a0b0c0d${number.toString(16).padStart(8, "0")}`;
}

function int32(text: string, at: number): number {
  return (
    (text.charCodeAt(at) << 24) |
    (text.charCodeAt(at + 1) << 16) |
    (text.charCodeAt(at + 2) << 8) |
    text.charCodeAt(at + 3)
  );
}
