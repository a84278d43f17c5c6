import { assert } from "../assert.ts";
import { ID_AT } from "../protocol/frame.ts";
import { parseHalf } from "../protocol/id.ts";
import { isEphemeral } from "../protocol/names.ts";
import { NOT_FOUND } from "../queue/idtable.ts";
import { type Handle, lifetimeOf, type Slab } from "../queue/slab.ts";
import { MILLISECOND, type Micros } from "../time.ts";
import type { ChannelAdmin } from "./admin.ts";
import { Backlog, type BacklogOwner } from "./backlog.ts";
import { DeferredSet } from "./deferred.ts";
import { Continuation } from "./continuation.ts";
import type { Environment } from "./environment.ts";
import { InFlightSet } from "./inflight.ts";
import { LatencyWindow } from "./latency/window.ts";
import { frameLength, isCopy } from "./message.ts";
import type { DeadlineWatch, Expiring } from "./policy/deadlines.ts";
import type { Nearness } from "./policy/nearest.ts";
import type { ClientPicker } from "./policy/picker.ts";
import type { ProbeKind } from "./probe.ts";
import type { Subscriber } from "./subscriber.ts";
import type { Topic } from "./topic.ts";

/** Messages delivered in one go; the rest of a giant backlog follows in a later step. */
const DELIVER_PER_STEP = 8192;

/** A message waits so long, again and again, for another of its id to leave: rare, so nobody is told when it does. */
const TWIN_WAIT: Micros = 100 * MILLISECOND;

/** Why FIN, REQ or TOUCH failed, in nsqd's words; null: it did not. */
export type AnswerFailure = "ID not in flight" | "client does not own message" | null;

/**
 * A channel: a queue of its own, the clients that share it, and what they have in flight or put off
 * (nsqd-semantics §1.4, §1.5, §2). Between two steps it never has both a message and a client that could take it,
 * unless it is paused or in the middle of a giant backlog.
 */
export class Channel implements ChannelAdmin, Expiring, BacklogOwner {
  readonly name: string;
  readonly ephemeral: boolean;
  readonly topic: Topic;
  paused = false;
  messages = 0;
  requeues = 0;
  timeouts = 0;
  /** Deliveries of messages that were in memory, by how near the client was. */
  readonly deliveries: Record<Nearness, number> = { zone: 0, region: 0, anywhere: 0 };
  readonly clients = new Map<number, Subscriber>();
  /** Null: not asked for. */
  readonly latencies: LatencyWindow | null;
  private readonly environment: Environment;
  private readonly slab: Slab;
  /** Messages with attempts so far. */
  private readonly backlog: Backlog;
  private readonly inFlight = new InFlightSet();
  private readonly deferred = new DeferredSet();
  private readonly picker: ClientPicker<Subscriber>;
  private readonly deadlines: DeadlineWatch;
  private readonly rest: Continuation;
  /**
   * Its disk queue was not empty when it was opened. After a crash that has forgotten what it handed over, and may have a
   * message twice that came back to it.
   */
  private readonly mayRepeat: boolean;
  private isGone = false;

  constructor(environment: Environment, topic: Topic, name: string) {
    this.environment = environment;
    this.rest = new Continuation(environment.host, (now) => {
      if (!this.isGone) this.deliver(now);
    });
    this.topic = topic;
    this.slab = topic.slab;
    this.name = name;
    this.ephemeral = isEphemeral(name);
    this.backlog = new Backlog(environment, topic.slab, this.ephemeral ? null : `${topic.name}:${name}`, this);
    const isMeasured = environment.options.e2eProcessingLatencyPercentiles.length > 0;
    this.mayRepeat = this.backlog.diskDepth !== 0;
    this.latencies = isMeasured ? new LatencyWindow(environment.host, environment.options) : null;
    this.picker = environment.policies.newPicker();
    this.deadlines = environment.policies.deadlines.watch(this);
  }

  get depth(): number {
    return this.backlog.depth;
  }

