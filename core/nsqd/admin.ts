import type { NsqdOptions } from "./options.ts";
import type { NsqdStats, StatsFilter } from "./stats.ts";

/** What HTTP routes and metadata may do to a broker. Names are valid topic and channel names (protocol §3). */
export interface NsqdAdmin {
  readonly options: NsqdOptions;
  /** How many clients are connected over TCP. */
  readonly connections: number;
  /** It is being stopped: what it has is on its way to the disk, and must not change any more. */
  readonly isStopping: boolean;
  /** In the order of their creation. */
  topics(): Iterable<TopicAdmin>;
  topic(name: string): TopicAdmin | undefined;
  /**
   * The topic of that name, created if need be (nsqd-semantics §1.1). `isHeld`: a new one keeps what it has and gets
   * until {@link TopicAdmin.start}.
   */
  createTopic(name: string, isHeld?: boolean): TopicAdmin;
  /** False: there is none. */
  deleteTopic(name: string): boolean;
  stats(filter?: StatsFilter): NsqdStats;
  /** `OK`, or `NOK - <error>` (nsqd-semantics §12). */
  health(): string;
  /** Called after each creation, deletion, pause and unpause of what is not ephemeral. */
  onMetadataChange: (() => void) | null;
}

export interface TopicAdmin {
  readonly name: string;
  readonly ephemeral: boolean;
  readonly paused: boolean;
  /** In the order of their creation. */
  channels(): Iterable<ChannelAdmin>;
  channel(name: string): ChannelAdmin | undefined;
  /** The channel of that name, created if need be. */
  createChannel(name: string): ChannelAdmin;
  /** Disconnects its clients and drops its messages. False: there is none. */
  deleteChannel(name: string): boolean;
  /**
   * Publishes all the bodies or none. `delayMs` is 0 or the wait of DPUB.
   * Returns null, or why nothing was accepted.
   */
  publish(bodies: readonly Uint8Array[], delayMs: number): string | null;
  /** Drops the topic's own queue, not its channels'. */
  empty(): void;
  setPaused(paused: boolean): void;
  /** All its channels are there: messages may go to them. */
  start(): void;
  readonly idWait: { readonly isOver: boolean; whenOver(then: () => void): void };
  /** Calls `then` once: now, or when {@link start} was called or the topic deleted. */
  whenStarted(then: () => void): void;
}

export interface ChannelAdmin {
  readonly name: string;
  readonly ephemeral: boolean;
  readonly paused: boolean;
  /** Drops queued, in-flight and deferred messages. */
  empty(): void;
  setPaused(paused: boolean): void;
}
