import type { ConsumerSpec, ProducerSpec, WorkloadSpec } from "../../sim/scenario/types.ts";

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
