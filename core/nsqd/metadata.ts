import { type Host, HostError, type Timer } from "../host.ts";
import { isValidName } from "../protocol/names.ts";
import { bytesOf, decodeUtf8 } from "../protocol/text.ts";
import { SECOND } from "../time.ts";
import type { NsqdAdmin } from "./admin.ts";

/** A save that failed is repeated after this. */
const RETRY_AFTER = SECOND;

/** Topics and channels, with their pauses, as they outlive the process (nsqd-semantics §11). */
const METADATA_FILE = "nsqd.dat";

export interface TopicMetadata {
  readonly name: string;
  readonly paused: boolean;
  readonly channels: readonly ChannelMetadata[];
}

export interface ChannelMetadata {
  readonly name: string;
  readonly paused: boolean;
}

/** The file is not what we write: nsqd must not start, or it would overwrite what somebody may still need. */
export class MetadataError extends Error {
  override readonly name = "MetadataError";
}

/**
 * Reads nsqd.dat. A missing file and a bare `null` are a fresh start.
 *
 * @throws MetadataError when it is empty, not JSON, or of another shape
 */
export function parseMetadata(bytes: Uint8Array | null): TopicMetadata[] {
  if (bytes === null) return [];
  let whole: unknown;
  try {
    whole = JSON.parse(decodeUtf8(bytes));
  } catch (error) {
    const reason = bytes.length === 0 ? "unexpected end of JSON input" : (error as Error).message;
    throw new MetadataError(reason);
  }
  if (whole === null) return [];
  return listOf(fieldsOf(whole, "the file")["topics"], "topics").map((item) => {
    const topic = fieldsOf(item, "a topic");
    const channels = listOf(topic["channels"], "channels").map((each) => entryOf(fieldsOf(each, "a channel")));
    return { ...entryOf(topic), channels };
  });
}

function fieldsOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MetadataError(`${what} is not a JSON object`);
  }
  return value as Record<string, unknown>;
}

function listOf(value: unknown, what: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new MetadataError(`${what} is not a list`);
  return value;
}

function entryOf(fields: Record<string, unknown>): ChannelMetadata {
  const { name = "", paused = false } = fields as { name?: unknown; paused?: unknown };
  if (typeof name !== "string") throw new MetadataError("a name is not a string");
  if (typeof paused !== "boolean") throw new MetadataError(`paused of ${name} is not a boolean`);
  return { name, paused };
}

/** nsqd.dat of a broker as it is now: compact JSON, `null` for no topics or channels. Ephemeral ones are left out. */
export function renderMetadata(admin: NsqdAdmin): Uint8Array {
  const topics = lasting(admin.topics()).map((topic) => {
    const channels = lasting(topic.channels()).map(({ name, paused }) => ({ name, paused }));
    return { name: topic.name, paused: topic.paused, channels: nullWhenEmpty(channels) };
  });
  return bytesOf(JSON.stringify({ topics: nullWhenEmpty(topics), version: admin.options.version }));
}

function lasting<T extends { readonly ephemeral: boolean }>(items: Iterable<T>): T[] {
  return [...items].filter((item) => !item.ephemeral);
}

function nullWhenEmpty<T>(items: T[]): T[] | null {
  return items.length === 0 ? null : items;
}

/**
 * Keeps nsqd.dat equal to the broker. Changes of one step, and those made while the file is being written, share one
 * write; whoever waits is told after a write that began later than the change.
 */
export class MetadataKeeper {
  private readonly host: Host;
  private readonly admin: NsqdAdmin;
  private waiting: ((error: HostError | null) => void)[] = [];
  private isDirty = false;
  private isWriting = false;
  private isScheduled = false;
  private savesAgain: boolean;
  private retry: Timer | null = null;

  /** @param savesAgain a save that failed is repeated until one works; else, as in the Go daemon, the next change saves */
  constructor(host: Host, admin: NsqdAdmin, savesAgain: boolean) {
    this.host = host;
    this.admin = admin;
    this.savesAgain = savesAgain;
  }

  /**
   * Creates what nsqd.dat lists, writes the file anew, and from then on follows changes.
   *
   * @param done null, or why nsqd cannot start, in nsqd's words
   */
  load(done: (failure: string | null) => void): void {
    this.host.files.read(METADATA_FILE, (content) => {
      const failure = this.create(content);
      if (failure !== null) return done(`failed to load metadata - ${failure}`);
      this.admin.onMetadataChange = () => this.changed();
      return this.save((error) => done(error === null ? null : `failed to persist metadata - ${error.message}`));
    });
  }

  /** Writes the file; `done` is called when it holds everything up to now. */
  save(done: (error: HostError | null) => void): void {
    this.waiting.push(done);
    this.changed();
  }

  /** From now on a save that fails is not repeated. */
  stop(): void {
    this.savesAgain = false;
    this.retry?.cancel();
  }

  private create(content: HostError | Uint8Array | null): string | null {
    if (content instanceof HostError) return content.message;
    let topics: TopicMetadata[];
    try {
      topics = parseMetadata(content);
    } catch (error) {
      if (error instanceof MetadataError) return `failed to parse metadata in ${METADATA_FILE} - ${error.message}`;
      throw error;
    }
    for (const { name, paused, channels } of topics) {
      if (!this.isUsable("topic", name)) continue;
      const topic = this.admin.createTopic(name, true);
      if (paused) topic.setPaused(true);
      for (const each of channels) {
        if (!this.isUsable("channel", each.name)) continue;
        const channel = topic.createChannel(each.name);
        if (each.paused) channel.setPaused(true);
      }
      topic.start();
    }
    return null;
  }

  private isUsable(kind: string, name: string): boolean {
    if (isValidName(name)) return true;
    this.host.log("warn", `skipping creation of invalid ${kind} ${name}`);
    return false;
  }

  private changed(): void {
    this.isDirty = true;
    if (this.isWriting || this.isScheduled) return;
    this.isScheduled = true;
    this.host.endOfStep(() => {
      this.isScheduled = false;
      this.write();
    });
  }

  private saveLater(): void {
    const { host } = this;
    this.retry = host.timer(host.now() + RETRY_AFTER, () => {
      this.retry = null;
      this.changed();
    });
  }

  private write(): void {
    const told = this.waiting;
    this.waiting = [];
    this.isDirty = false;
    this.isWriting = true;
    this.retry?.cancel();
    this.retry = null;
    this.host.files.replace(METADATA_FILE, renderMetadata(this.admin), (error) => {
      this.isWriting = false;
      if (error !== null) this.host.log("error", `failed to persist metadata - ${error.message}`);
      for (const done of told) done(error);
      if (this.isDirty && !this.isScheduled) this.changed();
      else if (error !== null && this.savesAgain) this.saveLater();
    });
  }
}