  get backendDepth(): number {
    return this.backlog.diskDepth;
  }

  get inFlightCount(): number {
    return this.inFlight.length;
  }

  get deferredCount(): number {
    return this.deferred.length;
  }

  /** How many more messages it takes now; a client that is ready counts for one. */
  room(): number {
    if (this.ephemeral) return Infinity;
    const { room } = this.backlog;
    return room > 0 ? room : this.handsOver() ? 1 : 0;
  }

  /** From the topic's pump: one more holder of the message is this channel. */
  accept(handle: Handle, delay: Micros, now: Micros): void {
    this.messages += 1;
    if (this.environment.probe !== null) this.probe("fan-out", handle, delay, "");
    if (delay > 0) return this.defer(handle, 0, delay, now);
    this.put(handle, 0);
    if (this.picker.size > 0) this.deliver(now);
    return undefined;
  }

  /** Gives queued messages to ready clients, then lets the topic use the room. */
  deliver(now: Micros): void {
    if (!this.paused) {
      let budget = DELIVER_PER_STEP;
      const { backlog } = this;
      while (this.picker.size > 0 && backlog.hasNext()) {
        if (budget === 0) return this.rest.later(now);
        budget -= 1;
        const handle = backlog.take();
        const client = this.picker.next();
        if (!backlog.takenFromDisk) this.deliveries[client.nearness] += 1;
        this.send(client, handle, (backlog.takenNumber + 1) & 0xffff, now);
      }
    }
    this.topic.useRoom(now);
    return undefined;
  }

  finish(client: Subscriber, high: number, low: number, now: Micros): AnswerFailure {
    const record = this.inFlight.find(high, low);
    if (record === NOT_FOUND) return "ID not in flight";
    if (this.inFlight.owner(record) !== client.number) return "client does not own message";
    const handle = this.inFlight.handle(record);
    if (this.environment.probe !== null) this.probe("finish", handle, this.inFlight.attempts(record), "");
    this.inFlight.remove(record);
    if (this.latencies !== null) this.latencies.finished(this.slab.page(handle), this.slab.offset(handle));
    this.slab.release(handle);
    client.finishes += 1;
    this.returned(client);
    this.deliver(now);
    return null;
  }

  requeue(client: Subscriber, high: number, low: number, delay: Micros, now: Micros): AnswerFailure {
    const record = this.inFlight.find(high, low);
    if (record === NOT_FOUND) return "ID not in flight";
    if (this.inFlight.owner(record) !== client.number) return "client does not own message";
    const handle = this.inFlight.handle(record);
    const attempts = this.inFlight.attempts(record);
    if (this.environment.probe !== null) this.probe("requeue", handle, delay, "");
    this.inFlight.remove(record);
    this.requeues += 1;
    client.requeues += 1;
    if (delay > 0) this.defer(handle, attempts, delay, now);
    else this.put(this.settled(handle, 0), attempts);
    this.returned(client);
    this.deliver(now);
    return null;
  }

  /** New deadline: `timeout` from now, but no later than max-msg-timeout after the delivery. */
  touch(client: Subscriber, high: number, low: number, timeout: Micros, now: Micros): AnswerFailure {
    const record = this.inFlight.find(high, low);
    if (record === NOT_FOUND) return "ID not in flight";
    if (this.inFlight.owner(record) !== client.number) return "client does not own message";
    const latest = this.inFlight.deliveredAt(record) + this.environment.options.maxMsgTimeout;
    const deadline = Math.min(now + timeout, latest);
    this.inFlight.setHandle(record, this.settled(this.inFlight.handle(record), 0));
    this.inFlight.touch(record, deadline);
    this.deadlines.added(deadline);
    return null;
  }

  nextDeadline(): Micros {
    return Math.min(this.inFlight.nextDeadline(), this.deferred.nextDue());
  }

