import { History, type EventKind } from "../../../sim/history.ts";
import type { Evidence } from "../../../sim/result.ts";
import type { ConsumerSpec, NsqdSpec, Scenario } from "../../../sim/scenario/types.ts";

export const TOPIC = "orders";

/** One nsqd, one producer, consumers c1 and c2 of channel `billing`, every trip 1 ms, msg timeout 1 s. */
export function storyScenario(
  changes: Partial<Omit<Scenario, "consumers" | "nsqd">> & {
    readonly nsqd?: Partial<NsqdSpec>;
    readonly consumer?: Partial<ConsumerSpec>;
    readonly consumers?: readonly ConsumerSpec[];
  } = {},
): Scenario {
  const { nsqd, consumer, consumers, ...rest } = changes;
  const made = ["c1", "c2"].map((name) => ({
    name,
    nsqd: ["nsqd1"],
    topic: TOPIC,
    channel: "billing",
    maxInFlight: 10,
    ...consumer,
    config: { output_buffer_size: -1, ...consumer?.config },
  }));
  return {
    name: "story",
    question: "What happened?",
    seed: 1,
    durationMs: 10_000,
    recoveryMs: 10_000,
    producers: [{ name: "p1", nsqd: ["nsqd1"], workload: [{ topic: TOPIC, count: 1, everyMs: 1 }] }],
    network: { latency: 1 },
    ...rest,
    consumers: consumers ?? made,
    nsqd: [{ name: "nsqd1", ...nsqd, options: { "msg-timeout": "1s", ...nsqd?.options } }],
  };
}

interface Where {
  readonly conn?: number;
  readonly channel?: string;
}

/**
 * A history told by hand, row after row; times in milliseconds. Consumers are connected, subscribed and ready (RDY 10)
 * at 1..3 ms on `billing`, unless the story says otherwise.
 */
export class Story {
  readonly history = new History();
  readonly scenario: Scenario;
  private now = 0;

  constructor(scenario: Scenario = storyScenario(), consumers: readonly string[] = ["c1"]) {
    this.scenario = scenario;
    this.process(0, "nsqd1", "start");
    for (const name of consumers) this.join(1, name);
  }

  row(atMs: number, kind: EventKind, fields: Parameters<History["record"]>[0] | object = {}): this {
    if (atMs < this.now) throw new Error(`the story goes back from ${this.now} to ${atMs} ms`);
    this.now = atMs;
    this.history.record({ ...fields, atUs: Math.round(atMs * 1000), kind });
    return this;
  }

  process(atMs: number, process: string, text: string): this {
    return this.row(atMs, "process", { process, text });
  }

  join(atMs: number, name: string, { conn = 0, channel = "billing", rdy = 10 }: Where & { rdy?: number } = {}): this {
    const fields = { process: name, peer: "nsqd1", place: `${TOPIC}/${channel}`, conn };
    this.row(atMs, "connect", fields).row(atMs + 0.5, "subscribe", { ...fields, value: 1_000_000 });
    this.row(atMs + 0.5, "rdy", { ...fields, value: rdy });
    this.now = atMs;
    return this;
  }

  publish(atMs: number, msg: number, { delayMs = 0, repeats = -1 } = {}): this {
    const fields = { process: "p1", peer: "nsqd1", place: TOPIC, msg, conn: 0 };
    return this.row(atMs, "publish", { ...fields, value: delayMs * 1000, detail: repeats, text: "PUB" });
  }

  outcome(atMs: number, msg: number, kind: "publish-ok" | "publish-error" | "publish-unknown" = "publish-ok"): this {
    return this.row(atMs, kind, { process: "p1", peer: "nsqd1", place: TOPIC, msg, conn: 0 });
  }

  /** Publish and OK, 2 ms apart. */
  accept(atMs: number, msg: number, delayMs = 0): this {
    return this.publish(atMs, msg, { delayMs }).outcome(atMs + 2, msg);
  }

  deliver(atMs: number, name: string, msg: number, attempts = 1, where: Where = {}): this {
    return this.client(atMs, "deliver", name, msg, where, { value: attempts, id: `00000000${hex(msg)}` });
  }

  finish(atMs: number, name: string, msg: number, where: Where = {}): this {
    return this.client(atMs, "finish", name, msg, where, {});
  }

  requeue(atMs: number, name: string, msg: number, delayMs: number, where: Where = {}): this {
    return this.client(atMs, "requeue", name, msg, where, { value: delayMs * 1000 });
  }

  touch(atMs: number, name: string, msg: number, where: Where = {}): this {
    return this.client(atMs, "touch", name, msg, where, {});
  }

  giveUp(atMs: number, name: string, msg: number, attempts = 6): this {
    return this.client(atMs, "give-up", name, msg, {}, { value: attempts });
  }

  refuse(atMs: number, name: string, msg: number, text: string, where: Where = {}): this {
    return this.client(atMs, "answer-error", name, msg, where, { text });
  }

  rdy(atMs: number, name: string, value: number, where: Where = {}): this {
    return this.client(atMs, "rdy", name, -1, where, { value });
  }

  close(atMs: number, name: string, where: Where = {}): this {
    return this.client(atMs, "close", name, -1, where, { text: "reset" });
  }

  backoff(atMs: number, name: string, text: string): this {
    return this.row(atMs, "backoff", { process: name, place: `${TOPIC}/billing`, text });
  }

  operate(atMs: number, text: string, place: string): this {
    const fields = { process: "operator", peer: "nsqd1", place, text };
    return this.row(atMs, "operate", fields).row(atMs + 2, "operate", { ...fields, value: 200 });
  }

  /** A fault of the scenario, by index, on the link of c1 and nsqd1. */
  fault(atMs: number, index: number, begins: boolean): this {
    return this.row(atMs, "fault", { process: "c1", peer: "nsqd1", value: index, detail: begins ? 1 : 0 });
  }

  gauges(atMs: number, values: Readonly<Record<string, number>>, channel = "billing"): this {
    for (const [text, value] of Object.entries(values)) {
      this.row(atMs, "gauge", { process: "nsqd1", place: `${TOPIC}/${channel}`, value, text });
    }
    return this;
  }

  heal(atMs: number): this {
    return this.row(atMs, "phase", { text: "heal" });
  }

  end(atMs: number): this {
    return this.row(atMs, "phase", { text: "end" });
  }

  get evidence(): Evidence {
    return { scenario: this.scenario, history: this.history, world: "sim", slackUs: 0 };
  }

  private client(
    atMs: number,
    kind: EventKind,
    name: string,
    msg: number,
    { conn = 0, channel = "billing" }: Where,
    fields: object,
  ): this {
    return this.row(atMs, kind, { process: name, peer: "nsqd1", place: `${TOPIC}/${channel}`, msg, conn, ...fields });
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
