import { ConfigError } from "../../core/client/config.ts";
import { MIN_BODY_BYTES, MIN_KEYED_BODY_BYTES } from "../apps/body.ts";
import { consumerConfig } from "../apps/consumer.ts";
import { deadLetterShape, effectShape, inOrderShape } from "./claims.ts";
import { duration } from "./duration.ts";
import {
  fields,
  flag,
  integer,
  isRecord,
  list,
  number,
  pick,
  refine,
  table,
  text,
  word,
  type Check,
  type Problem,
} from "./shape.ts";
import type { BehaviourSpec, ConsumerSpec, WorkloadSpec } from "./types.ts";

const NAME = /^(?=.{1,64}$)[.a-zA-Z0-9_-]+(#ephemeral)?$/;
const OUTCOMES = ["finish", "fail", "throw", "requeue", "silent"];
/** Largest body: NSQ's frames have 31-bit sizes; a scenario has no use for more than this. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

export const processName = text(/^[A-Za-z][A-Za-z0-9._-]*$/, "a name: a letter, then letters, digits, dots and dashes");
export const topicName = text(NAME, "a topic name: 1 to 64 of . a-z A-Z 0-9 _ -, and perhaps #ephemeral");
export const channelName = text(NAME, "a channel name: 1 to 64 of . a-z A-Z 0-9 _ -, and perhaps #ephemeral");
export const setting = pick(
  (value) => (typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? () => {} : null),
  "a string, a number, true or false",
);

const ms = number(0);
const clockOffsetMs = number(-Number.MAX_SAFE_INTEGER);

const workload = refine(
  fields(
    { topic: topicName, count: integer(1, 100_000_000), everyMs: ms },
    {
      startMs: ms,
      batch: integer(1, 1_000_000),
      bodyBytes: integer(MIN_BODY_BYTES, MAX_BODY_BYTES),
      delayMs: ms,
      keys: integer(1),
    },
  ),
  ({ batch, bodyBytes = MIN_KEYED_BODY_BYTES, delayMs, keys }: WorkloadSpec, path, problems) => {
    if (keys !== undefined && bodyBytes < MIN_KEYED_BODY_BYTES)
      problems.push({
        path: `${path}.bodyBytes`,
        value: bodyBytes,
        expected: `at least ${MIN_KEYED_BODY_BYTES}, with keys`,
      });
    if ((batch ?? 1) > 1 && delayMs !== undefined)
      problems.push({ path: `${path}.delayMs`, value: delayMs, expected: "no delay: NSQ has no deferred MPUB" });
  },
);

const retry = fields({ onError: flag, onUnknown: flag, delayMs: ms, limit: integer(1) });

/** The shape of a producer; `nsqds` are the names of the scenario's nsqds. */
export function producerShape(nsqds: readonly string[]): Check {
  return fields(
    { name: processName, nsqd: list(word(nsqds, "an nsqd of the scenario"), 1), workload: list(workload) },
    { retry, clockOffsetMs },
  );
}

const attempts = pick(
  (value) => (typeof value === "number" ? integer(1) : isRecord(value) ? attemptsRange : null),
  "a number of deliveries, or { min, max }",
);

const attemptsRange = refine(
  fields({}, { min: integer(1), max: integer(1) }),
  ({ min, max }: { readonly min?: number; readonly max?: number }, path, problems) => {
    if (min !== undefined && max !== undefined && min > max)
      problems.push({ path, value: { min, max }, expected: "min no greater than max" });
  },
);

function behaviourShape(stores: readonly string[]): Check {
  const shape = fields(
    {},
    {
      when: fields({}, { attempts, everyNth: integer(1), messages: list(integer(1), 1), percent: number(0, 100) }),
      takeMs: duration,
      touchEveryMs: number(0.001),
      blocking: flag,
      outcome: word(OUTCOMES, "an outcome"),
      requeueDelayMs: ms,
      effect: effectShape(stores),
    },
  );
  return refine(shape, ({ effect, outcome = "finish", requeueDelayMs }: BehaviourSpec, path, problems) => {
    if (requeueDelayMs !== undefined && outcome !== "requeue")
      problems.push({ path: `${path}.requeueDelayMs`, value: requeueDelayMs, expected: 'outcome "requeue" with it' });
    if (effect === true && outcome !== "finish" && outcome !== "silent")
      problems.push({ path: `${path}.effect`, value: effect, expected: 'outcome "finish" or "silent" with it' });
  });
}

function handlerShape(stores: readonly string[]): Check {
  return pick((value) => {
    if (Array.isArray(value)) return list(behaviourShape(stores));
    return isRecord(value) ? fields({ use: text(/./, "the name of a handler function") }) : null;
  }, "a list of behaviours, or { use: name }");
}

/** Names that a consumer may use, as the scenario has them. */
interface ConsumerNames {
  readonly nsqds: readonly string[];
  readonly lookupds: readonly string[];
  readonly stores: readonly string[];
}

/** The shape of a consumer. */
export function consumerShape({ nsqds, lookupds, stores }: ConsumerNames): Check {
  const shape = fields(
    {
      name: processName,
      nsqd: list(word(nsqds, "an nsqd of the scenario")),
      topic: topicName,
      channel: channelName,
    },
    {
      lookupd: list(word(lookupds, "an nsqlookupd of the scenario")),
      startMs: ms,
      maxInFlight: integer(0),
      concurrency: integer(1),
      maxAttempts: integer(0, 65_535),
      config: table(setting, null, ""),
      handler: handlerShape(stores),
      deadLetter: deadLetterShape(nsqds, topicName),
      inOrder: inOrderShape,
      clockOffsetMs,
    },
  );
  return refine(shape, (spec: ConsumerSpec, path, problems) => {
    if (spec.nsqd.length === 0 && (spec.lookupd ?? []).length === 0)
      problems.push({ path: `${path}.nsqd`, value: spec.nsqd, expected: "at least 1 in the list, or some in lookupd" });
    checkConfig(spec, path, problems);
  });
}

function checkConfig(spec: ConsumerSpec, path: string, problems: Problem[]): void {
  try {
    const config = consumerConfig(spec);
    if (config.heartbeatInterval < 0)
      throw new ConfigError("heartbeat_interval", -1, "heartbeats: nsqd refuses a consumer without");
    if (config.tlsV1) throw new ConfigError("tls_v1", true, "no TLS: there is none in a scenario");
    if (config.deflate) throw new ConfigError("deflate", true, "snappy, if any: there is no deflate in a scenario");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push({ path: `${path}.config.${error.setting}`, value: error.value, expected: error.expected });
  }
}