  expire(now: Micros, limit: number): number {
    let count = 0;
    while (count < limit) {
      const record = this.inFlight.takeDue(now);
      if (record === NOT_FOUND) break;
      this.timeOut(record);
      count += 1;
    }
    while (count < limit) {
      const record = this.deferred.takeDue(now);
      if (record === NOT_FOUND) break;
      const handle = this.deferred.handle(record);
      const attempts = this.deferred.attempts(record);
      this.deferred.free(record);
      if (this.environment.probe !== null) this.probe("due", handle, attempts, "");
      this.put(this.settled(handle, 0), attempts);
      count += 1;
    }
    if (count > 0) this.deliver(now);
    return count;
  }

  addClient(client: Subscriber): void {
    assert(!this.isGone && !this.clients.has(client.number), "a client joins a living channel once");
    this.clients.set(client.number, client);
  }

  /** What the client had in flight waits for its own deadline (nsqd-semantics §2). */
  removeClient(client: Subscriber): void {
    if (!this.clients.delete(client.number)) return;
    if (client.isListed) this.picker.remove(client);
    client.isListed = false;
    if (this.ephemeral && this.clients.size === 0) this.topic.deleteChannel(this.name);
  }

  /** RDY, in flight or the socket's state of a client has changed: it may now be ready, or no longer. */
  readinessChanged(client: Subscriber): void {
    const isReady = client.hasRoom() && !client.output.blocked;
    if (isReady === client.isListed || !this.clients.has(client.number)) return;
    client.isListed = isReady;
    if (isReady) this.picker.add(client);
    else this.picker.remove(client);
  }

  empty(): void {
    this.dropAll("emptied");
    for (const client of this.clients.values()) {
      client.inFlight = 0;
      this.readinessChanged(client);
    }
    this.topic.useRoom(this.environment.host.now());
  }

  setPaused(paused: boolean): void {
    this.paused = paused;
    if (!this.ephemeral && !this.topic.ephemeral) this.environment.metadataChanged();
    if (paused) for (const client of this.clients.values()) client.output.nudge();
    else this.deliver(this.environment.host.now());
  }

  /** The end: disconnects its clients and drops its messages. Only the topic calls this, once. */
  close(): void {
    assert(!this.isGone, "a channel closes once");
    this.isGone = true;
    this.deadlines.cancel();
    for (const client of this.clients.values()) client.disconnect();
    this.dropAll("deleted");
    this.backlog.delete();
  }

  /** A clean exit: what is queued, in flight or put off goes to disk. `done` is called when it is there. */
  save(done: () => void): void {
    const { backlog, inFlight, deferred } = this;
    this.isGone = true;
    this.deadlines.cancel();
    if (!this.ephemeral) {
      inFlight.clear((record) => backlog.spill(inFlight.handle(record), inFlight.attempts(record)));
      deferred.clear((record) => backlog.spill(deferred.handle(record), deferred.attempts(record)));
    }
    backlog.close(true, done);
  }

  refilled(): void {
    if (!this.isGone) this.deliver(this.environment.host.now());
  }

  lost(handle: Handle, attempts: number, cause: string): void {
    this.drop(handle, attempts, cause);
  }

  /** Whether a message put now would go to a client at once. */
  private handsOver(): boolean {
    return !this.paused && this.picker.size > 0 && !this.backlog.hasNext();
  }

  /** Into memory, else to disk. What is ephemeral has no disk, but may pass on to a client (nsqd-semantics §1.4). */
  private put(handle: Handle, attempts: number): void {
    const { backlog } = this;
    if (backlog.memoryRoom > 0) backlog.push(handle, attempts);
    else if (!this.ephemeral) backlog.spill(handle, attempts);
    else if (this.handsOver()) backlog.push(handle, attempts);
    else this.drop(handle, attempts, "ephemeral");
  }

