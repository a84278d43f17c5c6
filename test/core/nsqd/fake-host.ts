import type { ByteStream, Host, HttpHandler, StreamEvents, Timer } from "../../../core/host.ts";
import { type Random, randomStream } from "../../../core/random.ts";
import type { Micros } from "../../../core/time.ts";
import { FaultyFiles } from "../storage/faulty-files.ts";

/** 2026-01-01T00:00:00Z. */
const EPOCH: Micros = 1_767_225_600_000_000;

interface Due {
  readonly at: Micros;
  readonly order: number;
  readonly fire: () => void;
  cancelled: boolean;
}

/** A host turned by hand: time passes when {@link advance} says so, and every call into the program is a step. */
export class FakeHost implements Host {
  readonly name = "broker";
  readonly logs: string[] = [];
  readonly files: FaultyFiles;
  http: HttpHandler | null = null;
  wallOffset = 0;
  private clock: Micros = 1_000_000;
  private timers: Due[] = [];
  private order = 0;
  private tasks: (() => void)[] = [];
  private accept: ((stream: ByteStream) => StreamEvents) | null = null;
  private readonly streams = new Map<string, Random>();
  private nextPort = 50_000;

  constructor(files = new FaultyFiles()) {
    this.files = files;
  }

  now(): Micros {
    return this.clock;
  }

  wallNow(): Micros {
    return EPOCH + this.clock + this.wallOffset;
  }

  timer(at: Micros, fire: () => void): Timer {
    const due: Due = { at: Math.max(at, this.clock), order: (this.order += 1), fire, cancelled: false };
    this.timers.push(due);
    return {
      cancel: () => {
        due.cancelled = true;
      },
    };
  }

  get armedTimers(): number {
    return this.timers.filter((due) => !due.cancelled).length;
  }

  endOfStep(task: () => void): void {
    this.tasks.push(task);
  }

  random(stream: string): Random {
    const known = this.streams.get(stream) ?? randomStream(7, stream);
    this.streams.set(stream, known);
    return known;
  }

  listen(
    address: string,
    accept: (stream: ByteStream) => StreamEvents,
    ready: (result: { address: string }) => void,
  ): { close(): void } {
    this.accept = accept;
    ready({ address });
    return { close: () => {} };
  }

  connect(): ByteStream {
    throw new Error("a broker connects to nobody");
  }

  serveHttp(address: string, handle: HttpHandler, ready: (result: { address: string }) => void): { close(): void } {
    this.http = handle;
    ready({ address });
    return { close: () => {} };
  }

  requestHttp(): void {
    throw new Error("a broker asks nobody");
  }

  log(level: string, message: string): void {
    this.logs.push(`${level} ${message}`);
  }

  /** One call into the program, and what it put off to the end of the step. */
  step<T>(call: () => T): T {
    const result = call();
    while (this.tasks.length > 0) for (const task of this.tasks.splice(0)) task();
    return result;
  }

  /** Lets time pass; timers fire at their instants. */
  advance(by: Micros): void {
    const end = this.clock + by;
    for (;;) {
      let next: Due | null = null;
      for (const due of this.timers) {
        if (due.cancelled || due.at > end) continue;
        if (next === null || due.at < next.at || (due.at === next.at && due.order < next.order)) next = due;
      }
      if (next === null) break;
      this.timers = this.timers.filter((due) => due !== next && !due.cancelled);
      this.clock = Math.max(this.clock, next.at);
      this.step(next.fire);
    }
    this.clock = end;
  }

  /** A client connects. */
  client(accept = this.accept): FakeClient {
    if (accept === null) throw new Error("nobody listens");
    this.nextPort += 1;
    const client = new FakeClient(this, `client:${this.nextPort}`);
    client.events = this.step(() => accept(client));
    return client;
  }
}

/** What came in a frame: a type and the data, as a byte string; of a message, its parts. */
export interface Frame {
  readonly type: "response" | "error" | "message";
  readonly text: string;
  readonly attempts: number;
  readonly id: string;
  readonly timestamp: bigint;
}

