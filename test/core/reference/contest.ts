import { Broker } from "../../../core/nsqd/broker.ts";
import { DEFAULT_OPTIONS, type NsqdOptions } from "../../../core/nsqd/options.ts";
import type { Gauges } from "../../../core/nsqd/stats.ts";
import { MILLISECOND, msToMicros, SECOND, type Micros } from "../../../core/time.ts";
import { type FakeClient, FakeHost, identify, mpub, pub, sized } from "../nsqd/fake-host.ts";
import { ReferenceChannel, type ReferenceLimits } from "./channel.ts";
import type { Operation } from "./operations.ts";

/** What channels there are, and how much fits into them. */
export interface Setting {
  readonly channels: readonly string[];
  readonly memQueueSize: number;
  /** Sample rates that clients may ask for. */
  readonly sampleRates: readonly number[];
}

const LIMITS = { maxMsgTimeout: 2_500 * MILLISECOND, maxReqTimeout: 2 * SECOND };
const TIMEOUTS_MS = [1_000, 1_500, 2_500, 1_200];
const MOST_CLIENTS = 6;
/** Enough waits to be worth it; more would only cost. */
const MOST_MESSAGES = 60;
/** Clients say something that often, so that nsqd does not give them up. */
const SIGN_OF_LIFE: Micros = 20 * SECOND;

interface Consumer {
  readonly number: number;
  readonly stream: FakeClient;
  readonly channel: ReferenceChannel;
  /** Messages it got and may still believe to have. */
  readonly seen: { readonly message: number; readonly id: string }[];
  writes: number;
  closing: boolean;
}

interface Happening {
  readonly channel: ReferenceChannel;
  /** -1: sampled away. */
  readonly client: number;
  readonly message: number;
  readonly attempts: number;
}

/** The broker's topic and the reference beside it; every operation is done to both, and what both show is compared. */
export class Contest {
  private readonly setting: Setting;
  private readonly limits: ReferenceLimits;
  private readonly host = new FakeHost();
  private readonly broker: Broker;
  private readonly producer: FakeClient;
  private readonly channels = new Map<string, ReferenceChannel>();
  private readonly ids = new Map<number, string>();
  private consumers: Consumer[] = [];
  private backlog: { readonly message: number; readonly delay: Micros }[] = [];
  private topicPaused = false;
  private published = 0;
  private connected = 0;
  private operations = 0;
  private lastSign: Micros = 0;
  /** What nsqd did and the reference was not told of yet: deliveries, and messages that were sampled away. */
  private pending: Happening[] = [];
  private readonly drops: { readonly channel: string; readonly message: number; readonly cause: string }[] = [];

  constructor(setting: Setting) {
    this.setting = setting;
    this.limits = { ...LIMITS, memQueueSize: setting.memQueueSize };
    const options: NsqdOptions = { ...DEFAULT_OPTIONS, nodeId: 1, ...LIMITS, memQueueSize: setting.memQueueSize };
    this.broker = new Broker(this.host, options, {
      event: (kind, _topic, channel, bytes, start, end, _value, cause) => {
        if (kind !== "drop" || cause === "emptied" || cause === "deleted") return;
        this.drops.push({ channel, message: numberIn(bytes.subarray(start, end)), cause });
      },
    });
    this.producer = this.host.client((stream) => this.broker.accept(stream));
    this.producer.send("  V2");
  }

  /** Does one operation to both. Returns the first difference, or null. */
  step(operation: Operation): string | null {
    this.operations += 1;
    return this.apply(operation) ?? this.settle() ?? this.compare();
  }