  private send(client: Subscriber, handle: Handle, attempts: number, now: Micros): void {
    const { environment, slab } = this;
    if (client.sampleRate > 0 && environment.host.random("nsqd-sample").integer(0, 99) > client.sampleRate) {
      return this.drop(handle, attempts - 1, "sampled");
    }
    const page = slab.page(handle);
    const offset = slab.offset(handle);
    const high = parseHalf(page, offset + ID_AT);
    const low = parseHalf(page, offset + ID_AT + 8);
    if (this.mayRepeat || this.topic.mayRepeat) {
      const twin = this.inFlight.find(high, low);
      if (twin !== NOT_FOUND) return this.meetTwin(client, handle, attempts, this.inFlight.handle(twin), now);
    }
    const deadline = now + client.deliveryTimeout;
    this.inFlight.add(high, low, handle, attempts, client.number, now, deadline);
    this.deadlines.added(deadline);
    client.inFlight += 1;
    client.messages += 1;
    client.output.message(page, offset, frameLength(page, offset), attempts);
    if (environment.probe !== null) this.probe("send", handle, attempts, "");
    if (!client.hasRoom() || client.output.blocked) this.readinessChanged(client);
    return undefined;
  }

  /**
   * Another message of the same id is in flight. A copy of it, which a crash has left behind, is dropped, where nsqd
   * would send it all the same and never know what became of it. Else ids repeat, for the clock was set back before
   * nsqd was started again.
   */
  private meetTwin(client: Subscriber, handle: Handle, attempts: number, twin: Handle, now: Micros): void {
    const { slab } = this;
    const page = slab.page(handle);
    const offset = slab.offset(handle);
    if (isCopy(page, offset, slab.page(twin), slab.offset(twin)))
      return this.drop(handle, attempts - 1, "copy of a message in flight");
    if (this.environment.policies.separatesTwins) return this.defer(handle, attempts - 1, TWIN_WAIT, now);
    client.inFlight += 1;
    client.messages += 1;
    client.output.message(page, offset, frameLength(page, offset), attempts);
    if (this.environment.probe !== null) this.probe("send", handle, attempts, "");
    slab.release(handle);
    if (!client.hasRoom() || client.output.blocked) this.readinessChanged(client);
    return undefined;
  }

  /** A client no longer has one of its messages. */
  private returned(client: Subscriber): void {
    assert(client.inFlight > 0, "a message returns from a client that has some");
    client.inFlight -= 1;
    if (!client.isListed) this.readinessChanged(client);
  }

  private timeOut(record: number): void {
    const handle = this.inFlight.handle(record);
    const attempts = this.inFlight.attempts(record);
    const owner = this.clients.get(this.inFlight.owner(record));
    this.inFlight.free(record);
    this.timeouts += 1;
    if (this.environment.probe !== null) this.probe("timeout", handle, attempts, "");
    this.put(this.settled(handle, 0), attempts);
    if (owner !== undefined) this.returned(owner);
  }

  private defer(handle: Handle, attempts: number, delay: Micros, now: Micros): void {
    if (this.environment.probe !== null) this.probe("defer", handle, delay, "");
    this.deferred.add(this.settled(handle, delay), attempts, now + delay);
    this.deadlines.added(now + delay);
  }

  /** The message's place, now that it stays for about `wait`: see the rules of the slab. */
  private settled(handle: Handle, wait: Micros): Handle {
    const lifetime = lifetimeOf(wait);
    const { slab } = this;
    if (!slab.shouldMove(handle, lifetime)) return handle;
    return slab.move(handle, frameLength(slab.page(handle), slab.offset(handle)), lifetime);
  }

  private dropAll(cause: string): void {
    this.backlog.empty((handle, attempts) => this.drop(handle, attempts, cause));
    const { inFlight, deferred } = this;
    inFlight.clear((record) => this.drop(inFlight.handle(record), inFlight.attempts(record), cause));
    deferred.clear((record) => this.drop(deferred.handle(record), deferred.attempts(record), cause));
  }

  private drop(handle: Handle, attempts: number, cause: string): void {
    if (this.environment.probe !== null) this.probe("drop", handle, attempts, cause);
    this.slab.release(handle);
  }

  private probe(kind: ProbeKind, handle: Handle, value: number, text: string): void {
    this.topic.probe(kind, this.name, handle, value, text);
  }
}