const TYPES = ["response", "error", "message"] as const;

/** The client's end of a connection, and the stream that the broker sees. */
export class FakeClient implements ByteStream {
  readonly localAddress = "broker:4150";
  readonly remoteAddress: string;
  events: StreamEvents | null = null;
  /** Sizes of the writes. */
  readonly writes: number[] = [];
  isReadingPaused = false;
  ended = false;
  destroyed = false;
  /** While true, writes are refused further ones. */
  isFull = false;
  unsentBytes = 0;
  private readonly host: FakeHost;
  private received: number[] = [];

  constructor(host: FakeHost, remoteAddress: string) {
    this.host = host;
    this.remoteAddress = remoteAddress;
  }

  write(bytes: Uint8Array): boolean {
    if (this.ended || this.destroyed) throw new Error("write after the end");
    this.writes.push(bytes.length);
    for (const byte of bytes) this.received.push(byte);
    if (this.isFull) this.unsentBytes += bytes.length;
    return !this.isFull;
  }

  end(): void {
    this.ended = true;
  }

  destroy(): void {
    this.destroyed = true;
  }

  pauseReading(): void {
    this.isReadingPaused = true;
  }

  resumeReading(): void {
    this.isReadingPaused = false;
  }

  /** The level of the compression that was begun; it changes no bytes here. */
  deflateLevel = 0;

  startDeflate(level: number): void {
    this.deflateLevel = level;
  }

  /** Sends text (a byte string) or bytes, all in one chunk. */
  send(data: string | Uint8Array): this {
    const bytes = typeof data === "string" ? Uint8Array.from(data, (character) => character.charCodeAt(0)) : data;
    this.host.step(() => this.events?.data(bytes));
    return this;
  }

  /** The peer's FIN. */
  finish(): void {
    this.host.step(() => this.events?.ended());
  }

  close(): void {
    this.host.step(() => this.events?.closed("ended"));
  }

  drain(): void {
    this.isFull = false;
    this.unsentBytes = 0;
    this.host.step(() => this.events?.drained?.());
  }

  /** The bytes that came since the last look. */
  bytes(): Uint8Array {
    return Uint8Array.from(this.received.splice(0));
  }

  /** The whole frames that came since the last look. */
  frames(): Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    const { received } = this;
    const view = new DataView(Uint8Array.from(received).buffer);
    while (at + 8 <= received.length && at + 4 + view.getInt32(at) <= received.length) {
      const end = at + 4 + view.getInt32(at);
      const type = TYPES[view.getInt32(at + 4)]!;
      const from = at + (type === "message" ? 34 : 8);
      const isMessage = type === "message";
      frames.push({
        type,
        text: String.fromCharCode(...received.slice(from, end)),
        attempts: isMessage ? view.getUint16(at + 16) : 0,
        id: isMessage ? String.fromCharCode(...received.slice(at + 18, at + 34)) : "",
        timestamp: isMessage ? view.getBigInt64(at + 8) : 0n,
      });
      at = end;
    }
    received.splice(0, at);
    return frames;
  }

  /** {@link frames} in short: `OK`, `! E_…`, `body*attempts`. */
  texts(): string[] {
    return this.frames().map(({ type, text, attempts }) =>
      type === "message" ? `${text}*${attempts}` : type === "error" ? `! ${text}` : text,
    );
  }
}

/** Four bytes, big-endian, as a byte string. */
export function int32(value: number): string {
  return String.fromCharCode((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

/** A length and the bytes. */
export function sized(body: string): string {
  return int32(body.length) + body;
}

export function pub(topic: string, body: string): string {
  return `PUB ${topic}\n${sized(body)}`;
}

export function mpub(topic: string, bodies: readonly string[]): string {
  return `MPUB ${topic}\n${sized(int32(bodies.length) + bodies.map(sized).join(""))}`;
}

export function identify(fields: object): string {
  return `IDENTIFY\n${sized(JSON.stringify(fields))}`;
}
