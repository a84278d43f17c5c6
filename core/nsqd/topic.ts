import { assert } from "../assert.ts";
import { ID_AT, MESSAGE_HEADER } from "../protocol/frame.ts";
import { parseHalf } from "../protocol/id.ts";
import { isEphemeral } from "../protocol/names.ts";
import { PairRing } from "../queue/ring.ts";
import { type Handle, lifetimeOf, Slab } from "../queue/slab.ts";
import { MILLISECOND, type Micros } from "../time.ts";
import type { TopicAdmin } from "./admin.ts";
import { type BackendQueue, NoBackend } from "./backend.ts";
import { Channel } from "./channel.ts";
import type { Environment } from "./environment.ts";
import { IdGenerator } from "./guid.ts";
import { beginMessage, frameLength, sealMessage } from "./message.ts";
import type { ProbeKind } from "./probe.ts";

/** Messages pumped in one go; the rest of a giant backlog follows in a later step. */
const PUMP_PER_STEP = 8192;

/**
 * A topic: a queue, and a pump that moves each message to every channel (nsqd-semantics §1). Messages lie once in the
 * topic's slab, however many channels hold them.
 */
export class Topic implements TopicAdmin {
  readonly name: string;
  readonly ephemeral: boolean;
  readonly slab: Slab;
  readonly backend: BackendQueue;
  paused = false;
  messages = 0;
  /** Of bodies. */
  bytes = 0;
  isGone = false;
  private readonly environment: Environment;
  private readonly ids: IdGenerator;
  /** Called when an ephemeral topic has lost its last channel. */
  private readonly abandoned: (topic: Topic) => void;
  /** Handles with delays in milliseconds. */
  private readonly queue = new PairRing();
  private readonly byName = new Map<string, Channel>();
  /** The channels of {@link byName}, to walk them quickly. */
  private list: readonly Channel[] = [];
  private readonly continue = (): void => this.resume();
  private isPumping = false;
  private isContinuing = false;

  constructor(environment: Environment, name: string, abandoned: (topic: Topic) => void) {
    this.environment = environment;
    this.name = name;
    this.ephemeral = isEphemeral(name);
    this.abandoned = abandoned;
    this.slab = new Slab(environment.pages);
    this.ids = new IdGenerator(environment.options.nodeId);
    this.backend = new NoBackend(environment.options.memQueueSize);
  }

  get depth(): number {
    return this.queue.length + this.backend.depth;
  }

  channels(): Iterable<Channel> {
    return this.list;
  }

  channel(name: string): Channel | undefined {
    return this.byName.get(name);
  }

  createChannel(name: string): Channel {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const channel = new Channel(this.environment, this, name);
    this.byName.set(name, channel);
    this.list = [...this.byName.values()];
    this.environment.host.log("info", `TOPIC(${this.name}): new channel(${name})`);
    if (!channel.ephemeral && !this.ephemeral) this.environment.metadataChanged();
    this.pump(this.environment.host.now());
    return channel;
  }

  deleteChannel(name: string): boolean {
    const channel = this.byName.get(name);
    if (channel === undefined) return false;
    this.byName.delete(name);
    this.list = [...this.byName.values()];
    this.environment.host.log("info", `TOPIC(${this.name}): deleting channel ${name}`);
    channel.close();
    if (!channel.ephemeral && !this.ephemeral) this.environment.metadataChanged();
    if (this.ephemeral && this.list.length === 0) this.abandoned(this);
    else this.useRoom(this.environment.host.now());
    return true;
  }

  publish(bodies: readonly Uint8Array[], delayMs: number): string | null {
    const refusal = this.refusal(bodies.length, delayMs);
    if (refusal !== null) return refusal;
    const { environment } = this;
    environment.time.set(environment.host.wallNow());
    const now = environment.host.now();
    for (const body of bodies) {
      const handle = beginMessage(this.slab, body.length, lifetimeOf(delayMs * MILLISECOND));
      this.slab.page(handle).set(body, this.slab.offset(handle) + MESSAGE_HEADER);
      this.seal(handle);
      this.put(handle, delayMs, now);
    }
    return null;
  }

  /** Why `count` more messages with that delay cannot be accepted, all of them; null: they can. */
  refusal(count: number, delayMs: number): string | null {
    if (this.isGone) return "exiting";
    if (this.ephemeral) return null;
    const left = this.environment.options.memQueueSize - this.queue.length;
    if (count <= left) return null;
    if (this.isPumpable() && this.queue.length === 0) {
      // They will not stay here: the pump passes each on before the next.
      if (delayMs > 0) return null;
      let room = Infinity;
      for (const channel of this.list) room = Math.min(room, channel.room());
      if (count <= left + room) return null;
    }
    return this.backend.refusal(count);
  }

