import { assert } from "../assert.ts";
import type { ByteStream, Host, StreamEvents, TlsContext } from "../host.ts";
import { isValidName } from "../protocol/names.ts";
import { PagePool } from "../queue/slab.ts";
import { RecordBatch } from "../storage/batch.ts";
import { BlockPool } from "../storage/blocks.ts";
import type { NsqdAdmin } from "./admin.ts";
import { AuthServers } from "./auth/servers.ts";
import type { Backlog } from "./backlog.ts";
import type { Environment } from "./environment.ts";
import { Timestamp } from "./guid.ts";
import { Health } from "./health.ts";
import type { NsqdOptions } from "./options.ts";
import type { Output } from "./output.ts";
import { startPolicies } from "./policy/index.ts";
import type { NsqdProbe } from "./probe.ts";
import { gaugesOf, statsOf } from "./report.ts";
import { Session, type SessionOwner } from "./session.ts";
import type { GaugeVisitor, NsqdStats, StatsFilter } from "./stats.ts";
import { Topic } from "./topic.ts";

/** Empty pages kept for the next messages: 16 MiB. */
const SPARE_PAGES = 64;
/** Read blocks kept for the next queue that is read from disk: 1 MiB. */
const SPARE_BLOCKS = 16;

/** Finds the channels of a topic; `found` is called once, in this call or later. */
export type FindChannels = (topic: string, found: (channels: readonly string[]) => void) => void;

/** Who hears of a stream that is not served. */
const NOBODY: StreamEvents = { data: () => {}, ended: () => {}, closed: () => {} };

/** Topics, channels and client connections of one nsqd. Knows no sockets: streams are handed to {@link accept}. */
export class Broker implements NsqdAdmin, SessionOwner {
  readonly options: NsqdOptions;
  readonly sessions = new Map<number, Session>();
  isStopping = false;
  onMetadataChange: (() => void) | null = null;
  /** Told of every topic and channel that comes or goes. `channel` "": the topic. */
  onRegistrationChange: ((topic: string, channel: string) => void) | null = null;
  /** Who knows the channels that a new topic has elsewhere. Null: nobody. */
  findChannels: FindChannels | null = null;
  /** Wall clock, Unix seconds. */
  readonly startTime: number;
  private readonly host: Host;
  private readonly environment: Environment;
  private readonly byName = new Map<string, Topic>();
  private nextSession = 1;
  private readonly unwritten: Backlog[] = [];
  private readonly unflushed: Output[] = [];
  private isFlushScheduled = false;
  private readonly flush = (): void => this.flushAll();

  constructor(host: Host, options: NsqdOptions, probe: NsqdProbe | null, tls: TlsContext | null = null) {
    this.host = host;
    this.options = options;
    this.startTime = Math.floor(host.wallNow() / 1e6);
    this.environment = {
      host,
      options,
      policies: startPolicies(host, options),
      tls,
      auth: options.authHttpAddresses.length === 0 ? null : new AuthServers(host, options),
      probe,
      pages: new PagePool(SPARE_PAGES),
      batch: new RecordBatch(),
      blocks: new BlockPool(SPARE_BLOCKS),
      health: new Health(),
      time: new Timestamp(),
      metadataChanged: () => this.onMetadataChange?.(),
      registrationChanged: (topic, channel) => this.onRegistrationChange?.(topic, channel),
      writeLater: (backlog) => {
        this.unwritten.push(backlog);
        this.scheduleFlush();
      },
    };
  }

  accept(stream: ByteStream): StreamEvents {
    if (this.isStopping) {
      // It came before the listener was closed, and waited.
      stream.destroy();
      return NOBODY;
    }
    const session = new Session(this.environment, this, stream, this.nextSession);
    this.nextSession += 1;
    this.sessions.set(session.number, session);
    return session;
  }

  get connections(): number {
    return this.sessions.size;
  }

  topics(): Iterable<Topic> {
    return this.byName.values();
  }

  topic(name: string): Topic | undefined {
    return this.byName.get(name);
  }

  createTopic(name: string, isHeld = false): Topic {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    assert(isValidName(name), `${name} is no topic name`);
    const topic = new Topic(this.environment, name, () => this.deleteTopic(name));
    this.byName.set(name, topic);
    this.host.log("info", `TOPIC(${name}): created`);
    if (!topic.ephemeral) this.environment.metadataChanged();
    this.environment.registrationChanged(name, "");
    if (!isHeld) this.startTopic(topic);
    return topic;
  }

  deleteTopic(name: string): boolean {
    const topic = this.byName.get(name);
    if (topic === undefined) return false;
    this.byName.delete(name);
    this.host.log("info", `TOPIC(${name}): deleted`);
    const channels = [...topic.channels()];
    topic.close();
    if (!topic.ephemeral) this.environment.metadataChanged();
    for (const channel of channels) this.environment.registrationChanged(name, channel.name);
    this.environment.registrationChanged(name, "");
    return true;
  }

  /** See {@link Policies.savesMetadataAgain}. */
  get savesMetadataAgain(): boolean {
    return this.environment.policies.savesMetadataAgain;
  }

  health(): string {
    return this.environment.health.text;
  }

  stats(filter: StatsFilter = {}): NsqdStats {
    return statsOf(this, filter);
  }

  gauges(visit: GaugeVisitor): void {
    gaugesOf(this.byName.values(), visit);
  }

  /**
   * Disconnects everybody, stops all timers and puts what is in memory on disk (nsqd-semantics §10.1). `done` is called
   * when everything is there.
   */
  stop(done: () => void): void {
    this.isStopping = true;
    for (const session of this.sessions.values()) session.close();
    this.environment.policies.deadlines.stop();
    let left = this.byName.size + 1;
    const saved = (): void => {
      left -= 1;
      if (left === 0) done();
    };
    for (const topic of this.byName.values()) topic.save(saved);
    saved();
  }

  flushLater(output: Output): void {
    this.unflushed.push(output);
    this.scheduleFlush();
  }

  sessionClosed(session: Session): void {
    this.sessions.delete(session.number);
  }

  /** Its messages wait until the channels it has elsewhere are here too (nsqd-semantics §1.1). */
  private startTopic(topic: Topic): void {
    if (this.findChannels === null) return topic.start();
    return this.findChannels(topic.name, (channels) => {
      if (topic.isGone) return;
      for (const channel of channels) topic.createChannel(channel);
      topic.start();
    });
  }

  private scheduleFlush(): void {
    if (this.isFlushScheduled) return;
    this.isFlushScheduled = true;
    this.host.endOfStep(this.flush);
  }

  /** What goes to disk goes before what goes to clients: an OK is never ahead of its message. */
  private flushAll(): void {
    const { unwritten, unflushed } = this;
    // A flush can make a client ready again, and its next messages, or those that spill, join the lists.
    let flushed = 0;
    do {
      for (let index = 0; index < unwritten.length; index += 1) unwritten[index]!.endOfStep();
      unwritten.length = 0;
      for (; flushed < unflushed.length && unwritten.length === 0; flushed += 1) unflushed[flushed]!.endOfStep();
    } while (unwritten.length > 0 || flushed < unflushed.length);
    unflushed.length = 0;
    this.isFlushScheduled = false;
  }
}
