import { Channel } from "../../../core/nsqd/channel.ts";
import { InFlightSet } from "../../../core/nsqd/inflight.ts";
import { RoundRobinPicker } from "../../../core/nsqd/policy/picker.ts";
import { beginMessage, frameLength } from "../../../core/nsqd/message.ts";
import { Subscriber } from "../../../core/nsqd/subscriber.ts";
import { Topic } from "../../../core/nsqd/topic.ts";
import { MESSAGE_HEADER } from "../../../core/protocol/frame.ts";
import type { Slab } from "../../../core/queue/slab.ts";
import type { PropertyId } from "../../../sim/scenario/types.ts";

/** A mistake that somebody could make in the broker, and the oracles that must see it. */
export interface BrokerBug {
  readonly name: string;
  readonly caught: readonly PropertyId[];
  /** Puts the mistake in; returns what takes it out again. */
  readonly plant: () => () => void;
}

type Method = (this: any, ...args: any[]) => any;

/** Replaces a method, private or not, of a class. */
function replace(prototype: object, name: string, make: (original: Method) => Method): () => void {
  const before = Object.getOwnPropertyDescriptor(prototype, name)!;
  const original = before.value as Method;
  if (typeof original !== "function") throw new Error(`${name} is not a method`);
  Object.defineProperty(prototype, name, { ...before, value: make(original) });
  return () => Object.defineProperty(prototype, name, before);
}

function replaceGetter(prototype: object, name: string, make: (original: () => number) => () => number): () => void {
  const before = Object.getOwnPropertyDescriptor(prototype, name)!;
  // oxlint-disable-next-line typescript/unbound-method -- `make` calls it with a `this`
  Object.defineProperty(prototype, name, { ...before, get: make(before.get as () => number) });
  return () => Object.defineProperty(prototype, name, before);
}

function loses(this: Channel, client: Subscriber, high: number, low: number, _delay: number, now: number): unknown {
  return this.finish(client, high, low, now);
}

function servedLast(this: { readonly last: unknown }): unknown {
  return this.last;
}

/** Every msg timeout is so much longer, or shorter, than the client was told. */
function shiftTimeouts(by: number): () => void {
  return replace(
    Channel.prototype,
    "send",
    (send) =>
      function shifted(client: { deliveryTimeout: number }, handle, attempts, now) {
        const told = client.deliveryTimeout;
        client.deliveryTimeout = told + by;
        send.call(this, client, handle, attempts, now);
        client.deliveryTimeout = told;
      },
  );
}

/** Every delay, of a REQ or of a publish, is so much longer or shorter. */
function shiftDelays(by: number): () => void {
  return replace(
    Channel.prototype,
    "defer",
    (defer) =>
      function shifted(handle, attempts, delay, now) {
        defer.call(this, handle, attempts, delay + by, now);
      },
  );
}

