import { assert } from "../assert.ts";
import type { ByteStream, Host, StreamEvents } from "../host.ts";
import { isValidName } from "../protocol/names.ts";
import { PagePool } from "../queue/slab.ts";
import type { NsqdAdmin } from "./admin.ts";
import type { Environment } from "./environment.ts";
import { Timestamp } from "./guid.ts";
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

/** Topics, channels and client connections of one nsqd. Knows no sockets: streams are handed to {@link accept}. */
export class Broker implements NsqdAdmin, SessionOwner {
  readonly options: NsqdOptions;
  readonly sessions = new Map<number, Session>();
  onMetadataChange: (() => void) | null = null;
  /** Wall clock, Unix seconds. */
  readonly startTime: number;
  private readonly host: Host;
  private readonly environment: Environment;
  private readonly byName = new Map<string, Topic>();
  private nextSession = 1;
  private readonly unflushed: Output[] = [];
  private readonly flush = (): void => this.flushAll();

  constructor(host: Host, options: NsqdOptions, probe: NsqdProbe | null) {
    this.host = host;
    this.options = options;
    this.startTime = Math.floor(host.wallNow() / 1e6);
    this.environment = {
      host,
      options,
      policies: startPolicies(host, options),
      probe,
      pages: new PagePool(SPARE_PAGES),
      time: new Timestamp(),
      metadataChanged: () => this.onMetadataChange?.(),
    };
  }

  accept(stream: ByteStream): StreamEvents {
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

  createTopic(name: string): Topic {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    assert(isValidName(name), `${name} is no topic name`);
    const topic = new Topic(this.environment, name, () => this.deleteTopic(name));
    this.byName.set(name, topic);
    this.host.log("info", `TOPIC(${name}): created`);
    if (!topic.ephemeral) this.environment.metadataChanged();
    return topic;
  }

  deleteTopic(name: string): boolean {
    const topic = this.byName.get(name);
    if (topic === undefined) return false;
    this.byName.delete(name);
    this.host.log("info", `TOPIC(${name}): deleted`);
    topic.close();
    if (!topic.ephemeral) this.environment.metadataChanged();
    return true;
  }

  /** Memory is always healthy; only a disk queue can be otherwise. */
  health(): string {
    return "OK";
  }

  stats(filter: StatsFilter = {}): NsqdStats {
    return statsOf(this, filter);
  }

  gauges(visit: GaugeVisitor): void {
    gaugesOf(this.byName.values(), visit);
  }

  /** Disconnects everybody and stops all timers. What is in memory is gone: there is no disk to keep it. */
  stop(): void {
    for (const session of this.sessions.values()) session.close();
    this.environment.policies.deadlines.stop();
  }

  flushLater(output: Output): void {
    if (this.unflushed.length === 0) this.host.endOfStep(this.flush);
    this.unflushed.push(output);
  }

  sessionClosed(session: Session): void {
    this.sessions.delete(session.number);
  }

  private flushAll(): void {
    const { unflushed } = this;
    // A flush can make a client ready again, and its next messages join the list.
    for (let index = 0; index < unflushed.length; index += 1) unflushed[index]!.endOfStep();
    unflushed.length = 0;
  }
}
