import type { ClaimsSpec, DeadLetterSpec, DedupSpec } from "./application.ts";
import { duration } from "./duration.ts";
import { fields, integer, isRecord, number, pick, table, word, type Check, type Problem } from "./shape.ts";
import type { BehaviourSpec, ConsumerSpec, Scenario } from "./types.ts";

const DEDUPS: readonly DedupSpec["dedup"][] = ["check-first", "mark-after", "transactional", "versioned"];
const ORDERS: readonly NonNullable<DeadLetterSpec["order"]>[] = ["publish-first", "finish-first"];
const LEVELS = ["once", "at-least-once", "at-most-once"];
/** go-nsq's. */
const DEFAULT_MAX_ATTEMPTS = 5;

const level = word(LEVELS, "a claim");

/** The shape of `claims`. */
export const claimsShape: Check = fields(
  {},
  {
    effect: pick((value) => (isRecord(value) ? table(level, null, "") : level), ""),
    order: word(["per-key"], "an order"),
  },
);

/** The shape of a store. */
export function storeShape(name: Check): Check {
  return fields({ name }, { takeMs: duration, remembers: integer(1) });
}

/** The shape of a behaviour's `effect`; `stores` are the names of the scenario's stores. */
export function effectShape(stores: readonly string[]): Check {
  const dedup = fields(
    { dedup: word(DEDUPS, "a method"), store: word(stores, "a store of the scenario") },
    { timeoutMs: number(0.001) },
  );
  return pick((value) => (value === true ? () => {} : isRecord(value) ? dedup : null), "true, or { dedup, store }");
}

/** The shape of a consumer's `deadLetter`. */
export function deadLetterShape(nsqds: readonly string[], topic: Check): Check {
  return fields(
    { topic, afterAttempts: integer(1, 65_535) },
    { nsqd: word(nsqds, "an nsqd of the scenario"), order: word(ORDERS, "an order") },
  );
}

export const inOrderShape: Check = fields({ retryMs: number(0) });

/** The largest number of keys that a workload says its topic has; 1: none. */
export function keysOf(scenario: Scenario, topic: string): number {
  let keys = 1;
  for (const { workload } of scenario.producers)
    for (const one of workload) if (one.topic === topic) keys = Math.max(keys, one.keys ?? 1);
  return keys;
}

/** What no part of a scenario can know by itself. Looked at when every part has the right shape. */
export function checkApplication(scenario: Scenario, problems: Problem[]): void {
  for (const [producer, { workload }] of scenario.producers.entries())
    for (const [index, { topic, keys }] of workload.entries())
      if (keys !== undefined && keys !== keysOf(scenario, topic)) {
        const expected = `${keysOf(scenario, topic)}, as in another workload of the topic`;
        problems.push({ path: `producers[${producer}].workload[${index}].keys`, value: keys, expected });
      }
  for (const [index, consumer] of scenario.consumers.entries())
    checkConsumer(scenario, consumer, `consumers[${index}]`, problems);
  checkClaims(scenario, scenario.claims ?? {}, problems);
}

function checkConsumer(scenario: Scenario, consumer: ConsumerSpec, path: string, problems: Problem[]): void {
  const { deadLetter, handler, inOrder, topic } = consumer;
  const behaviours = handler === undefined || "use" in handler ? [] : handler;
  const isKeyed = scenario.producers.some(({ workload }) => workload.some((one) => one.topic === topic && one.keys));
  const keyed = `keys in a workload of the topic ${topic}`;
  if (inOrder !== undefined && !isKeyed) problems.push({ path: `${path}.inOrder`, value: inOrder, expected: keyed });
  if (inOrder !== undefined && handler !== undefined && "use" in handler)
    problems.push({ path: `${path}.inOrder`, value: inOrder, expected: "behaviours: a function keeps its own order" });
  if (isDue(scenario.claims) && behaviours.some(({ effect }) => effect !== undefined))
    checkEffects(behaviours, path, problems);
  for (const [index, { effect }] of behaviours.entries())
    if (effect !== undefined && effect !== true && effect.dedup === "versioned" && !isKeyed)
      problems.push({ path: `${path}.handler[${index}].effect.dedup`, value: effect.dedup, expected: keyed });
  if (deadLetter === undefined) return;
  if (deadLetter.topic === topic)
    problems.push({ path: `${path}.deadLetter.topic`, value: topic, expected: "another topic than the consumer's" });
  if (deadLetter.nsqd === undefined && consumer.nsqd.length === 0)
    problems.push({
      path: `${path}.deadLetter.nsqd`,
      value: undefined,
      expected: "an nsqd: the consumer is told none",
    });
  const limit = consumer.maxAttempts ?? DEFAULT_MAX_ATTEMPTS;
  if (limit > 0 && deadLetter.afterAttempts > limit) {
    const expected = `at most ${limit}: the client gives up before`;
    problems.push({ path: `${path}.deadLetter.afterAttempts`, value: deadLetter.afterAttempts, expected });
  }
}

/** A message that may be finished without its effect is no accident, but a handler that cannot keep the claim. */
function checkEffects(behaviours: readonly BehaviourSpec[], path: string, problems: Problem[]): void {
  for (const [index, { effect, outcome = "finish" }] of behaviours.entries()) {
    if (effect !== undefined || outcome !== "finish") continue;
    const expected = "an effect: the handler has others, and each message is claimed to have one";
    problems.push({ path: `${path}.handler[${index}].effect`, value: effect, expected });
  }
  if (behaviours.every(({ when }) => when !== undefined)) {
    const expected = "a behaviour for all other messages: each is claimed to have an effect";
    problems.push({ path: `${path}.handler`, value: behaviours, expected });
  }
}

/** Every message is claimed to have an effect. */
function isDue({ effect }: ClaimsSpec = {}): boolean {
  return effect === "once" || effect === "at-least-once";
}

function checkClaims(scenario: Scenario, claims: ClaimsSpec, problems: Problem[]): void {
  const { consumers, producers } = scenario;
  const hasEffects = consumers.some(
    ({ handler = [] }) => "use" in handler || handler.some(({ effect }) => effect !== undefined),
  );
  if (claims.effect !== undefined && !hasEffects) {
    const expected = "no such claim: no handler of the scenario has an effect";
    problems.push({ path: "claims.effect", value: claims.effect, expected });
  }
  if (claims.order !== undefined && !producers.some(({ workload }) => workload.some(({ keys }) => keys !== undefined)))
    problems.push({ path: "claims.order", value: claims.order, expected: "keys in a workload" });
}
