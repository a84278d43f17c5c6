import type { FileStore, Host, HostError, HttpRequest, HttpResponse, LogLevel } from "../../../core/host.ts";
import type { ChannelAdmin, NsqdAdmin, TopicAdmin } from "../../../core/nsqd/admin.ts";
import { nsqdHttp } from "../../../core/nsqd/http.ts";
import type { LookupAddresses } from "../../../core/nsqd/http/context.ts";
import { MetadataKeeper } from "../../../core/nsqd/metadata.ts";
import { DEFAULT_OPTIONS, type NsqdOptions } from "../../../core/nsqd/options.ts";
import type { NsqdStats, StatsFilter } from "../../../core/nsqd/stats.ts";
import { bytesOf, decodeUtf8 } from "../../../core/protocol/text.ts";

export class FakeChannel implements ChannelAdmin {
  readonly name: string;
  readonly ephemeral: boolean;
  paused = false;
  emptied = 0;
  private readonly changed: () => void;

  constructor(name: string, changed: () => void) {
    this.name = name;
    this.ephemeral = name.endsWith("#ephemeral");
    this.changed = changed;
  }

  empty(): void {
    this.emptied++;
  }

  setPaused(paused: boolean): void {
    this.paused = paused;
    this.changed();
  }
}

export class FakeTopic extends FakeChannel implements TopicAdmin {
  readonly published: { body: string; delayMs: number }[] = [];
  refusal: string | null = null;
  /** Not over: who publishes waits here. */
  readonly idWait = {
    isOver: true,
    waiting: [] as (() => void)[],
    whenOver: (then: () => void): void => this.hang(then),
  };
  private readonly byName = new Map<string, FakeChannel>();
  private readonly tell: () => void;

  constructor(name: string, changed: () => void) {
    super(name, changed);
    this.tell = changed;
  }

  channels(): FakeChannel[] {
    return [...this.byName.values()];
  }

  private hang(then: () => void): void {
    this.idWait.waiting.push(then);
  }

  channel(name: string): FakeChannel | undefined {
    return this.byName.get(name);
  }

  createChannel(name: string): FakeChannel {
    const channel = this.byName.get(name) ?? new FakeChannel(name, this.tell);
    this.byName.set(name, channel);
    this.tell();
    return channel;
  }

  deleteChannel(name: string): boolean {
    const isGone = this.byName.delete(name);
    this.tell();
    return isGone;
  }

  start(): void {}

  whenStarted(then: () => void): void {
    then();
  }

  publish(bodies: readonly Uint8Array[], delayMs: number): string | null {
    if (this.refusal === null) this.published.push(...bodies.map((body) => ({ body: decodeUtf8(body), delayMs })));
    return this.refusal;
  }
}

/** A list of nsqlookupds that nobody talks to. */
export class FakeLookup implements LookupAddresses {
  addresses: readonly string[] = [];

  setAddresses(addresses: readonly string[]): void {
    this.addresses = addresses;
  }
}

/** A broker that only remembers what it was told: for the routes and nsqd.dat. */
export class FakeAdmin implements NsqdAdmin {
  readonly connections = 0;
  isStopping = false;
  readonly options: NsqdOptions;
  onMetadataChange: (() => void) | null = null;
  state = "OK";
  lastFilter: StatsFilter | undefined;
  snapshot: NsqdStats;
  private readonly byName = new Map<string, FakeTopic>();

  constructor(options: Partial<NsqdOptions> = {}) {
    this.options = { ...DEFAULT_OPTIONS, ...options };
    const { version } = this.options;
    this.snapshot = { version, health: "OK", start_time: 1_700_000_000, topics: [], producers: null };
  }

  topics(): FakeTopic[] {
    return [...this.byName.values()];
  }

  topic(name: string): FakeTopic | undefined {
    return this.byName.get(name);
  }

  createTopic(name: string): FakeTopic {
    const changed = (): void => this.onMetadataChange?.();
    const topic = this.byName.get(name) ?? new FakeTopic(name, changed);
    this.byName.set(name, topic);
    changed();
    return topic;
  }

  deleteTopic(name: string): boolean {
    const isGone = this.byName.delete(name);
    this.onMetadataChange?.();
    return isGone;
  }

  stats(filter?: StatsFilter): NsqdStats {
    this.lastFilter = filter;
    return this.snapshot;
  }

  health(): string {
    return this.state;
  }
}

/** Files whose writes end only when the test says so. */
class SlowFiles implements Pick<FileStore, "read" | "replace"> {
  content: Uint8Array | null = null;
  /** Texts in the order they were written. */
  readonly written: string[] = [];
  private readonly pending: (() => void)[] = [];

  read(_name: string, done: (result: HostError | Uint8Array | null) => void): void {
    done(this.content);
  }

  replace(_name: string, bytes: Uint8Array, done: (error: HostError | null) => void): void {
    this.pending.push(() => {
      this.written.push(decodeUtf8(bytes));
      this.content = bytes;
      done(null);
    });
  }

  get writing(): number {
    return this.pending.length;
  }

  finishWrite(): void {
    this.pending.shift()?.();
  }
}

/** The parts of a host that the routes and nsqd.dat touch. */
export class FakeHost {
  readonly name = "box";
  readonly files = new SlowFiles();
  readonly logged: string[] = [];
  logLevel: LogLevel = "info";
  private tasks: (() => void)[] = [];

  now(): number {
    return 5_000_000;
  }

  wallNow(): number {
    return 1_700_000_090 * 1_000_000;
  }

  endOfStep(task: () => void): void {
    this.tasks.push(task);
  }

  log(level: LogLevel, message: string): void {
    this.logged.push(`${level} ${message}`);
  }

  setLogLevel(lowest: LogLevel): void {
    this.logLevel = lowest;
  }

  endStep(): void {
    const { tasks } = this;
    this.tasks = [];
    for (const task of tasks) task();
  }

  asHost(): Host {
    return this as unknown as Host;
  }
}

/** nsqd's HTTP interface over the fakes, called with values. */
export class Http {
  readonly admin: FakeAdmin;
  readonly host = new FakeHost();
  readonly metadata: MetadataKeeper;
  readonly lookup = new FakeLookup();
  /** The answer to the last request; null while it is owed. */
  lastAnswer: HttpResponse | null = null;
  private readonly handler;

  constructor(options: Partial<NsqdOptions> = {}) {
    this.admin = new FakeAdmin(options);
    this.metadata = new MetadataKeeper(this.host.asHost(), this.admin, true);
    this.handler = nsqdHttp({
      host: this.host.asHost(),
      admin: this.admin,
      metadata: this.metadata,
      lookup: this.lookup,
      addresses: () => ({ tcpAddress: "127.0.0.1:4150", httpAddress: "127.0.0.1:4151" }),
    });
  }

  /** The answer, or null when none has been given yet. */
  ask(method: string, target: string, body: string | Uint8Array = ""): HttpResponse | null {
    const bytes = typeof body === "string" ? bytesOf(body) : body;
    const refused = this.handler.head(method, target, bytes.length);
    if (refused !== null) return refused;
    this.lastAnswer = null;
    const request: HttpRequest = { method, target, body: bytes };
    this.handler.handle(request, (response) => {
      this.lastAnswer = response;
    });
    return this.lastAnswer;
  }

  get(target: string): HttpResponse | null {
    return this.ask("GET", target);
  }

  post(target: string, body: string | Uint8Array = ""): HttpResponse | null {
    return this.ask("POST", target, body);
  }
}
