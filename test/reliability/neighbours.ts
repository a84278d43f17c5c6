import { createConsumer, createProducer, type Consumer, type Producer } from "../../core/node/client.ts";

/** Longest time for what is still on its way at the end. */
const LAST_MS = 5000;

/** How the neighbours were served. */
export interface Service {
  readonly published: number;
  /** From publish to OK. */
  readonly medianMs: number;
  readonly worstMs: number;
}

/** A publisher and a consumer that only want to work. They count: every message arrives once. */
export class Neighbours {
  private readonly producer: Producer;
  private readonly consumer: Consumer;
  private readonly arrivals: number[] = [];
  private readonly waitsMs: number[] = [];
  private arrived = 0;
  private isStopping = false;
  private failure: unknown = null;
  private readonly working: Promise<void>;

  constructor(tcp: string) {
    this.producer = createProducer({ address: tcp });
    this.consumer = createConsumer({ topic: "neighbour", channel: "c", addresses: [tcp], maxInFlight: 10 });
    void this.consumer.run((message) => {
      const number = Number(message.text);
      this.arrivals[number] = (this.arrivals[number] ?? 0) + 1;
      this.arrived += 1;
    });
    this.working = this.work().catch((error: unknown) => {
      this.failure = error;
    });
  }

  /** Waits until both are connected and messages go through. */
  async atWork(): Promise<void> {
    while (this.arrived < 10 && this.failure === null) await pause(2);
  }

  /** How many messages got their OK. */
  get published(): number {
    return this.waitsMs.length;
  }

  /** @throws when a publish failed, or a message did not arrive exactly once */
  async stop(): Promise<Service> {
    this.isStopping = true;
    await this.working;
    if (this.failure !== null) throw this.failure;
    const { published } = this;
    for (let waitedMs = 0; this.arrived < published && waitedMs < LAST_MS; waitedMs += 10) await pause(10);
    await this.producer.close();
    await this.consumer.close();
    for (let number = 0; number < published; number += 1) {
      const count = this.arrivals[number] ?? 0;
      if (count !== 1) throw new Error(`message ${number} of ${published} arrived ${count} times`);
    }
    const waits = this.waitsMs.sort((a, b) => a - b);
    return { published, medianMs: waits[waits.length >> 1] ?? Infinity, worstMs: waits.at(-1) ?? Infinity };
  }

  private async work(): Promise<void> {
    for (let number = 0; !this.isStopping; number += 1) {
      const began = performance.now();
      await this.producer.publish("neighbour", String(number));
      this.waitsMs.push(performance.now() - began);
      await pause(1);
    }
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
