import type {
  ConsumerSpec,
  DeadLetterSpec,
  DedupSpec,
  ProducerSpec,
  Scenario,
  WorkloadSpec,
} from "../../sim/scenario/types.ts";

/** The topic of every scenario of the catalogue. */
export const TOPIC = "orders";

/**
 * The catalogue's standard consumer: max-in-flight 10, a handler of 20 ms, go-nsq's defaults for the rest.
 *
 * One setting differs. A go-nsq consumer that finds its nsqds through nsqlookupd asks again at once when it loses one;
 * a consumer with fixed addresses waits a whole `lookupd_poll_interval` (60 s). One second stands in for the former.
 */
export function standardConsumer(
  name: string,
  channel: string,
  changes: Partial<Omit<ConsumerSpec, "name" | "channel">> = {},
): ConsumerSpec {
  return {
    name,
    nsqd: ["nsqd1"],
    topic: TOPIC,
    channel,
    maxInFlight: 10,
    handler: [{ takeMs: 20 }],
    ...changes,
    config: { lookupd_poll_interval: "1s", ...changes.config },
  };
}

/**
 * The catalogue's standard producer: 100 messages a second to `nsqd1`. It begins after two seconds, when every
 * consumer of the scenario has subscribed, even one that came before nsqd listened and had to try again: a message
 * published earlier would never reach a channel that is created later.
 */
export function standardProducer(
  count: number,
  workload: Partial<Omit<WorkloadSpec, "count">> = {},
  changes: Partial<Omit<ProducerSpec, "workload">> = {},
): ProducerSpec {
  return {
    name: "p1",
    nsqd: ["nsqd1"],
    ...changes,
    workload: [{ topic: TOPIC, startMs: 2_000, count, everyMs: 10, ...workload }],
  };
}

/**
 * A consumer of orders that charges a card for each, with a store that knows which are done. One handler in twenty fails
 * before it charges; then the order comes again at once, without backoff.
 */
export function chargingConsumer(name: string, dedup: DedupSpec["dedup"]): ConsumerSpec {
  const effect: DedupSpec = { dedup, store: "redis" };
  return standardConsumer(name, "billing", {
    handler: [
      { when: { percent: 5, attempts: 1 }, takeMs: 20, outcome: "fail", effect },
      { takeMs: 20, effect },
    ],
    config: { msg_timeout: "2s", max_backoff_duration: "0s", default_requeue_delay: "100ms" },
  });
}

/**
 * 600 orders, two consumers that charge cards, and what befalls them: three times `c1` loses its store for 1.5 s right
 * after a charge, once it dies, and once the store answers nobody for two seconds.
 */
export function chargingWorld(): Omit<Scenario, "name" | "question" | "seed" | "consumers"> {
  return {
    durationMs: 10_000,
    recoveryMs: 20_000,
    nsqd: [{ name: "nsqd1" }],
    stores: [{ name: "redis", takeMs: 1 }],
    producers: [standardProducer(600)],
    claims: { effect: "once" },
    faults: [
      {
        trigger: { after: { kind: "effect", process: "c1", nth: 40 }, repeat: { times: 3 } },
        do: { kind: "partition", link: ["c1", "redis"], forMs: 1_500 },
      },
      { trigger: { atMs: 6_000 }, do: { kind: "kill", process: "c1", restartAfterMs: 100 } },
      { trigger: { atMs: 7_000 }, do: { kind: "pause", process: "redis", forMs: 2_000 } },
    ],
  };
}

/** A consumer of orders, one in ten of which nobody can handle: at the third attempt it puts them aside. */
export function deadLetterConsumer(name: string, order: NonNullable<DeadLetterSpec["order"]>): ConsumerSpec {
  return standardConsumer(name, "billing", {
    maxAttempts: 0,
    handler: [{ when: { everyNth: 10 }, takeMs: 20, outcome: "fail" }, { takeMs: 20 }],
    deadLetter: { topic: "orders-dead", nsqd: "nsqd2", afterAttempts: 3, order },
    config: { max_backoff_duration: "0s", default_requeue_delay: "200ms" },
  });
}

/** 500 orders; dead letters go to an nsqd of their own, which is down for three seconds, and somebody reads them. */
export const DEAD_LETTER_WORLD = {
  durationMs: 10_000,
  recoveryMs: 30_000,
  nsqd: [{ name: "nsqd1" }, { name: "nsqd2" }],
  producers: [standardProducer(500)],
  consumers: [standardConsumer("d1", "desk", { nsqd: ["nsqd2"], topic: "orders-dead" })],
  faults: [{ trigger: { atMs: 4_000 }, do: { kind: "stop", process: "nsqd2", restartAfterMs: 3_000 } }],
  expect: {
    duplicates: { requeue: { min: 90 }, "broker-restart": { min: 0 } },
    unknownPublishes: { max: 1 },
    faultsFired: 1,
  },
} as const satisfies Partial<Scenario>;

/** 300 orders of four customers, some of which are lost on their way to nsqd, and the claim that their order is kept. */
export function ordersWithKeys(): Omit<Scenario, "name" | "question" | "seed" | "consumers"> {
  return {
    durationMs: 8_000,
    recoveryMs: 5_000,
    nsqd: [{ name: "nsqd1" }],
    producers: [standardProducer(300, { keys: 4 })],
    claims: { order: "per-key" },
    faults: [{ trigger: { atMs: 4_000 }, do: { kind: "cut", link: ["p1", "nsqd1"], direction: "forward", forMs: 15 } }],
  };
}
