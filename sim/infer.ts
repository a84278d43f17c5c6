import { type Micros, microsToMs } from "../core/time.ts";
import type { History } from "./history.ts";
import type { ConsumerSpec, ProducerSpec, Scenario } from "./scenario/types.ts";

/** Who takes part in a history, as far as its events show. */
export interface Participants {
  readonly nsqds: ReadonlySet<string>;
  readonly producers: ReadonlyMap<string, Producer>;
  readonly consumers: ReadonlyMap<string, Consumer>;
}

interface Producer {
  readonly nsqds: Set<string>;
  /** Messages by topic. */
  readonly topics: Map<string, number>;
}

interface Consumer {
  readonly nsqds: Set<string>;
  readonly place: string;
  /** RDY of each connection, now. */
  readonly ready: Map<number, number>;
  /** Most of all connections together. */
  mostReady: number;
  /** Numbers of its dead letters, the fewest attempts that one was put aside at, and where the last one went. */
  readonly letters: Set<number>;
  fewestAttempts: number;
  letterTopic: string;
  letterNsqd: string;
}

/** Finds out who publishes, who consumes, and from whom. */
export function participantsOf(history: History): Participants {
  const nsqds = new Set<string>();
  const producers = new Map<string, Producer>();
  const consumers = new Map<string, Consumer>();
  for (const { kind, process, peer, place, msg, conn, value, detail } of history.events()) {
    const known = consumers.get(process);
    if (kind === "dead-letter" && known !== undefined) {
      known.letters.add(detail);
      known.fewestAttempts = Math.min(known.fewestAttempts, value);
    } else if (kind === "publish" && known?.letters.has(msg) === true) {
      known.letterTopic = place;
      known.letterNsqd = peer;
      nsqds.add(peer);
    } else if (kind === "publish") {
      const producer = producers.get(process) ?? { nsqds: new Set(), topics: new Map<string, number>() };
      producers.set(process, producer);
      producer.nsqds.add(peer);
      producer.topics.set(place, (producer.topics.get(place) ?? 0) + 1);
      nsqds.add(peer);
    } else if (kind === "subscribe" || kind === "deliver" || kind === "rdy") {
      const consumer = known ?? consumerAt(place);
      consumers.set(process, consumer);
      consumer.nsqds.add(peer);
      nsqds.add(peer);
      if (kind === "rdy") noteReady(consumer, conn, value);
    } else if (kind === "close") known?.ready.delete(conn);
  }
  return { nsqds, producers, consumers };
}

function consumerAt(place: string): Consumer {
  return {
    nsqds: new Set(),
    place,
    ready: new Map(),
    mostReady: 0,
    letters: new Set(),
    fewestAttempts: Infinity,
    letterTopic: "",
    letterNsqd: "",
  };
}

function noteReady(consumer: Consumer, conn: number, count: number): void {
  consumer.ready.set(conn, count);
  let sum = 0;
  for (const ready of consumer.ready.values()) sum += ready;
  consumer.mostReady = Math.max(consumer.mostReady, sum);
}

/**
 * The scenario of which a history may be the record: its processes, the Go daemon's timing, every option at its default.
 * What it cannot know, such as a lower `max-msg-timeout`, only a scenario of the user's own says.
 */
export function inferScenario(history: History): Scenario {
  const { nsqds, producers, consumers } = participantsOf(history);
  const end: Micros = history.length === 0 ? 0 : history.at[history.length - 1]!;
  return {
    name: "recorded",
    question: "Does what was recorded keep what a message queue promises?",
    seed: 0,
    durationMs: Math.max(1, Math.ceil(microsToMs(end))),
    recoveryMs: 1,
    nsqd: [...nsqds].map((name) => ({ name, profile: "nsqd-1.3" })),
    producers: [...producers].map(([name, { nsqds: its, topics }]): ProducerSpec => ({
      name,
      nsqd: [...its],
      workload: [...topics].map(([topic, count]) => ({ topic, count, everyMs: 0 })),
    })),
    consumers: [...consumers].map(([name, consumer]) => inferConsumer(name, consumer)),
  };
}

function inferConsumer(name: string, consumer: Consumer): ConsumerSpec {
  const { nsqds, place, mostReady, letterTopic, letterNsqd, fewestAttempts } = consumer;
  const slash = place.indexOf("/");
  const [topic, channel] = [place.slice(0, slash), place.slice(slash + 1)];
  const spec = { name, nsqd: [...nsqds], topic, channel, maxInFlight: Math.max(1, mostReady) };
  if (letterTopic === "") return spec;
  const deadLetter = { topic: letterTopic, nsqd: letterNsqd, afterAttempts: Math.max(1, fewestAttempts) };
  return { ...spec, maxAttempts: 0, deadLetter };
}
