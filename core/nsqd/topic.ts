import { assert } from "../assert.ts";
import { ID_AT, MESSAGE_HEADER } from "../protocol/frame.ts";
import { parseHalf } from "../protocol/id.ts";
import { isEphemeral } from "../protocol/names.ts";
import { type Handle, lifetimeOf, Slab } from "../queue/slab.ts";
import { MILLISECOND, type Micros } from "../time.ts";
import type { TopicAdmin } from "./admin.ts";
import { Backlog, type BacklogOwner } from "./backlog.ts";
import { Channel } from "./channel.ts";
import { Continuation } from "./continuation.ts";
import type { Environment } from "./environment.ts";
import { IdGenerator } from "./guid.ts";
import { IdWait } from "./idwait.ts";
import { beginMessage, frameLength, sealMessage } from "./message.ts";
import type { ProbeKind } from "./probe.ts";

/** Messages pumped in one go; the rest of a giant backlog follows in a later step. */
const PUMP_PER_STEP = 8192;

/**
 * A topic: a queue, and a pump that moves each message to every channel (nsqd-semantics §1). Messages lie once in the
 * topic's slab, however many channels hold them.
 */
export class Topic implements TopicAdmin, BacklogOwner {
  readonly name: string;
  readonly ephemeral: boolean;
  readonly slab: Slab;
  /**
   * Its disk queue was not empty when it was opened. If that was after a crash it has forgotten what it handed over, and
   * the channels may have that on their disks as well.
   */
  readonly mayRepeat: boolean;
  paused = false;
  messages = 0;
  /** Of bodies. */
  bytes = 0;
  isGone = false;
  private readonly environment: Environment;
  /** Whether there are ids for more messages. Asked before {@link seal}. */
  readonly idWait: IdWait;
  private readonly ids: IdGenerator;
  /** Called when an ephemeral topic has lost its last channel. */
  private readonly abandoned: (topic: Topic) => void;
  /** Messages with delays in milliseconds. */
  private readonly backlog: Backlog;
  private readonly byName = new Map<string, Channel>();
  /** The channels of {@link byName}, to walk them quickly. */
  private list: readonly Channel[] = [];
  private readonly rest: Continuation;
  private isStarted = false;
  /** Who waits for the start. */
  private waiting: (() => void)[] = [];
  private isPumping = false;

  constructor(environment: Environment, name: string, abandoned: (topic: Topic) => void) {
    this.environment = environment;
    this.rest = new Continuation(environment.host, (now) => {
      if (!this.isGone) this.pump(now);
    });
    this.name = name;
    this.ephemeral = isEphemeral(name);
    this.abandoned = abandoned;
    this.slab = new Slab(environment.pages);
    this.ids = new IdGenerator(environment.options.nodeId);
    this.idWait = new IdWait(environment, this.ids);
    this.backlog = new Backlog(environment, this.slab, this.ephemeral ? null : name, this);
    this.mayRepeat = this.backlog.diskDepth !== 0;
  }

  get depth(): number {
    return this.backlog.depth;
  }

  get backendDepth(): number {
    return this.backlog.diskDepth;
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
    this.environment.registrationChanged(this.name, name);
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
    this.environment.registrationChanged(this.name, name);
    if (this.ephemeral && this.list.length === 0) this.abandoned(this);
    else this.useRoom(this.environment.host.now());
    return true;
  }

  start(): void {
    this.isStarted = true;
    this.pump(this.environment.host.now());
    this.tellStarted();
  }

  whenStarted(then: () => void): void {
    if (this.isStarted || this.isGone) then();
    else this.waiting.push(then);
  }

  publish(bodies: readonly Uint8Array[], delayMs: number): string | null {
    const { environment, slab } = this;
    environment.time.set(environment.host.wallNow());
    const now = environment.host.now();
    const handles = bodies.map((body) => {
      const handle = beginMessage(slab, body.length, lifetimeOf(delayMs * MILLISECOND));
      slab.page(handle).set(body, slab.offset(handle) + MESSAGE_HEADER);
      this.seal(handle);
      return handle;
    });
    const refusal = handles.length === 1 ? this.put(handles[0]!, delayMs, now) : this.putAll(handles, now);
    if (refusal !== null) for (const handle of handles) slab.release(handle);
    return refusal;
  }

  /** Gives a message its id and its time, which is that of {@link Environment.time}. */
  seal(handle: Handle): void {
    this.ids.next(this.environment.time.unit);
    sealMessage(this.slab, handle, this.environment.time, this.ids);
  }

