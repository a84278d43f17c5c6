import { randomBytes } from "node:crypto";
import os from "node:os";
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
  MemoryFigures,
  Profiler,
  RuntimeFigures,
  StreamEvents,
  Timer,
  TlsContext,
  TlsSettings,
} from "../host.ts";
import { type Random, randomStream } from "../random.ts";
import type { Micros } from "../time.ts";
import { NodeClock } from "./clock.ts";
import { NodeDatagrams } from "./datagrams.ts";
import { NodeFiles } from "./files.ts";
import { requestNodeHttp, serveNodeHttp } from "./http.ts";
import { LOG_LEVELS, type LogSink } from "./log.ts";
import { MemoryFiles } from "./memory-files.ts";
import { MemoryWatch } from "./memory.ts";
import { NodeProfiler } from "./profiler.ts";
import { RuntimeWatch } from "./runtime.ts";
import { Steps } from "./steps.ts";
import { connectNet, listenNet } from "./streams.ts";
import { NodeTimers } from "./timers.ts";
import { loadNodeTls, type NodeTlsContext } from "./tls.ts";

export interface NodeHostOptions {
  /** Default: the machine's host name. */
  readonly name?: string;
  /** Of all random streams. Default: drawn anew. */
  readonly seed?: number | string;
  /** Directory of {@link Host.files}; empty: the working directory. Default: files live in memory only. */
  readonly filesPath?: string;
  /** Lowest level that reaches `log`. Default: info. */
  readonly logLevel?: LogLevel;
  readonly log: LogSink;
}

/** The real world: this machine's clock, sockets, HTTP and files behind the door of core/host. */
export function createNodeHost(options: NodeHostOptions): Host {
  return new NodeHost(options);
}

class NodeHost implements Host {
  readonly name: string;
  readonly files: FileStore;
  readonly profiler: Profiler = new NodeProfiler();
  private readonly sink: LogSink;
  private logThreshold: number;
  private readonly seed: number | string;
  private readonly streams = new Map<string, Random>();
  private readonly clock = new NodeClock();
  private readonly steps = new Steps();
  private readonly timers = new NodeTimers(() => this.clock.now());
  private readonly warn = (message: string): void => this.log("warn", message);
  private readonly datagrams = new NodeDatagrams(this.warn);

  constructor(options: NodeHostOptions) {
    this.name = options.name ?? os.hostname();
    this.seed = options.seed ?? randomBytes(8).toString("hex");
    this.files = options.filesPath === undefined ? new MemoryFiles() : new NodeFiles(options.filesPath);
    this.sink = options.log;
    this.logThreshold = LOG_LEVELS.indexOf(options.logLevel ?? "info");
  }

  now(): Micros {
    return this.clock.now();
  }

  wallNow(): Micros {
    return this.clock.wallNow();
  }

  timer(at: Micros, fire: () => void): Timer {
    return this.timers.add(at, fire);
  }

  endOfStep(task: () => void): void {
    this.steps.endOfStep(task);
  }

  random(stream: string): Random {
    let found = this.streams.get(stream);
    if (found === undefined) {
      found = randomStream(this.seed, stream);
      this.streams.set(stream, found);
    }
    return found;
  }

  listen(address: string, accept: AcceptStream, ready: (result: HostError | Bound) => void): Listener {
    return listenNet(address, accept, ready, this.warn);
  }

  connect(address: string, events: StreamEvents): ByteStream {
    return connectNet(address, events);
  }

  serveHttp(
    address: string,
    handle: HttpHandler,
    ready: (result: HostError | Bound) => void,
    tls?: TlsContext,
  ): Listener {
    // Who serves HTTP will be asked for memory figures; collections count from now on.
    watch();
    return serveNodeHttp(address, handle, ready, this.warn, tls as NodeTlsContext | undefined);
  }

  loadTls(settings: TlsSettings): HostError | TlsContext {
    return loadNodeTls(settings);
  }

  requestHttp(address: string, call: HttpCall, done: (result: HostError | HttpResponse) => void): void {
    requestNodeHttp(address, call, done);
  }

  sendDatagram(address: string, bytes: Uint8Array, failed: (error: HostError) => void): void {
    this.datagrams.send(address, bytes, failed);
  }

  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void {
    if (LOG_LEVELS.indexOf(level) >= this.logThreshold) this.sink(level, message, fields);
  }

  setLogLevel(lowest: LogLevel): void {
    this.logThreshold = LOG_LEVELS.indexOf(lowest);
  }

  memory(): MemoryFigures {
    return watch().figures();
  }

  runtime(): RuntimeFigures {
    runtimeWatch ??= new RuntimeWatch();
    return runtimeWatch.figures();
  }
}

let memoryWatch: MemoryWatch | null = null;
let runtimeWatch: RuntimeWatch | null = null;

/** One for the process: garbage is collected for all hosts together. */
function watch(): MemoryWatch {
  memoryWatch ??= new MemoryWatch();
  return memoryWatch;
}
