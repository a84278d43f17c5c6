/**
 * The door: everything a program may ask of the world, and nothing else.
 *
 * A *program* (nsqd, a producer, a consumer) is a function of a host. The simulator and `core/node` each provide one;
 * no program can tell which. Killing a process is dropping its host; restarting it is a new host over the same files.
 *
 * Duties of every host:
 * 1. It calls into a program one call at a time; a call returns before the next begins. One such call is a *step*.
 * 2. Tasks given to {@link Host.endOfStep} run after the step, in the order given, before any other step of the program
 *    that the host can delay (a host may join several ready inputs to one step).
 * 3. Timers never fire early. Timers that are due fire in the order of their instants, equal instants in the order of
 *    their creation.
 * 4. A byte stream delivers bytes in order, without loss, cut anywhere; `closed` is the last call and comes exactly once.
 */
import type { Random } from "./random.ts";
import type { Micros } from "./time.ts";

export interface Host {
  /** Name of the process (a host name): stands in ids, logs and IDENTIFY. */
  readonly name: string;
  /** Monotonic clock: never goes back, unaffected by steps of the wall clock. */
  now(): Micros;
  /** Wall clock, microseconds since the Unix epoch. May jump either way. */
  wallNow(): Micros;
  /** Calls `fire` once, when {@link Host.now} is at least `at`. */
  timer(at: Micros, fire: () => void): Timer;
  /** Runs `task` once, at the end of the current step. This is where output is flushed. */
  endOfStep(task: () => void): void;
  /** The random stream of that name; the same object at every call. */
  random(stream: string): Random;
  /** Accepts byte streams. `ready` is called once: with the bound address, or with the error. */
  listen(address: string, accept: AcceptStream, ready: (result: HostError | Bound) => void): Listener;
  /** Opens a byte stream. Outcome and data come through `events`. */
  connect(address: string, events: StreamEvents): ByteStream;
  /** Serves HTTP, as values; with `tls` HTTPS. `ready` as in {@link Host.listen}. */
  serveHttp(
    address: string,
    handle: HttpHandler,
    ready: (result: HostError | Bound) => void,
    tls?: TlsContext,
  ): Listener;
  /** Sends one HTTP request; `done` is called once. */
  requestHttp(address: string, call: HttpCall, done: (result: HostError | HttpResponse) => void): void;
  /**
   * Sends one datagram to `host:port` and forgets it: it may be lost, and nobody says so. `failed` is for what is known at
   * once, such as a name without an address. Missing where all datagrams are lost.
   */
  sendDatagram?(address: string, bytes: Uint8Array, failed: (error: HostError) => void): void;
  /** Reads certificates and keys, for {@link ByteStream.startTls} and {@link Host.serveHttp}. Missing where there is no TLS. */
  loadTls?(settings: TlsSettings): HostError | TlsContext;
  readonly files: FileStore;
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Lowest level that {@link Host.log} shows from now on. Missing where everything is kept. */
  setLogLevel?(lowest: LogLevel): void;
  /** Memory of the whole process, for /stats. Missing where there is no process to measure. */
  memory?(): MemoryFigures;
  /** How the whole process does, for /metrics. Missing where there is none. */
  runtime?(): RuntimeFigures;
  /** Looks into the process, for /debug. Missing where there is no process to look into. */
  readonly profiler?: Profiler;
}

export interface RuntimeFigures {
  /** How late the event loop was since the figures before, in seconds. */
  readonly eventLoopLag: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly heapUsedBytes: number;
  readonly residentBytes: number;
  /** Since the start, of all threads. */
  readonly processorSeconds: number;
  /** File descriptors; null: the system does not tell. */
  readonly openFiles: number | null;
}

/** Profiles in the formats of V8, which Chrome's developer tools open. `done` is called once. */
export interface Profiler {
  /** The command line, word by word. */
  readonly commandLine: readonly string[];
  /** Where the processor's time goes for that many seconds (`.cpuprofile`). */
  profileProcessor(seconds: number, done: (result: HostError | string) => void): void;
  /** What is allocated within that many seconds and still in use at their end (`.heapprofile`). */
  profileHeap(seconds: number, done: (result: HostError | string) => void): void;
  /** What the event loop waits for: kinds of sockets, timers and requests, each with how many there are. */
  pending(): ReadonlyMap<string, number>;
  collectGarbage(): void;
}

