import type { Micros } from "../../../core/time.ts";

/** Limits that matter to a channel. */
export interface ReferenceLimits {
  readonly maxMsgTimeout: Micros;
  readonly maxReqTimeout: Micros;
  readonly memQueueSize: number;
}

interface Waiting {
  readonly message: number;
  readonly attempts: number;
  /** Messages that came back at one instant have no order among them: one number for all of them. */
  readonly batch: number;
}

interface InFlight {
  readonly message: number;
  readonly attempts: number;
  readonly client: number;
  readonly deliveredAt: Micros;
  deadline: Micros;
}

interface Deferred {
  readonly message: number;
  readonly attempts: number;
  readonly due: Micros;
}

export interface ReferenceClient {
  readonly number: number;
  readonly msgTimeout: Micros;
  readonly sampleRate: number;
  rdy: number;
  inFlight: number;
  messages: number;
  finishes: number;
  requeues: number;
}

/**
 * A channel as nsqd-semantics §1 to §7 describes it, written to be obviously right: arrays, searched from one end to the
 * other. It does not choose: what the real channel delivers or drops is told to it, and it says whether that was allowed.
 */
export class ReferenceChannel {
  readonly name: string;
  readonly ephemeral: boolean;
  readonly limits: ReferenceLimits;
  queue: Waiting[] = [];
  inFlight: InFlight[] = [];
  deferred: Deferred[] = [];
  clients: ReferenceClient[] = [];
  paused = false;
  messages = 0;
  requeues = 0;
  timeouts = 0;
  private batches = 0;

  constructor(name: string, limits: ReferenceLimits) {
    this.name = name;
    this.ephemeral = name.endsWith("#ephemeral");
    this.limits = limits;
  }

  /** The topic hands a message over. */
  accept(message: number, delay: Micros, now: Micros): void {
    this.messages += 1;
    if (delay > 0) this.deferred.push({ message, attempts: 0, due: now + delay });
    else this.put(message, 0, this.nextBatch());
  }

  /** The real channel sent a message. Returns what is wrong with that, or null. */
  delivered(client: number, message: number, attempts: number, now: Micros): string | null {
    const to = this.clients.find((one) => one.number === client);
    if (to === undefined) return `message ${message} went to a client that is not there`;
    if (this.paused) return `message ${message} was delivered on a paused channel`;
    if (to.inFlight >= to.rdy)
      return `message ${message} went to a client with ${to.inFlight} in flight and RDY ${to.rdy}`;
    const first = this.queue[0];
    if (first === undefined) return `message ${message} was delivered, but the queue is empty`;
    const index = this.queue.findIndex((one) => one.message === message && one.batch === first.batch);
    if (index < 0) return `message ${message} was delivered before message ${first.message}`;
    const expected = (this.queue[index]!.attempts + 1) & 0xffff;
    if (attempts !== expected) return `message ${message} says attempt ${attempts}, not ${expected}`;
    this.queue.splice(index, 1);
    this.inFlight.push({ message, attempts, client, deliveredAt: now, deadline: now + to.msgTimeout });
    to.inFlight += 1;
    to.messages += 1;
    return null;
  }

  /** The real channel threw a message away for a client that takes a sample (protocol §10). As {@link delivered}. */
  sampled(message: number): string | null {
    const first = this.queue[0];
    const index = this.queue.findIndex((one) => one.message === message && one.batch === first?.batch);
    if (index < 0) return `message ${message} was sampled away, but was not next`;
    const sampler = this.clients.some((one) => one.sampleRate > 0 && one.inFlight < one.rdy);
    if (!sampler || this.paused) return `message ${message} was sampled away, but no client takes a sample`;
    this.queue.splice(index, 1);
    return null;
  }

  /** The real channel threw a new message away because it was full. As {@link delivered}. */
  overflowed(message: number): string | null {
    const index = this.queue.findLastIndex((one) => one.message === message);
    if (index < 0) return `message ${message} was dropped, but was not there`;
    if (!this.ephemeral) return `message ${message} was dropped from a lasting channel`;
    if (this.queue.length <= this.limits.memQueueSize) return `message ${message} was dropped, but there was room`;
    this.queue.splice(index, 1);
    return null;
  }

  /** What a channel between two steps must not have: a message, and somebody who would take it. */
  idle(): string | null {
    if (this.paused || this.queue.length === 0) return null;
    const ready = this.clients.find((one) => one.inFlight < one.rdy);
    if (ready === undefined) return null;
    return `client ${ready.number} is ready, and message ${this.queue[0]!.message} waits`;
  }

  finish(client: number, message: number): string | null {
    const failure = this.ownership(client, message);
    if (failure !== null) return failure;
    this.inFlight = this.inFlight.filter((one) => one.message !== message);
    const owner = this.client(client);
    owner.inFlight -= 1;
    owner.finishes += 1;
    return null;
  }

  requeue(client: number, message: number, delay: Micros, now: Micros): string | null {
    const failure = this.ownership(client, message);
    if (failure !== null) return failure;
    const { attempts } = this.inFlight.find((one) => one.message === message)!;
    this.inFlight = this.inFlight.filter((one) => one.message !== message);
    const owner = this.client(client);
    owner.inFlight -= 1;
    owner.requeues += 1;
    this.requeues += 1;
    const clamped = Math.min(delay, this.limits.maxReqTimeout);
    if (clamped > 0) this.deferred.push({ message, attempts, due: now + clamped });
    else this.put(message, attempts, this.nextBatch());
    return null;
  }

  touch(client: number, message: number, now: Micros): string | null {
    const failure = this.ownership(client, message);
    if (failure !== null) return failure;
    const flight = this.inFlight.find((one) => one.message === message)!;
    const ceiling = flight.deliveredAt + this.limits.maxMsgTimeout;
    flight.deadline = Math.min(now + this.client(client).msgTimeout, ceiling);
    return null;
  }

  /** Earliest instant at which something happens by itself. */
  nextInstant(): Micros {
    let earliest = Infinity;
    for (const { deadline } of this.inFlight) earliest = Math.min(earliest, deadline);
    for (const { due } of this.deferred) earliest = Math.min(earliest, due);
    return earliest;
  }

  /** Takes back what is overdue, then what is due. */
  expire(now: Micros): void {
    const late = this.inFlight.filter((one) => one.deadline <= now);
    this.inFlight = this.inFlight.filter((one) => one.deadline > now);
    const lateBatch = this.nextBatch();
    for (const { message, attempts, client } of late) {
      this.timeouts += 1;
      // Only an owner that is still connected gets its place back.
      const owner = this.clients.find((one) => one.number === client);
      if (owner !== undefined) owner.inFlight -= 1;
      this.put(message, attempts, lateBatch);
    }
    const due = this.deferred.filter((one) => one.due <= now);
    this.deferred = this.deferred.filter((one) => one.due > now);
    const dueBatch = this.nextBatch();
    for (const { message, attempts } of due) this.put(message, attempts, dueBatch);
  }

  empty(): void {
    this.queue = [];
    this.inFlight = [];
    this.deferred = [];
    for (const client of this.clients) client.inFlight = 0;
  }

  private ownership(client: number, message: number): string | null {
    const flight = this.inFlight.find((one) => one.message === message);
    if (flight === undefined) return "ID not in flight";
    return flight.client === client ? null : "client does not own message";
  }

  private client(number: number): ReferenceClient {
    return this.clients.find((one) => one.number === number)!;
  }

  private put(message: number, attempts: number, batch: number): void {
    this.queue.push({ message, attempts, batch });
  }

  private nextBatch(): number {
    this.batches += 1;
    return this.batches;
  }
}
