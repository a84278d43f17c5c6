import type { Micros } from "../time.ts";
import type { Channel } from "./channel.ts";
import type { Output } from "./output.ts";
import type { Nearness, Placed } from "./policy/nearest.ts";

/** A client's place in a channel: what decides whether it gets messages, and what it did with them. */
export class Subscriber implements Placed<Subscriber> {
  /** The connection's number, unique in its broker: ownership is by connection (nsqd-semantics §2). */
  readonly number: number;
  readonly channel: Channel;
  readonly output: Output;
  /** Closes the connection, because its channel is going away. */
  readonly disconnect: () => void;
  /** In-flight deadline of what is sent to it; fixed by the first IDENTIFY. */
  readonly deliveryTimeout: Micros;
  /** 0: everything; else n + 1 of 100 messages are kept (protocol §10). */
  readonly sampleRate: number;
  readonly nearness: Nearness;
  /** RDY: most messages in flight, not a credit. */
  readyCount = 0;
  inFlight = 0;
  messages = 0;
  finishes = 0;
  requeues = 0;
  /** Whether the channel's picker has it. */
  isListed = false;
  pickerIndex = 0;
  pickerBefore: Subscriber | null = null;
  pickerAfter: Subscriber | null = null;

  constructor(
    number: number,
    channel: Channel,
    output: Output,
    disconnect: () => void,
    deliveryTimeout: Micros,
    sampleRate: number,
    nearness: Nearness,
  ) {
    this.number = number;
    this.channel = channel;
    this.output = output;
    this.disconnect = disconnect;
    this.deliveryTimeout = deliveryTimeout;
    this.sampleRate = sampleRate;
    this.nearness = nearness;
  }

  /** RDY allows another message. */
  hasRoom(): boolean {
    return this.inFlight < this.readyCount;
  }
}