/** The figures Go's runtime gives for /stats, in its names and order (nsqd-http §2); 0 where a runtime has none. */
export interface MemoryFigures {
  readonly heap_objects: number;
  readonly heap_idle_bytes: number;
  readonly heap_in_use_bytes: number;
  readonly heap_released_bytes: number;
  readonly gc_pause_usec_100: number;
  readonly gc_pause_usec_99: number;
  readonly gc_pause_usec_95: number;
  readonly next_gc_bytes: number;
  readonly gc_total_runs: number;
}

export interface Timer {
  /** No effect when it has fired already. */
  cancel(): void;
}

export interface Bound {
  /** `host:port` as bound: port 0 has become a real one. */
  readonly address: string;
}

export interface Listener {
  /** Stops accepting. Streams already accepted stay open. */
  close(): void;
}

export type AcceptStream = (stream: ByteStream) => StreamEvents;

/** One end of a TCP connection. */
export interface ByteStream {
  readonly localAddress: string;
  readonly remoteAddress: string;
  /** Bytes accepted by {@link write} and not yet taken by the operating system (or the simulated socket buffer). */
  readonly unsentBytes: number;
  /**
   * Sends bytes. The host takes them over: the caller must not change them afterwards.
   * False: the send buffer is full; stop, `drained` will be called.
   */
  write(bytes: Uint8Array): boolean;
  /** Sends FIN after everything written; reading goes on. */
  end(): void;
  /** Drops the connection now. Unsent bytes are lost; the peer sees a reset if bytes from it were unread, else an end. */
  destroy(): void;
  /** Stops calling `data`, so that the peer feels back-pressure. */
  pauseReading(): void;
  resumeReading(): void;
  /**
   * From now on everything is in TLS: what was written before leaves in clear, nothing more is read in clear, and `data`
   * comes only after `done`. Called once: TLS is up, or the handshake failed and the stream is being dropped. A client
   * expects the host it connected to. At most once, and not behind {@link startDeflate}. Missing where there is no TLS.
   */
  startTls?(context: TlsContext, done: (result: HostError | TlsFacts) => void): void;
  /**
   * From now on everything is raw DEFLATE, both ways, each write flushed: what was written before leaves as it is, what
   * comes was compressed by the peer, beginning with `early`, which has come already. `level`: 1 (fast) to 9 (small). At
   * most once. Missing where the host cannot.
   */
  startDeflate?(level: number, early?: Uint8Array): void;
}

export type TlsVersion = "ssl3.0" | "tls1.0" | "tls1.1" | "tls1.2" | "tls1.3";

/** What {@link Host.loadTls} reads. Files are PEM. */
export interface TlsSettings {
  readonly role: "server" | "client";
  /** Empty, like the key: a client without a certificate. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Authorities that the peer's certificate must come from; empty: those that the system knows. */
  readonly caFile: string;
  /** `ssl3.0` means the same as `tls1.0`: nobody speaks it any more. */
  readonly minVersion: TlsVersion;
  /** Whether the peer must show a certificate, and one that is verified. A server shows one always. */
  readonly peer: "anyone" | "certified" | "verified";
}

/** Certificates and keys, read and ready. Of its own host only. */
export interface TlsContext {
  readonly settings: TlsSettings;
}

/** What a TLS handshake agreed on. */
export interface TlsFacts {
  /** `TLS1.2`, … */
  readonly version: string;
  /** As IANA calls it. */
  readonly cipherSuite: string;
  /** ALPN; empty: none. */
  readonly protocol: string;
  /** Common name in the peer's certificate; empty: it has shown none. */
  readonly peerName: string;
}

/** What happens to a byte stream. `bytes` are valid only during the call. */
export interface StreamEvents {
  /** Outgoing connections only: the connection is established. */
  opened?(): void;
  data(bytes: Uint8Array): void;
  /** The peer sent FIN. */
  ended(): void;
  /** The send buffer is empty again after a `write` that returned false. */
  drained?(): void;
  /** Exactly once, the last call. */
  closed(cause: CloseCause): void;
}