  /** Gives a message its id and its time, which is that of {@link Environment.time}. */
  seal(handle: Handle): void {
    this.ids.next(this.environment.time.unit);
    sealMessage(this.slab, handle, this.environment.time, this.ids);
  }

  /** Takes a sealed message in. Only after {@link refusal} allowed it. */
  put(handle: Handle, delayMs: number, now: Micros): void {
    this.messages += 1;
    this.bytes += frameLength(this.slab.page(handle), this.slab.offset(handle)) - MESSAGE_HEADER;
    if (this.environment.probe !== null) this.probe("accept", "", handle, delayMs * MILLISECOND, "");
    const isFull = this.queue.length >= this.environment.options.memQueueSize;
    if (this.ephemeral && isFull && !this.passesOn(delayMs)) {
      if (this.environment.probe !== null) this.probe("drop", "", handle, 0, "ephemeral");
      this.slab.release(handle);
      return;
    }
    this.queue.push(handle, delayMs);
    this.pump(now);
  }

  /** A channel may have room again. */
  useRoom(now: Micros): void {
    if (this.queue.length > 0) this.pump(now);
  }

  empty(): void {
    this.dropAll("emptied");
  }

  setPaused(paused: boolean): void {
    this.paused = paused;
    if (!this.ephemeral) this.environment.metadataChanged();
    if (!paused) this.pump(this.environment.host.now());
  }

  /** The end of the topic and its channels. Only the broker calls this, once. */
  close(): void {
    assert(!this.isGone, "a topic closes once");
    this.isGone = true;
    const channels = this.list;
    this.list = [];
    this.byName.clear();
    for (const channel of channels) channel.close();
    this.dropAll("deleted");
  }

  probe(kind: ProbeKind, channel: string, handle: Handle, value: number, text: string): void {
    const { probe } = this.environment;
    if (probe === null) return;
    const page = this.slab.page(handle);
    const at = this.slab.offset(handle);
    probe.event(
      kind,
      this.name,
      channel,
      page,
      at + MESSAGE_HEADER,
      at + frameLength(page, at),
      value,
      text,
      parseHalf(page, at + ID_AT),
      parseHalf(page, at + ID_AT + 8),
    );
  }

  /** Whether a message put now would go to the channels at once. */
  private passesOn(delayMs: number): boolean {
    return this.isPumpable() && this.queue.length === 0 && (delayMs > 0 || this.haveChannelsRoom());
  }

  private isPumpable(): boolean {
    return !this.paused && this.list.length > 0;
  }

  /**
   * Moves messages to the channels while all of them have room. Nothing is lost when one has none: its memory queue is
   * full, there is no disk, so the topic keeps what it has, and refuses more when it is full itself.
   */
  private pump(now: Micros): void {
    if (this.isPumping) return;
    this.isPumping = true;
    let budget = PUMP_PER_STEP;
    while (this.queue.length > 0 && this.isPumpable()) {
      const delayMs = this.queue.peekSecond();
      if (delayMs === 0 && !this.haveChannelsRoom()) break;
      if (budget === 0) {
        this.continueLater(now);
        break;
      }
      budget -= 1;
      const handle = this.queue.peekFirst();
      this.queue.shift();
      const { list } = this;
      if (list.length > 1) this.slab.retain(handle, list.length - 1);
      for (let index = 0; index < list.length; index += 1) list[index]!.accept(handle, delayMs * MILLISECOND, now);
    }
    this.isPumping = false;
  }

  private haveChannelsRoom(): boolean {
    const { list } = this;
    for (let index = 0; index < list.length; index += 1) if (list[index]!.room() === 0) return false;
    return true;
  }

  private continueLater(now: Micros): void {
    if (this.isContinuing) return;
    this.isContinuing = true;
    this.environment.host.timer(now, this.continue);
  }

  private resume(): void {
    this.isContinuing = false;
    if (!this.isGone) this.pump(this.environment.host.now());
  }

  private dropAll(cause: string): void {
    while (this.queue.length > 0) {
      const handle = this.queue.peekFirst();
      this.queue.shift();
      if (this.environment.probe !== null) this.probe("drop", "", handle, 0, cause);
      this.slab.release(handle);
    }
  }
}