export const BROKER_BUGS: readonly BrokerBug[] = [
  {
    name: "a body gets the number of a message that nobody published",
    caught: ["P1"],
    plant: () =>
      replace(
        Topic.prototype,
        "seal",
        (seal) =>
          function invents(this: { slab: Slab; messages: number }, handle) {
            seal.call(this, handle);
            const at = this.slab.offset(handle) + MESSAGE_HEADER;
            // Message 12 becomes message 92.
            if (this.messages === 12) this.slab.page(handle)[at] = 0x39;
          },
      ),
  },
  {
    name: "REQ loses the message",
    caught: ["P2"],
    plant: () => replace(Channel.prototype, "requeue", () => loses),
  },
  {
    name: "FIN does not remove the message",
    caught: ["P4"],
    plant: () => replace(Channel.prototype, "finish", () => () => null),
  },
  {
    name: "a message goes to a second client as well",
    caught: ["P5", "P6"],
    plant: () =>
      replace(
        Channel.prototype,
        "send",
        (send) =>
          function twice(this: { clients: Map<number, Subscriber>; slab: Slab }, client, handle, attempts, now) {
            send.call(this, client, handle, attempts, now);
            for (const other of this.clients.values()) {
              if (other === client || attempts > 1) continue;
              const page = this.slab.page(handle);
              const offset = this.slab.offset(handle);
              other.output.message(page, offset, frameLength(page, offset), attempts + 1);
            }
          },
      ),
  },
  { name: "a timeout fires 1 ms early", caught: ["P5", "P6"], plant: () => shiftTimeouts(-1_000) },
  { name: "a delay ends 1 ms early", caught: ["P6"], plant: () => shiftDelays(-1_000) },
  { name: "a timeout fires 300 ms late", caught: ["P7"], plant: () => shiftTimeouts(300_000) },
  { name: "a delay ends 50 ms late", caught: ["P7"], plant: () => shiftDelays(50_000) },
  {
    name: "TOUCH is forgotten",
    caught: ["P6"],
    plant: () => replace(Channel.prototype, "touch", () => () => null),
  },
  {
    name: "TOUCH goes beyond max-msg-timeout",
    caught: ["P7"],
    plant: () =>
      replace(
        InFlightSet.prototype,
        "deliveredAt",
        (deliveredAt) =>
          function later(record) {
            return deliveredAt.call(this, record) + 10_000_000;
          },
      ),
  },
  {
    name: "attempts are not counted",
    caught: ["P8"],
    plant: () =>
      replace(
        Channel.prototype,
        "send",
        (send) =>
          function first(client, handle, _attempts, now) {
            send.call(this, client, handle, 1, now);
          },
      ),
  },
  {
    name: "attempts count double",
    caught: ["P8"],
    plant: () =>
      replace(
        Channel.prototype,
        "send",
        (send) =>
          function double(client, handle, attempts, now) {
            send.call(this, client, handle, attempts + 1, now);
          },
      ),
  },
  {
    name: "RDY is off by one",
    caught: ["P9"],
    plant: () =>
      replace(
        Subscriber.prototype,
        "hasRoom",
        (hasRoom) =>
          function roomy(this: Subscriber) {
            return hasRoom.call(this) || (this.readyCount > 0 && this.inFlight === this.readyCount);
          },
      ),
  },
  {
    name: "RDY 0 is ignored",
    caught: ["P9"],
    plant: () =>
      replace(
        Subscriber.prototype,
        "hasRoom",
        (hasRoom) =>
          function roomy(this: Subscriber) {
            return hasRoom.call(this) || (this.readyCount === 0 && this.inFlight < 2);
          },
      ),
  },
  {
    name: "the client that was served last is served again",
    caught: ["P11"],
    plant: () => replace(RoundRobinPicker.prototype, "next", () => servedLast),
  },
  {
    name: "fan-out misses a channel now and then",
    caught: ["P2", "P10"],
    plant: () =>
      replace(
        Channel.prototype,
        "accept",
        (accept) =>
          function misses(this: { name: string; drops?: number; slab: Slab }, handle, delay, now) {
            this.drops = (this.drops ?? 0) + 1;
            if (this.name === "shipping" && this.drops % 10 === 0) this.slab.release(handle);
            else accept.call(this, handle, delay, now);
          },
      ),
  },
  {
    name: "a new channel inherits what others already had",
    caught: ["P10"],
    plant: () => inheritance(),
  },
  {
    name: "depth counts one too many",
    caught: ["P16"],
    plant: () =>
      replaceGetter(
        Channel.prototype,
        "depth",
        (depth) =>
          function more(this: Channel) {
            return depth.call(this) + 1;
          },
      ),
  },
  {
    name: "the number in flight goes below zero",
    caught: ["P16"],
    plant: () =>
      replaceGetter(
        Channel.prototype,
        "inFlightCount",
        (inFlight) =>
          function fewer(this: Channel) {
            return inFlight.call(this) - 1;
          },
      ),
  },
  {
    name: "a client whose messages came back is not served again",
    caught: ["P17"],
    plant: () => replace(Channel.prototype, "returned", () => (client: Subscriber) => void (client.inFlight -= 1)),
  },
  { name: "a deadline is never noticed", caught: ["P17"], plant: () => shiftTimeouts(3_600_000_000) },
];

/** The channel `late` starts with copies of the last three messages of the topic. */
function inheritance(): () => void {
  const frames: Uint8Array[] = [];
  const undoSeal = replace(
    Topic.prototype,
    "seal",
    (seal) =>
      function remembers(this: { slab: Slab }, handle) {
        seal.call(this, handle);
        const page = this.slab.page(handle);
        const offset = this.slab.offset(handle);
        frames.push(page.slice(offset, offset + frameLength(page, offset)));
      },
  );
  const undoCreate = replace(
    Topic.prototype,
    "createChannel",
    (create) =>
      function inherits(this: { slab: Slab; channel(name: string): unknown }, name) {
        const isNew = this.channel(name) === undefined;
        const channel = create.call(this, name);
        if (!isNew || name !== "late") return channel;
        for (const frame of frames.splice(-3)) {
          const handle = beginMessage(this.slab, frame.length - MESSAGE_HEADER, 0);
          this.slab.page(handle).set(frame, this.slab.offset(handle));
          channel.accept(handle, 0, 0);
        }
        return channel;
      },
  );
  return () => {
    undoSeal();
    undoCreate();
  };
}