  /** Takes a sealed message in, or says why it cannot; then the caller keeps it. */
  put(handle: Handle, delayMs: number, now: Micros): string | null {
    if (this.isGone) return "exiting";
    const { backlog } = this;
    const isHeld = delayMs > 0 && this.environment.policies.holdsDelayed;
    if (isHeld || backlog.memoryRoom > 0 || this.passesOn() > 0) {
      this.accepted(handle, delayMs);
      backlog.push(handle, delayMs);
      this.pump(now);
      return null;
    }
    if (this.ephemeral) return this.discard(handle, delayMs);
    const failure = backlog.store([handle], 0);
    if (failure !== null) return failure;
    // The disk does not keep a delay: the message will be delivered at once (nsqd-semantics §6).
    this.accepted(handle, delayMs);
    this.slab.release(handle);
    this.pump(now);
    return null;
  }

  /** The same for many. When some are refused the caller keeps them all, though some may have been stored. */
  putAll(handles: readonly Handle[], now: Micros): string | null {
    if (this.isGone) return "exiting";
    const { backlog } = this;
    const room = this.ephemeral ? Infinity : Math.max(backlog.memoryRoom, this.passesOn());
    const failure = handles.length > room ? backlog.store(handles, room) : null;
    if (failure !== null) return failure;
    for (let index = 0; index < handles.length; index += 1) {
      const handle = handles[index]!;
      if (index >= room) {
        this.accepted(handle, 0);
        this.slab.release(handle);
      } else if (this.ephemeral && backlog.memoryRoom === 0 && this.passesOn() === 0) {
        this.discard(handle, 0);
      } else {
        this.accepted(handle, 0);
        backlog.push(handle, 0);
        this.pump(now);
      }
    }
    this.pump(now);
    return null;
  }

  refilled(): void {
    if (!this.isGone) this.pump(this.environment.host.now());
  }

  lost(handle: Handle, attempts: number, cause: string): void {
    this.probe("drop", "", handle, attempts, cause);
    this.slab.release(handle);
  }

  /** A channel may have room again. */
  useRoom(now: Micros): void {
    if (this.backlog.hasNext()) this.pump(now);
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
    this.idWait.end();
    const channels = this.list;
    this.list = [];
    this.byName.clear();
    for (const channel of channels) channel.close();
    this.dropAll("deleted");
    this.backlog.delete();
    this.tellStarted();
  }

  /** A clean exit: channels and topic put what they have on disk. `done` is called when everything is there. */
  save(done: () => void): void {
    this.isGone = true;
    let left = this.list.length + 1;
    const saved = (): void => {
      left -= 1;
      if (left === 0) done();
    };
    for (const channel of this.list) channel.save(saved);
    this.backlog.close(false, saved);
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

  private tellStarted(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const then of waiting) then();
  }

  private accepted(handle: Handle, delayMs: number): void {
    this.messages += 1;
    this.bytes += frameLength(this.slab.page(handle), this.slab.offset(handle)) - MESSAGE_HEADER;
    if (this.environment.probe !== null) this.probe("accept", "", handle, delayMs * MILLISECOND, "");
  }

  /** What does not fit into the memory of an ephemeral topic is dropped, and counts as accepted. */
  private discard(handle: Handle, delayMs: number): null {
    this.accepted(handle, delayMs);
    if (this.environment.probe !== null) this.probe("drop", "", handle, 0, "ephemeral");
    this.slab.release(handle);
    return null;
  }

  /** How many messages put now would go to the channels at once. */
  private passesOn(): number {
    if (!this.isPumpable() || this.backlog.hasNext()) return 0;
    const { list } = this;
    let room = Infinity;
    for (let index = 0; index < list.length; index += 1) room = Math.min(room, list[index]!.room());
    return room;
  }

  private isPumpable(): boolean {
    return this.isStarted && !this.paused && this.list.length > 0;
  }

  /** Moves messages to the channels while all of them have room: only a channel whose disk fails has none. */
  private pump(now: Micros): void {
    if (this.isPumping) return;
    this.isPumping = true;
    const { backlog } = this;
    let budget = PUMP_PER_STEP;
    while (this.isPumpable() && backlog.hasNext() && this.haveChannelsRoom()) {
      if (budget === 0) {
        this.rest.later(now);
        break;
      }
      budget -= 1;
      const handle = backlog.take();
      const delay = backlog.takenFromDisk ? 0 : backlog.takenNumber * MILLISECOND;
      const { list } = this;
      if (list.length > 1) this.slab.retain(handle, list.length - 1);
      for (let index = 0; index < list.length; index += 1) list[index]!.accept(handle, delay, now);
    }
    this.isPumping = false;
  }

  private haveChannelsRoom(): boolean {
    const { list } = this;
    for (let index = 0; index < list.length; index += 1) if (list[index]!.room() === 0) return false;
    return true;
  }

  private dropAll(cause: string): void {
    this.backlog.empty((handle) => {
      if (this.environment.probe !== null) this.probe("drop", "", handle, 0, cause);
      this.slab.release(handle);
    });
  }
}