  private apply(operation: Operation): string | null {
    const { host, broker } = this;
    switch (operation.do) {
      case "publish":
        return this.publish(operation.count, operation.delayMs);
      case "wait":
        return this.wait(operation.ms * MILLISECOND);
      case "connect":
        return this.connect(this.setting.channels[operation.channel % this.setting.channels.length]!, operation.kind);
      case "rdy":
        return this.with(operation.client, (consumer) => {
          if (consumer.closing) return null;
          consumer.stream.send(`RDY ${operation.count}\n`);
          this.half(consumer).rdy = operation.count;
          return null;
        });
      case "finish":
        return this.answer(operation, "FIN", 0);
      case "touch":
        return this.answer(operation, "TOUCH", 0);
      case "requeue":
        return this.answer(operation, "REQ", operation.delayMs);
      case "meddle":
        return this.meddle(operation.client, operation.pick, operation.verb);
      case "close":
        return this.with(operation.client, (consumer) => this.close(consumer));
      case "leave":
        return this.with(operation.client, (consumer) => {
          if (consumer.closing) return null;
          consumer.stream.send("CLS\n");
          consumer.closing = true;
          this.half(consumer).rdy = 0;
          return null;
        });
      case "pause":
      case "unpause":
        return this.onChannel(operation.channel, (channel) => {
          host.step(() =>
            broker
              .topic("t")!
              .channel(channel.name)!
              .setPaused(operation.do === "pause"),
          );
          channel.paused = operation.do === "pause";
        });
      case "empty":
        return this.onChannel(operation.channel, (channel) => {
          host.step(() => broker.topic("t")!.channel(channel.name)!.empty());
          channel.empty();
        });
      case "pause-topic":
      case "unpause-topic":
        if (broker.topic("t") === undefined) return null;
        this.topicPaused = operation.do === "pause-topic";
        host.step(() => broker.topic("t")!.setPaused(this.topicPaused));
        this.pump();
        return null;
      case "empty-topic":
        if (broker.topic("t") === undefined) return null;
        host.step(() => broker.topic("t")!.empty());
        this.backlog = [];
        return null;
      default:
        throw new Error(`unknown operation ${JSON.stringify(operation)}`);
    }
  }

  private publish(count: number, delayMs: number): string | null {
    if (this.waiting() + count > MOST_MESSAGES) return null;
    // What happens to a topic that overflows is not the channel's business.
    if (this.backlog.length + count > this.setting.memQueueSize) return null;
    if (this.setting.memQueueSize < MOST_MESSAGES && (this.channels.size === 0 || this.topicPaused)) return null;
    const bodies: string[] = [];
    for (let index = 0; index < count; index += 1) {
      this.published += 1;
      bodies.push(`${this.published} ${"x".repeat(this.published % 7)}`);
      this.backlog.push({ message: this.published, delay: msToMicros(delayMs) });
    }
    if (delayMs > 0) for (const body of bodies) this.producer.send(`DPUB t ${delayMs}\n${sized(body)}`);
    else if (bodies.length === 1) this.producer.send(pub("t", bodies[0]!));
    else this.producer.send(mpub("t", bodies));
    this.pump();
    const refused = this.producer.texts().find((text) => text !== "OK" && text !== "_heartbeat_");
    return refused === undefined ? null : `the publish was answered ${refused}`;
  }

  /** The reference's topic: hands everything to every channel while it may (nsqd-semantics §1.2). */
  private pump(): void {
    if (this.topicPaused || this.channels.size === 0) return;
    for (const { message, delay } of this.backlog) {
      for (const channel of this.channels.values()) channel.accept(message, delay, this.host.now());
    }
    this.backlog = [];
  }

  /** Time passes from one instant at which something happens to the next, so that each is seen by itself. */
  private wait(span: Micros): string | null {
    const end = this.host.now() + span;
    for (;;) {
      let next = end;
      for (const channel of this.channels.values()) next = Math.min(next, channel.nextInstant());
      this.host.advance(next - this.host.now());
      for (const channel of this.channels.values()) channel.expire(next);
      const difference = this.settle();
      if (difference !== null) return difference;
      if (next - this.lastSign >= SIGN_OF_LIFE) this.signOfLife(next);
      if (next === end) return null;
    }
  }

  private signOfLife(now: Micros): void {
    this.lastSign = now;
    this.producer.send("NOP\n");
    for (const { stream } of this.consumers) stream.send("NOP\n");
  }

  private connect(name: string, kind: number): string | null {
    if (this.consumers.length >= MOST_CLIENTS) return null;
    const stream = this.host.client((accepted) => this.broker.accept(accepted));
    const msgTimeout = TIMEOUTS_MS[kind % TIMEOUTS_MS.length]!;
    const sampleRate = this.setting.sampleRates[kind % this.setting.sampleRates.length]!;
    const settings = { output_buffer_size: -1, msg_timeout: msgTimeout, sample_rate: sampleRate };
    stream.send(`  V2${identify(settings)}SUB t ${name}\n`);
    const answers = stream.texts();
    if (answers.join() !== "OK,OK") return `IDENTIFY and SUB were answered ${answers.join()}`;
    let channel = this.channels.get(name);
    if (channel === undefined) {
      channel = new ReferenceChannel(name, this.limits);
      this.channels.set(name, channel);
      this.pump();
    }
    this.connected += 1;
    const number = this.connected;
    const fresh = { rdy: 0, inFlight: 0, messages: 0, finishes: 0, requeues: 0 };
    channel.clients.push({ number, msgTimeout: msToMicros(msgTimeout), sampleRate, ...fresh });
    const { length: writes } = stream.writes;
    this.consumers.push({ number, stream, channel, seen: [], writes, closing: false });
    return null;
  }

