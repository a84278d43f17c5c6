import type { ConsumerSpec, NsqdSpec, Scenario } from "../../sim/scenario/types.ts";

/** The instant at which the choices begin: everybody is connected and has subscribed. */
const START_MS = 100;

/** A consumer of a small world: one message at a time, a new connection soon after the old one is lost. */
export function smallConsumer(name: string, changes: Partial<ConsumerSpec> = {}): ConsumerSpec {
  return {
    name,
    nsqd: ["nsqd1"],
    topic: "orders",
    channel: "billing",
    maxInFlight: 1,
    ...changes,
    config: { lookupd_poll_interval: "700ms", output_buffer_size: -1, ...changes.config },
  };
}

/** One nsqd, one producer that publishes `messages` at once, a msg timeout of 1 s, and bytes that travel no time. */
export function smallWorld(
  messages: number,
  options: NonNullable<NsqdSpec["options"]> = {},
): Omit<Scenario, "name" | "question" | "consumers" | "durationMs"> {
  return {
    seed: 1,
    recoveryMs: 60_000,
    nsqd: [{ name: "nsqd1", options: { "msg-timeout": "1s", ...options } }],
    producers: [
      {
        name: "p1",
        nsqd: ["nsqd1"],
        workload: [{ topic: "orders", startMs: START_MS, count: messages, everyMs: 0 }],
      },
    ],
    network: { latency: 0 },
  };
}

/** A fault at any moment from the first publish on. */
export const anytime = { atMs: START_MS, anytime: true } as const;