/**
 * Why a stream is gone: `ended` (both sides finished), `destroyed` (we dropped it), `reset` (the peer dropped it),
 * `refused` (nobody listens), `timeout` (no answer to the connect, or to retransmissions), `unreachable`, `garbled` (what
 * came cannot be decompressed), `insecure` (the TLS handshake failed).
 */
export type CloseCause =
  | "ended"
  | "destroyed"
  | "reset"
  | "refused"
  | "timeout"
  | "unreachable"
  | "garbled"
  | "insecure";

export class HostError extends Error {
  override readonly name = "HostError";
  /** The operating system's code: EADDRINUSE, ENOENT, ENOSPC, ECONNREFUSED, … */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface HttpRequest {
  /** Upper case. */
  readonly method: string;
  /** Path and query, as on the request line. */
  readonly target: string;
  readonly body: Uint8Array;
  /** `host:port` of who asks, where that is known. */
  readonly remoteAddress?: string;
}

/** A request to another program. */
export interface HttpCall extends HttpRequest {
  /** A client's: the call goes over HTTPS. */
  readonly tls?: TlsContext;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the connection, then ETIMEDOUT. Default: the host's. */
  readonly connectTimeout?: Micros;
  /** For the whole answer, then ETIMEDOUT. Default: none. */
  readonly timeout?: Micros;
  /** It does not keep the process running when nothing else does. */
  readonly inBackground?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

export interface HttpHandler {
  /**
   * Called with the head of a request: an answer refuses the body unread, null takes it.
   * `contentLength` is -1 when the peer did not say.
   */
  head(method: string, target: string, contentLength: number): HttpResponse | null;
  /** Called with the whole request. `maxBodyBytes` has been enforced by the host: a longer body comes cut to one byte more. */
  handle(request: HttpRequest, reply: (response: HttpResponse) => void): void;
  /** Largest body worth buffering, in bytes. */
  readonly maxBodyBytes: number;
}

/**
 * The files of one directory. What returns at once hands its bytes to the operating system: they survive a kill of the
 * process, but a power loss only after a completed {@link StoredFile.sync} or {@link FileStore.replace}. Completions come
 * in a later step; those of one file in the order of the calls.
 */
export interface FileStore {
  /** The content, or null when there is no such file. */
  read(name: string, done: (result: HostError | Uint8Array | null) => void): void;
  /** Replaces the file atomically and durably: temporary file, sync, rename. */
  replace(name: string, bytes: Uint8Array, done: (error: HostError | null) => void): void;
  /** The same at once, and not durable yet. It overtakes replacements of that file that are still under way. */
  replaceNow(name: string, bytes: Uint8Array): HostError | null;
  /** The names of all files, in any order. */
  list(): HostError | readonly string[];
  /** Opens a file for reading and writing; `create`: makes it when it is missing, else that is ENOENT. */
  open(name: string, create: boolean): HostError | StoredFile;
  /** Replaces what was at `to`. */
  rename(from: string, to: string): HostError | null;
  /** A missing file is fine. Overtakes replacements as well: they will not bring the file back. */
  remove(name: string): HostError | null;
}

/** An open file, read and written at positions. It stays usable when its name is renamed or removed. */
export interface StoredFile {
  /** Bytes. */
  size(): HostError | number;
  /** Reads up to `into.length` bytes from `position`; returns how many there were. */
  read(into: Uint8Array, position: number): HostError | number;
  /** Writes all the bytes at `position`, or says why not; then some of them may be there. Takes no hold of `bytes`. */
  write(bytes: Uint8Array, position: number): HostError | null;
  /** Cuts off what is beyond `size`. */
  truncate(size: number): HostError | null;
  /** Makes what was written before this call durable. */
  sync(done: (error: HostError | null) => void): void;
  /** Ends its use. A sync under way is completed first. */
  close(): void;
}

export type LogLevel = "debug" | "info" | "warn" | "error" | "fatal";

/** How a program that logs to a stream writes its lines: for people, as nsqd does, or one JSON object each. */
export type LogFormat = "text" | "json";