  private close(consumer: Consumer): null {
    consumer.stream.close();
    const { channel } = consumer;
    channel.clients = channel.clients.filter((one) => one.number !== consumer.number);
    this.consumers = this.consumers.filter((one) => one !== consumer);
    // Its in-flight messages wait for their own deadlines; an ephemeral channel goes with its last client.
    if (channel.ephemeral && channel.clients.length === 0) this.channels.delete(channel.name);
    return null;
  }

  private answer(
    choice: { readonly client: number; readonly pick: number },
    verb: "FIN" | "REQ" | "TOUCH",
    delayMs: number,
  ): string | null {
    return this.with(choice.client, (consumer) => {
      if (consumer.seen.length === 0) return null;
      const index = choice.pick % consumer.seen.length;
      const { message, id } = consumer.seen[index]!;
      // What it has answered it forgets, now and then it does not: nsqd must refuse the second answer.
      if (verb !== "TOUCH" && choice.pick % 5 !== 0) consumer.seen.splice(index, 1);
      return this.command(consumer, verb, message, id, delayMs);
    });
  }

  private meddle(client: number, pick: number, verb: "FIN" | "REQ" | "TOUCH"): string | null {
    return this.with(client, (consumer) => {
      const flights = consumer.channel.inFlight;
      const message = flights.length === 0 ? -1 : flights[pick % flights.length]!.message;
      const id = this.ids.get(message) ?? "00000000000000ff";
      if (flights.some((one) => one.message === message && one.client === consumer.number)) return null;
      return this.command(consumer, verb, message, id, 0);
    });
  }

  private command(
    consumer: Consumer,
    verb: "FIN" | "REQ" | "TOUCH",
    message: number,
    id: string,
    delayMs: number,
  ): string | null {
    const { channel, number, stream } = consumer;
    const now = this.host.now();
    const failure =
      verb === "FIN"
        ? channel.finish(number, message)
        : verb === "REQ"
          ? channel.requeue(number, message, msToMicros(delayMs), now)
          : channel.touch(number, message, now);
    stream.send(verb === "REQ" ? `REQ ${id} ${delayMs}\n` : `${verb} ${id}\n`);
    const expected = failure === null ? null : `E_${verb}_FAILED ${verb} ${id} failed ${failure}`;
    return this.read(consumer, expected);
  }

  /** Everything that nsqd sent, told to the reference; then nothing may be left undone. */
  private settle(): string | null {
    const difference = this.readDrops();
    if (difference !== null) return difference;
    for (const consumer of this.consumers) {
      const wrong = this.read(consumer, null);
      if (wrong !== null) return wrong;
    }
    return this.deliver();
  }

  private read(consumer: Consumer, expected: string | null): string | null {
    const { stream } = consumer;
    let missing = expected;
    if (stream.writes.length !== consumer.writes) {
      consumer.writes = stream.writes.length;
      for (const frame of stream.frames()) {
        if (frame.type === "message") {
          const message = Number.parseInt(frame.text, 10);
          const known = this.ids.get(message);
          if (known !== undefined && known !== frame.id) return `message ${message} has ids ${known} and ${frame.id}`;
          this.ids.set(message, frame.id);
          consumer.seen.push({ message, id: frame.id });
          this.pending.push({ channel: consumer.channel, client: consumer.number, message, attempts: frame.attempts });
        } else if (frame.type === "error") {
          if (frame.text !== missing)
            return `client ${consumer.number} got ${frame.text}, not ${missing ?? "any error"}`;
          missing = null;
        }
      }
    }
    return missing === null ? null : `client ${consumer.number} did not get ${missing}`;
  }

