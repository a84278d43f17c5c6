import type { FaultAction, OperationSpec, ProfileName } from "../scenario/types.ts";
import { type Chosen, list, maybe, oneOf, record, subset, whole } from "./choices.ts";

/**
 * The space of random scenarios. A plan is small and total: processes are numbers taken modulo how many there are, times
 * are cut to the duration, so that every plan makes a valid scenario and a shrunk plan does too.
 */
export function scenarioPlan(limits: GeneratorLimits) {
  return record({
    durationMs: whole(200, limits.maxDurationMs),
    topics: whole(1, 2),
    network: record({
      latency: oneOf(
        0,
        1,
        { uniform: [1, 5] as const },
        { uniform: [0, 40] as const },
        { exponential: { meanMs: 5, maxMs: 200 } },
      ),
      fragmentBytes: oneOf(null, 1000, 17, 1),
      sendBufferBytes: oneOf(null, 65_536, 2_000),
    }),
    nsqds: list(1, limits.maxNsqds, nsqdPlan(limits)),
    producers: list(1, 2, producerPlan(limits)),
    consumers: list(1, limits.maxConsumers, CONSUMER),
    operationKinds: subset(OPERATION_KINDS),
    operations: list(0, 3, OPERATION),
    faultKinds: subset(limits.faults),
    faults: list(0, limits.maxFaults, FAULT),
  });
}

/** How far a generated scenario may go. */
export interface GeneratorLimits {
  readonly maxDurationMs: number;
  readonly maxNsqds: number;
  readonly maxConsumers: number;
  readonly maxFaults: number;
  /** Messages of the whole scenario; batches are not torn. */
  readonly maxMessages: number;
  readonly profiles: readonly ProfileName[];
  /** Kinds of faults that may occur; each scenario draws a subset of its own. */
  readonly faults: readonly FaultKind[];
}

export type FaultKind = FaultAction["kind"];

/** Every kind, the gentlest first: shrinking tends to it. */
export const FAULT_KINDS: readonly FaultKind[] = [
  "latency",
  "stall",
  "pause",
  "block",
  "reset",
  "partition",
  "cut",
  "half-open",
  "stop",
  "kill",
  "clock-step",
];

export const DEFAULT_LIMITS: GeneratorLimits = {
  maxDurationMs: 6_000,
  maxNsqds: 3,
  maxConsumers: 5,
  maxFaults: 6,
  maxMessages: 120,
  profiles: ["exact", "nsqd-1.3"],
  faults: FAULT_KINDS,
};

const OPERATION_KINDS: readonly OperationSpec["do"][] = ["create", "pause", "empty", "delete"];

function nsqdPlan(limits: GeneratorLimits) {
  return record({
    profile: oneOf(...limits.profiles),
    msgTimeout: oneOf("1s", "300ms", "5s"),
    maxMsgTimeout: oneOf(null, "10s", "6s"),
    memQueueSize: oneOf(null, 100, 3, 1),
    maxReqTimeout: oneOf(null, "400ms"),
    outputBufferTimeout: oneOf(null, "25ms", "1ms"),
    clockOffsetMs: oneOf(0, 0, -86_400_000, 3_600_000),
  });
}

function producerPlan(limits: GeneratorLimits) {
  return record({
    /** Which nsqds: bit i is nsqd i; none is all. */
    nsqds: whole(0, 7),
    retry: maybe(60, record({ onError: oneOf(true, false), onUnknown: oneOf(true, false), delayMs: whole(0, 500) })),
    workloads: list(
      1,
      2,
      record({
        /** A consumer: the workload writes what it reads. */
        reader: whole(0, 7),
        startMs: whole(0, 500),
        count: whole(1, limits.maxMessages),
        everyMs: oneOf(0, 1, 5, 20, 100),
        batch: oneOf(1, 1, 2, 7, 40),
        bodyBytes: oneOf(24, 64, 200, 3_000),
        delayMs: maybe(25, whole(0, 1_500)),
      }),
    ),
  });
}

const BEHAVIOUR = record({
  outcome: oneOf("fail", "throw", "requeue", "silent", "finish"),
  /** The behaviour ends after so many attempts: in the end every message is finished. */
  attempts: whole(1, 3),
  only: oneOf("all", "every-3rd", "every-7th", "half", "rarely"),
  takeMs: oneOf(
    0,
    1,
    10,
    { uniform: [1, 50] as const },
    { exponential: { meanMs: 20, maxMs: 600 } },
    { uniform: [200, 1_500] as const },
  ),
  touchEveryMs: oneOf(null, 50, 200),
  blocking: oneOf(false, false, false, true),
  requeueDelayMs: oneOf(0, 1, 100, 1_000),
});

const CONSUMER = record({
  topic: whole(0, 1),
  channel: oneOf("ch1", "ch2", "ch3#ephemeral"),
  startMs: oneOf(0, 0, 100, 700),
  maxInFlight: oneOf(1, 2, 5, 50, 2_500),
  concurrency: oneOf(1, 2, 10),
  maxAttempts: oneOf(5, 0, 2),
  // nsqd refuses less than a second.
  msgTimeout: oneOf(null, "1s", "2s"),
  heartbeatInterval: oneOf(null, "1s"),
  readTimeout: oneOf("5s", "2s", "60s"),
  reconnectInterval: oneOf("200ms", "50ms", "2s"),
  requeueDelay: oneOf("100ms", "10ms", "1s"),
  maxBackoff: oneOf("1s", "0s", "200ms"),
  backoffMultiplier: oneOf("100ms", "20ms", "1s"),
  backoffStrategy: oneOf("exponential", "full_jitter"),
  outputBuffer: oneOf(null, -1, 64),
  lowRdyIdleTimeout: oneOf("10s", "1s"),
  behaviours: list(0, 2, BEHAVIOUR),
  takeMs: oneOf(0, 1, { uniform: [1, 20] as const }),
  clockOffsetMs: oneOf(0, 0, 0, 50_000),
});

const OPERATION = record({
  kind: whole(0, 3),
  nsqd: whole(0, 2),
  /** A consumer: its channel is meant, or its topic. */
  reader: whole(0, 7),
  whole: oneOf(false, true),
  atMs: whole(1, 4_000),
  /** How long a pause lasts. */
  forMs: whole(10, 1_500),
});

const FAULT = record({
  kind: whole(0, FAULT_KINDS.length - 1),
  /** A process; and for a link the other end. */
  process: whole(0, 15),
  peer: whole(0, 15),
  direction: oneOf("both", "forward", "backward"),
  atMs: whole(0, 6_000),
  /** By event instead of by time: after the n-th event of that kind at the process. */
  after: maybe(35, record({ event: whole(0, 7), nth: whole(1, 40), delayMs: whole(0, 20) })),
  forMs: whole(1, 2_000),
  restartAfterMs: whole(0, 1_500),
  powerLoss: oneOf(false, false, true),
  latency: oneOf(50, { uniform: [0, 300] as const }),
  byMs: oneOf(1, -1, 5_000, -5_000, 3_600_000, -3_600_000),
});

export type ScenarioPlan = Chosen<ReturnType<typeof scenarioPlan>>;
export type NsqdPlan = ScenarioPlan["nsqds"][number];
export type ProducerPlan = ScenarioPlan["producers"][number];
export type ConsumerPlan = ScenarioPlan["consumers"][number];
export type BehaviourPlan = ConsumerPlan["behaviours"][number];
export type OperationPlan = ScenarioPlan["operations"][number];
export type FaultPlan = Chosen<typeof FAULT>;
