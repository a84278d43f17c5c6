import type {
  BehaviourSpec,
  ConsumerSpec,
  NsqdSpec,
  NsqlookupdSpec,
  ProducerSpec,
  Scenario,
  WorkloadSpec,
} from "../scenario/types.ts";
import { withApplication } from "./assemble-application.ts";
import { assembleFaults } from "./assemble-fault.ts";
import { assembleOperation } from "./assemble-operation.ts";
import { at } from "./at.ts";
import type { BehaviourPlan, ConsumerPlan, LookupdPlan, NsqdPlan, ProducerPlan, ScenarioPlan } from "./plan.ts";

/**
 * Long enough for the worst that a plan can ask for: a consumer in backoff tries one message per second, or per ten when it
 * asks an nsqd that has none, and may have to fail each three times. A run ends when it is at rest; idle virtual time is
 * free.
 */
const RECOVERY_MS = 3 * 3_600_000;

/** The scenario of a plan: total, so that every plan is a valid scenario. */
export function assembleScenario(plan: ScenarioPlan, seed: number, maxMessages: number): Scenario {
  const nsqlookupd = plan.lookupds.map(assembleLookupd);
  const lookupds = nsqlookupd.map((one) => one.name);
  const nsqd = plan.nsqds.map((one, index) =>
    assembleNsqd(plan.onDisk ? { ...one, ...ON_DISK } : one, index, lookupds),
  );
  const names = nsqd.map((one) => one.name);
  const consumers = plan.consumers.map((one, index) => assembleConsumer(one, index, { names, lookupds, plan }));
  const producers = assembleProducers(plan, names, consumers, maxMessages);
  const operations = plan.operationKinds.length === 0 ? [] : plan.operations;
  const { network } = plan;
  const calm: Scenario = {
    name: `random-${seed}`,
    question: "Does every property hold in weather drawn from a seed?",
    seed,
    durationMs: plan.durationMs,
    recoveryMs: RECOVERY_MS,
    nsqlookupd,
    nsqd,
    producers,
    consumers,
    operations: operations.flatMap((one) => assembleOperation(one, plan, { nsqd, lookupds, consumers })),
    network: {
      latency: network.latency,
      ...present("fragmentBytes", network.fragmentBytes),
      ...present("sendBufferBytes", network.sendBufferBytes),
    },
  };
  const whole = withApplication(calm, plan.application);
  return { ...whole, faults: assembleFaults(plan, whole) };
}

/** A property when there is a value, no property when there is none. */
function present<K extends string, V>(name: K, value: V | null): { readonly [P in K]?: V } {
  return value === null ? {} : ({ [name]: value } as { readonly [P in K]?: V });
}

function assembleLookupd(plan: LookupdPlan, index: number): NsqlookupdSpec {
  return {
    name: `nsqlookupd${index + 1}`,
    options: present("inactive-producer-timeout", plan.inactiveProducerTimeout),
    ...(plan.clockOffsetMs === 0 ? {} : { clockOffsetMs: plan.clockOffsetMs }),
  };
}

const ON_DISK = { memQueueSize: 0, syncEvery: null, syncTimeout: null } as const;

function assembleNsqd(plan: NsqdPlan, index: number, lookupds: readonly string[]): NsqdSpec {
  return {
    name: `nsqd${index + 1}`,
    profile: plan.profile,
    options: {
      "msg-timeout": plan.msgTimeout,
      ...present("max-msg-timeout", plan.maxMsgTimeout),
      ...present("mem-queue-size", plan.memQueueSize),
      ...present("max-req-timeout", plan.maxReqTimeout),
      ...present("max-rdy-count", plan.maxRdyCount),
      ...present("max-msg-size", plan.maxMsgSize),
      ...present("max-bytes-per-file", plan.maxBytesPerFile),
      ...present("sync-every", plan.syncEvery),
      ...present("sync-timeout", plan.syncTimeout),
      ...present("output-buffer-timeout", plan.outputBufferTimeout),
      ...(plan.outputBufferTimeout === null ? {} : { "min-output-buffer-timeout": "1ms" }),
    },
    // All of them: a consumer may ask any one of them.
    ...(lookupds.length === 0 ? {} : { lookupd: lookupds }),
    ...(plan.clockOffsetMs === 0 ? {} : { clockOffsetMs: plan.clockOffsetMs }),
  };
}

/** The names whose bit is set; all when none is. */
function chosen(mask: number, names: readonly string[]): string[] {
  const some = names.filter((_, index) => (mask & (1 << index)) !== 0);
  return some.length === 0 ? [...names] : some;
}

function assembleProducers(
  plan: ScenarioPlan,
  names: readonly string[],
  consumers: readonly ConsumerSpec[],
  maxMessages: number,
): ProducerSpec[] {
  let left = maxMessages;
  return plan.producers.map((one, index) => {
    const workload = one.workloads.map((work) => {
      const room = Math.max(1, Math.min(work.count, left, messagesWithin(work.everyMs, work.batch, plan.durationMs)));
      left -= room;
      return assembleWorkload(work, { count: room, topic: at(consumers, work.reader).topic, plan });
    });
    return {
      name: `producer${index + 1}`,
      nsqd: chosen(one.nsqds, names),
      workload,
      ...(one.retry === null ? {} : { retry: { ...one.retry, limit: 3 } }),
    };
  });
}

