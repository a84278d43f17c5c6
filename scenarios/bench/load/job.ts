/** What the load generator can be asked to do; one job at a time. */
export type Job = PublishJob | ConsumeJob | EndToEndJob | HttpJob | LatencyJob;

/** Publishes until `count` messages are acknowledged, or nothing more is sent after `limitMs`. */
export interface PublishJob {
  readonly kind: "publish";
  readonly port: number;
  readonly topic: string;
  /** More than one: `topic` and a number of four digits each, in turn. Default 1. */
  readonly topics?: number;
  readonly connections: number;
  /** Commands per connection that are sent and not yet answered. */
  readonly window: number;
  /** Messages per command: 1 is PUB, more is MPUB. */
  readonly batch: number;
  readonly bodyBytes: number;
  readonly count: number;
  readonly limitMs: number;
}

/** Publishes by one connection and consumes by another, `count` messages. */
export interface EndToEndJob extends Omit<PublishJob, "kind" | "connections" | "topics">, Omit<ConsumeJob, "kind"> {
  readonly kind: "end-to-end";
}

/** Like {@link PublishJob}, by POST /pub (one line) or /mpub, one request at a time on each connection. */
export interface HttpJob {
  readonly kind: "http";
  readonly port: number;
  readonly topic: string;
  readonly connections: number;
  /** Messages per request. */
  readonly lines: number;
  readonly bodyBytes: number;
  readonly count: number;
  readonly limitMs: number;
}

/** Reads `count` messages that are already queued; each is finished at once, FINs of one read leave in one write. */
export interface ConsumeJob {
  readonly kind: "consume";
  readonly port: number;
  readonly topic: string;
  readonly channel: string;
  readonly rdy: number;
  readonly count: number;
}

/** Publishes one message at a time and measures until a waiting consumer (RDY 1) has it. */
export interface LatencyJob {
  readonly kind: "latency";
  readonly port: number;
  readonly topic: string;
  readonly channel: string;
  readonly bodyBytes: number;
  readonly count: number;
}

export interface JobResult {
  /** Messages acknowledged, finished, or measured. */
  readonly messages: number;
  readonly elapsedUs: number;
  /** Latency jobs only, µs, sorted. */
  readonly samplesUs?: readonly number[];
}
