import type { Scenario } from "../../sim/scenario/types.ts";

/** Every topic of a scenario. */
export function topicsOf(scenario: Scenario): ReadonlySet<string> {
  return new Set([
    ...scenario.consumers.flatMap(({ topic, deadLetter }) => [topic, ...(deadLetter ? [deadLetter.topic] : [])]),
    ...scenario.producers.flatMap((producer) => producer.workload.map((workload) => workload.topic)),
    ...(scenario.operations ?? []).flatMap((operation) => ("topic" in operation ? [operation.topic] : [])),
  ]);
}

/**
 * The scenario with topics of its own: an nsqd that is not ours may have one of the same name, with messages that are
 * none of our business.
 */
export function withOwnTopics(scenario: Scenario, suffix: string): Scenario {
  const own = (topic: string): string => {
    const isEphemeral = topic.endsWith("#ephemeral");
    return isEphemeral ? `${topic.slice(0, -"#ephemeral".length)}${suffix}#ephemeral` : `${topic}${suffix}`;
  };
  return {
    ...scenario,
    producers: scenario.producers.map((producer) => ({
      ...producer,
      workload: producer.workload.map((workload) => ({ ...workload, topic: own(workload.topic) })),
    })),
    consumers: scenario.consumers.map(({ deadLetter, ...consumer }) => ({
      ...consumer,
      topic: own(consumer.topic),
      ...(deadLetter !== undefined && { deadLetter: { ...deadLetter, topic: own(deadLetter.topic) } }),
    })),
    ...(scenario.operations !== undefined && {
      operations: scenario.operations.map((operation) =>
        "topic" in operation ? { ...operation, topic: own(operation.topic) } : operation,
      ),
    }),
  };
}
