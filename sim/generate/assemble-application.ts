import { unreachable } from "../../core/assert.ts";
import type { BehaviourSpec, ConsumerSpec, DedupSpec, ProducerSpec, Scenario } from "../scenario/types.ts";
import { MIN_KEYED_BODY_BYTES } from "../apps/body.ts";

/** What the application around the queue is, if any: each claims what it keeps in any weather. */
export type Application = "none" | "once" | "in-order" | "dead-letters";

const STORE = "store1";
const KEYS = 3;
const DEAD_TOPIC = "dead";

/** The application of a plan, put into a scenario. */
export function withApplication(scenario: Scenario, application: Application): Scenario {
  switch (application) {
    case "once":
      return withEffects(scenario, () => "transactional", { effect: "at-most-once" });
    case "in-order": {
      const keyed = { ...scenario, producers: scenario.producers.map(withKeys) };
      const topics = new Set(keyed.producers.flatMap(({ workload }) => workload.map(({ topic }) => topic)));
      const claims = { effect: "at-most-once", order: "per-key" } as const;
      // Where nobody publishes there are no keys.
      return withEffects(keyed, ({ topic }) => (topics.has(topic) ? "versioned" : "transactional"), claims);
    }
    case "dead-letters":
      return withDeadLetters(scenario);
    case "none":
      return scenario;
    default:
      return unreachable(application);
  }
}

function withKeys(producer: ProducerSpec): ProducerSpec {
  const workload = producer.workload.map((one) => ({
    ...one,
    keys: KEYS,
    bodyBytes: Math.max(MIN_KEYED_BODY_BYTES, one.bodyBytes ?? 0),
  }));
  return { ...producer, workload };
}

function withEffects(
  scenario: Scenario,
  method: (consumer: ConsumerSpec) => DedupSpec["dedup"],
  claims: NonNullable<Scenario["claims"]>,
): Scenario {
  const consumers = scenario.consumers.map((one) => {
    if (one.handler === undefined || "use" in one.handler) return one;
    const effect: DedupSpec = { dedup: method(one), store: STORE, timeoutMs: 300 };
    return { ...one, handler: one.handler.map((behaviour) => withEffect(behaviour, effect)) };
  });
  return { ...scenario, stores: [{ name: STORE, takeMs: { uniform: [0, 3] } }], consumers, claims };
}

function withEffect(behaviour: BehaviourSpec, effect: DedupSpec): BehaviourSpec {
  const { outcome = "finish" } = behaviour;
  return outcome === "finish" || outcome === "silent" ? { ...behaviour, effect } : behaviour;
}

/** Somebody reads the dead letters: a message that nobody reads is held for good. */
function withDeadLetters(scenario: Scenario): Scenario {
  const nsqd = scenario.nsqd.map(({ name }) => name);
  const consumers = scenario.consumers.map((one, index): ConsumerSpec => {
    const deadLetter = { topic: DEAD_TOPIC, nsqd: nsqd[index % nsqd.length]!, afterAttempts: 2 };
    return { ...one, maxAttempts: 0, deadLetter };
  });
  const reader: ConsumerSpec = {
    name: `consumer${consumers.length + 1}`,
    nsqd,
    topic: DEAD_TOPIC,
    channel: "all",
    maxInFlight: 10,
    config: { lookupd_poll_interval: "1s", max_backoff_duration: "0s" },
  };
  return { ...scenario, consumers: [...consumers, reader] };
}