  /** Tells the reference what happened, in the order of its queue: several clients have no order between them. */
  private deliver(): string | null {
    const now = this.host.now();
    while (this.pending.length > 0) {
      const isNext = ({ channel, message }: Happening): boolean =>
        channel.queue.some((one) => one.message === message && one.batch === channel.queue[0]!.batch);
      // A message that was sampled away took no room: it may have been first.
      const sampled = this.pending.findIndex((one) => one.client < 0 && isNext(one));
      const index = sampled >= 0 ? sampled : this.pending.findIndex(isNext);
      const [{ channel, client, message, attempts }] = this.pending.splice(Math.max(0, index), 1) as [Happening];
      const wrong = client < 0 ? channel.sampled(message) : channel.delivered(client, message, attempts, now);
      if (wrong !== null) return `${channel.name}: ${wrong}`;
    }
    return null;
  }

  private readDrops(): string | null {
    for (const { channel: name, message, cause } of this.drops.splice(0)) {
      const channel = this.channels.get(name);
      if (channel === undefined) return `message ${message} was dropped from ${name}, which is not there`;
      if (cause === "sampled") {
        this.pending.push({ channel, client: -1, message, attempts: 0 });
        continue;
      }
      const wrong = cause === "ephemeral" ? channel.overflowed(message) : `message ${message} was dropped: ${cause}`;
      if (wrong !== null) return `${name}: ${wrong}`;
    }
    return null;
  }

  private compare(): string | null {
    for (const channel of this.channels.values()) {
      const idle = channel.idle();
      if (idle !== null) return `${channel.name}: ${idle}`;
    }
    let difference: string | null = null;
    this.broker.gauges((_topic, name, gauges) => {
      if (name !== null) difference ??= this.compareGauges(name, gauges);
      else if (gauges.depth !== this.backlog.length)
        difference ??= told("topic depth", gauges.depth, this.backlog.length);
    });
    if (difference === null && this.operations % 16 === 0) difference = this.compareClients();
    return difference;
  }

  private compareGauges(name: string, gauges: Readonly<Gauges>): string | null {
    const channel = this.channels.get(name);
    if (channel === undefined) return `channel ${name} should not be there`;
    const pairs: readonly (readonly [what: string, found: number, expected: number])[] = [
      ["depth", gauges.depth, channel.queue.length],
      ["in flight", gauges.inFlight, channel.inFlight.length],
      ["deferred", gauges.deferred, channel.deferred.length],
      ["messages", gauges.messages, channel.messages],
      ["requeues", gauges.requeues, channel.requeues],
      ["timeouts", gauges.timeouts, channel.timeouts],
      ["clients", gauges.clients, channel.clients.length],
    ];
    for (const [what, found, expected] of pairs)
      if (found !== expected) return told(`${name} ${what}`, found, expected);
    return null;
  }

  private compareClients(): string | null {
    const topic = this.broker.stats({ topic: "t" }).topics?.[0];
    for (const { channel_name: name, clients } of topic?.channels ?? []) {
      const expected = this.channels.get(name)!.clients;
      for (const [index, client] of (clients ?? []).entries()) {
        const one = expected[index]!;
        const found = [client.ready_count, client.in_flight_count, client.message_count, client.finish_count];
        const wanted = [one.rdy, one.inFlight, one.messages, one.finishes];
        if (found.join() !== wanted.join() || client.requeue_count !== one.requeues) {
          return told(`${name} client ${one.number} RDY, in flight, messages, finishes`, found.join(), wanted.join());
        }
      }
    }
    return null;
  }

  private waiting(): number {
    let most = this.backlog.length;
    for (const { queue, inFlight, deferred } of this.channels.values()) {
      most = Math.max(most, this.backlog.length + queue.length + inFlight.length + deferred.length);
    }
    return most;
  }

  private with(choice: number, act: (consumer: Consumer) => string | null): string | null {
    if (this.consumers.length === 0) return null;
    return act(this.consumers[choice % this.consumers.length]!);
  }

  private onChannel(choice: number, act: (channel: ReferenceChannel) => void): null {
    const list = [...this.channels.values()];
    if (list.length > 0) act(list[choice % list.length]!);
    return null;
  }

  private half(consumer: Consumer): ReferenceChannel["clients"][number] {
    return consumer.channel.clients.find((one) => one.number === consumer.number)!;
  }
}

function told(what: string, found: unknown, expected: unknown): string {
  return `${what}: ${String(found)}, the reference says ${String(expected)}`;
}

function numberIn(body: Uint8Array): number {
  let number = 0;
  for (const byte of body) {
    if (byte === 32) break;
    number = number * 10 + byte - 48;
  }
  return number;
}