function messagesWithin(everyMs: number, batch: number, durationMs: number): number {
  return everyMs === 0 ? Number.MAX_SAFE_INTEGER : Math.max(1, Math.floor((durationMs / everyMs) * batch));
}

interface WorkloadNeeds {
  readonly count: number;
  readonly topic: string;
  readonly plan: ScenarioPlan;
}

/** Largest body that is worth sending in so small pieces: each of them costs an event. */
function largestBody(fragmentBytes: number | null): number {
  return fragmentBytes === null ? Infinity : fragmentBytes * 64;
}

function assembleWorkload(
  work: ProducerPlan["workloads"][number],
  { count, topic, plan }: WorkloadNeeds,
): WorkloadSpec {
  // There is no MPUB with a delay: a delayed workload has no batches.
  const batch = work.delayMs === null ? Math.min(work.batch, count) : 1;
  return {
    topic,
    startMs: Math.min(work.startMs, plan.durationMs - 1),
    count,
    everyMs: work.everyMs,
    bodyBytes: Math.min(work.bodyBytes, largestBody(plan.network.fragmentBytes)),
    ...(batch === 1 ? {} : { batch }),
    ...present("delayMs", work.delayMs),
  };
}

const SLOWEST_HEARTBEAT = { "60s": "30s", "5s": "2s", "2s": "1s" } as const;

/** What a consumer needs to know of the rest of the scenario. */
interface Surroundings {
  readonly names: readonly string[];
  readonly lookupds: readonly string[];
  readonly plan: ScenarioPlan;
}

function assembleConsumer(plan: ConsumerPlan, index: number, around: Surroundings): ConsumerSpec {
  const { names, lookupds } = around;
  const finds = lookupds.length === 0 ? "by-address" : plan.finds;
  const { topics, ephemeralTopics } = around.plan;
  return {
    name: `consumer${index + 1}`,
    // All: a message on an nsqd that no consumer reads would be held for good.
    nsqd: finds === "by-lookupd" ? [] : names,
    ...(finds === "by-address" ? {} : { lookupd: chosen(plan.lookupds, lookupds) }),
    topic: `topic${(plan.topic % topics) + 1}${ephemeralTopics ? "#ephemeral" : ""}`,
    channel: plan.channel,
    startMs: plan.startMs,
    maxInFlight: plan.maxInFlight,
    concurrency: plan.concurrency,
    maxAttempts: plan.maxAttempts,
    config: {
      ...present("msg_timeout", plan.msgTimeout),
      ...present("sample_rate", plan.sampleRate),
      // A read timeout shorter than the heartbeat is refused by go-nsq; one as long breaks every idle connection.
      heartbeat_interval: plan.heartbeatInterval ?? SLOWEST_HEARTBEAT[plan.readTimeout],
      read_timeout: plan.readTimeout,
      lookupd_poll_interval: plan.reconnectInterval,
      default_requeue_delay: plan.requeueDelay,
      max_backoff_duration: plan.maxBackoff,
      backoff_multiplier: plan.backoffMultiplier,
      backoff_strategy: plan.backoffStrategy,
      low_rdy_idle_timeout: plan.lowRdyIdleTimeout,
      ...(plan.outputBuffer === null ? {} : outputBuffer(plan.outputBuffer)),
    },
    handler: [...plan.behaviours.map(assembleBehaviour), { takeMs: plan.takeMs }],
    ...(plan.clockOffsetMs === 0 ? {} : { clockOffsetMs: plan.clockOffsetMs }),
  };
}

/** -1 turns buffering off, which go-nsq wants said twice. */
function outputBuffer(bytes: number): Readonly<Record<string, number>> {
  return bytes === -1 ? { output_buffer_size: -1, output_buffer_timeout: -1 } : { output_buffer_size: bytes };
}

function assembleBehaviour(plan: BehaviourPlan): BehaviourSpec {
  const which: Readonly<Record<BehaviourPlan["only"], object>> = {
    all: {},
    "every-3rd": { everyNth: 3 },
    "every-7th": { everyNth: 7 },
    "every-97th": { everyNth: 97 },
    half: { percent: 50 },
    rarely: { percent: 5 },
    seldom: { percent: 1 },
  };
  return {
    when: { attempts: { max: plan.attempts }, ...which[plan.only] },
    takeMs: plan.takeMs,
    outcome: plan.outcome,
    ...present("touchEveryMs", plan.touchEveryMs),
    ...(plan.blocking ? { blocking: true } : {}),
    ...(plan.outcome === "requeue" ? { requeueDelayMs: plan.requeueDelayMs } : {}),
  };
}
