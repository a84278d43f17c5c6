import { Channel } from "../../../core/nsqd/channel.ts";
import type { Subscriber } from "../../../core/nsqd/subscriber.ts";

type Method = (this: Inside, client: Subscriber, high: number, low: number, ...rest: any[]) => unknown;

/** What a channel keeps to itself. */
interface Inside {
  readonly clients: Map<number, Subscriber>;
  readonly inFlight: {
    find(high: number, low: number): number;
    owner(record: number): number;
    handle(record: number): number;
    attempts(record: number): number;
    clear(visit: (record: number) => void): void;
  };
  readonly slab: { retain(handle: number, count: number): void; release(handle: number): void };
  put(handle: number, attempts: number): void;
}

/** A mistake in the broker that may need a certain order of events to show. */
export interface RaceBug {
  readonly name: string;
  /** The small world that shows it. */
  readonly world: string;
  /** The gravest failure, and how much is kept back or goes wrong in the smallest counterexample. */
  readonly failure: string;
  readonly cost: number;
  readonly plant: () => () => void;
}

function replace(name: string, make: (original: Method) => Method): () => void {
  const prototype = Channel.prototype as unknown as Record<string, Method>;
  const original = prototype[name];
  if (original === undefined) throw new Error(`a channel has no ${name}`);
  prototype[name] = make(original);
  return () => {
    prototype[name] = original;
  };
}

export const RACE_BUGS: readonly RaceBug[] = [
  {
    name: "FIN is accepted from whoever had the message before",
    world: "two-consumers-and-a-timeout",
    failure: "P2",
    cost: 1,
    plant: () =>
      replace(
        "finish",
        (finish) =>
          function forAnybody(client, high, low, ...rest) {
            const record = this.inFlight.find(high, low);
            const owner = record < 0 ? undefined : this.clients.get(this.inFlight.owner(record));
            return finish.call(this, owner ?? client, high, low, ...rest);
          },
      ),
  },
  {
    name: "REQ leaves a copy behind",
    world: "two-channels",
    failure: "P4",
    cost: 0,
    plant: () =>
      replace(
        "requeue",
        (requeue) =>
          function twice(client, high, low, ...rest) {
            const record = this.inFlight.find(high, low);
            const handle = this.inFlight.handle(record);
            const attempts = this.inFlight.attempts(record);
            this.slab.retain(handle, 1);
            const failure = requeue.call(this, client, high, low, ...rest);
            this.put(handle, attempts);
            return failure;
          },
      ),
  },
  {
    name: "a FIN from somebody else is thought to be impossible",
    world: "fin-races-the-timeout",
    failure: "error",
    cost: 1,
    plant: () =>
      replace(
        "finish",
        (finish) =>
          function insists(client, high, low, ...rest) {
            const record = this.inFlight.find(high, low);
            if (this.inFlight.owner(record) !== client.number) throw new Error("this is not its owner");
            return finish.call(this, client, high, low, ...rest);
          },
      ),
  },
  {
    name: "a timeout makes no room at its client",
    world: "two-channels",
    failure: "P17",
    cost: 1,
    plant: () =>
      replace(
        "timeOut",
        (timeOut) =>
          function keeps(record: any, ...rest) {
            const owner = this.clients.get(this.inFlight.owner(record));
            timeOut.call(this, record, ...rest);
            if (owner !== undefined) owner.inFlight += 1;
          },
      ),
  },
  {
    name: "what a client has is forgotten when its connection ends",
    world: "crash-of-a-consumer",
    failure: "P2",
    cost: 1,
    plant: () =>
      replace(
        "removeClient",
        (removeClient) =>
          function forgets(client, ...rest) {
            removeClient.call(this, client, ...rest);
            if (client.inFlight > 0) this.inFlight.clear((record) => this.slab.release(this.inFlight.handle(record)));
          },
      ),
  },
];
