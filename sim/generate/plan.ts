import { type Chosen, list, maybe, oneOf, record, subset, whole } from "./choices.ts";
import { familiesOf } from "./fault-kinds.ts";
import type { GeneratorLimits } from "./limits.ts";

/**
 * The space of random scenarios. A plan is small and total: processes are numbers taken modulo how many there are, times
 * are cut to the duration, so that every plan makes a valid scenario and a shrunk plan does too.
 */
export function scenarioPlan(limits: GeneratorLimits) {
  return record({
    durationMs: whole(limits.minDurationMs, limits.maxDurationMs),
    topics: whole(1, 2),
    /** The topics' names end so: they are gone when their last channel is. */
    ephemeralTopics: oneOf(false, false, false, false, false, true),
    network: record({
      latency: oneOf(
        0,
        1,
        { uniform: [1, 5] as const },
        { uniform: [0, 40] as const },
        { exponential: { meanMs: 5, maxMs: 200 } },
      ),
      fragmentBytes: oneOf(...limits.fragmentBytes),
      sendBufferBytes: oneOf(null, 65_536, 2_000),
    }),
    lookupds: list(limits.minLookupds, limits.maxLookupds, LOOKUPD),
    /** Everything waits on disk, and is synced as rarely as by default: what crashes do to files shows. */
    onDisk: oneOf(false, false, false, true),
    nsqds: list(limits.minNsqds, limits.maxNsqds, nsqdPlan(limits)),
    producers: list(limits.minProducers, limits.maxProducers, producerPlan(limits)),
    consumers: list(limits.minConsumers, limits.maxConsumers, consumerPlan(limits)),
    operationKinds: subset(OPERATION_KINDS),
    operations: list(0, 3, OPERATION),
    faultFamilies: subset(familiesOf(limits.faults)),
    faults: list(limits.minFaults, limits.maxFaults, FAULT),
    // The last: what is drawn before does not depend on it.
    application: oneOf(...limits.applications),
  });
}

const OPERATION_KINDS = ["create", "pause", "empty", "delete", "tombstone", "announce", "config"] as const;

const LOOKUPD = record({
  clockOffsetMs: oneOf(0, 0, -3_600_000, 50_000),
  inactiveProducerTimeout: oneOf(null, "20s"),
});

function nsqdPlan(limits: GeneratorLimits) {
  return record({
    profile: oneOf(...limits.profiles),
    msgTimeout: oneOf("1s", "300ms", "2s"),
    maxMsgTimeout: oneOf(null, "10s", "2s"),
    memQueueSize: oneOf(null, 100, 3, 1, 0, 0),
    maxReqTimeout: oneOf(null, "400ms"),
    maxRdyCount: oneOf(null, null, 5, 1),
    maxMsgSize: maybe(8, oneOf(1_000)),
    maxBytesPerFile: oneOf(null, 20_000, 700),
    syncEvery: oneOf(null, null, 10, 1),
    syncTimeout: oneOf(null, "100ms", "5ms"),
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
        count: whole(limits.minWorkload, limits.maxMessages),
        everyMs: oneOf(0, 1, 5, 20, 100),
        batch: oneOf(1, 1, 2, 7, 40),
        bodyBytes: oneOf(24, 64, 200, 3_000),
        delayMs: maybe(25, whole(0, 600)),
      }),
    ),
  });
}

function behaviourPlan(limits: GeneratorLimits) {
  return record({
    outcome: oneOf("fail", "throw", "requeue", "silent", "finish"),
    /** The behaviour ends after so many attempts: in the end every message is finished. */
    attempts: whole(1, 3),
    only: oneOf(...limits.exceptions),
    takeMs: oneOf(
      0,
      1,
      10,
      { uniform: [1, 50] as const },
      { exponential: { meanMs: 20, maxMs: 600 } },
      { uniform: [200, limits.slowestMs] as const },
    ),
    touchEveryMs: oneOf(null, 200, 50, 10),
    blocking: oneOf(false, false, false, true),
    requeueDelayMs: oneOf(0, 1, 100, 1_000),
  });
}

function consumerPlan(limits: GeneratorLimits) {
  return record({
    topic: whole(0, 1),
    /** How it finds nsqds, where there are nsqlookupds. */
    finds: oneOf("by-address", "by-lookupd", "both"),
    /** Which nsqlookupds: bit i is nsqlookupd i; none is all. */
    lookupds: whole(0, 3),
    channel: oneOf("ch1", "ch2", "ch3#ephemeral"),
    startMs: oneOf(0, 0, 100, 700, 2_500),
    maxInFlight: oneOf(...limits.maxInFlight),
    concurrency: oneOf(1, 2, 10),
    maxAttempts: oneOf(5, 0, 2),
    /** Per cent of the messages that it takes. */
    sampleRate: oneOf(null, null, null, null, null, null, 40),
    // nsqd refuses less than a second.
    msgTimeout: oneOf(null, "1s", "2s"),
    heartbeatInterval: oneOf(null, "1s"),
    readTimeout: oneOf("5s", "2s", "60s"),
    reconnectInterval: oneOf(...limits.pollIntervals),
    requeueDelay: oneOf("100ms", "10ms", "1s"),
    maxBackoff: oneOf("1s", "0s", "200ms"),
    backoffMultiplier: oneOf("100ms", "20ms", "1s"),
    backoffStrategy: oneOf("exponential", "full_jitter"),
    outputBuffer: oneOf(null, -1, 64),
    lowRdyIdleTimeout: oneOf("10s", "1s"),
    behaviours: list(0, 2, behaviourPlan(limits)),
    takeMs: oneOf(0, 1, { uniform: [1, 20] as const }, { uniform: [1, limits.usualMs] as const }),
    clockOffsetMs: oneOf(0, 0, 0, 50_000),
  });
}

const OPERATION = record({
  kind: whole(0, OPERATION_KINDS.length - 1),
  /** Which nsqd, and which nsqlookupd. */
  daemon: whole(0, 2),
  /** A consumer: its channel is meant, or its topic. */
  reader: whole(0, 7),
  whole: oneOf(false, true),
  /** When, as of a fault. */
  at: whole(0, 999),
  part: oneOf(1, 4, 16),
  /** How long a pause or another configuration lasts. */
  forMs: whole(10, 1_500),
});

const FAULT = record({
  family: whole(0, 59),
  kind: whole(0, 59),
  /** A process; and for a link the other end. */
  process: whole(0, 15),
  peer: whole(0, 15),
  direction: oneOf("both", "forward", "backward"),
  /** When, in thousandths of so large a part of the duration: workloads are often over early. */
  at: whole(0, 999),
  part: oneOf(1, 4, 16),
  /** By event instead of by time: after the n-th event of that kind at the process. */
  after: maybe(50, record({ event: whole(0, 7), nth: oneOf(1, 2, 3, 5, 8, 20), delayMs: whole(0, 20) })),
  /**
   * Instead: in the train of the fault before it, so long after that began, or so long after its end if it has one.
   * Troubles that come alone are survived; the second one meets a system that is recovering.
   */
  follows: maybe(
    40,
    record({ since: oneOf("begin", "end"), gapMs: oneOf(0, 1, 5, 30, 200), same: oneOf(true, false) }),
  ),
  repeat: maybe(10, record({ everyMs: oneOf(400, 50, 5), times: whole(2, 6) })),
  forMs: whole(1, 2_000),
  restartAfterMs: whole(0, 1_500),
  restartWith: maybe(
    25,
    oneOf(
      { options: { "mem-queue-size": 1 } },
      { options: { "msg-timeout": "2s", "max-rdy-count": 2 } },
      { options: { "max-bytes-per-file": 300, "sync-every": 1 } },
      { emptyDisk: true },
    ),
  ),
  graceMs: oneOf(null, 100, 0),
  powerLoss: oneOf(false, true),
  tornTail: oneOf(false, true),
  factor: oneOf(3, 30, 300),
  on: oneOf("sync", "write", "read"),
  bits: oneOf(1, 8),
  freeBytes: oneOf(0, 100, 5_000),
  /** A cut at so many bytes; null: at a command. */
  bytes: maybe(30, oneOf(5, 100, 3_000)),
  command: whole(0, 59),
  nth: oneOf(1, 2, 5, 17),
  passes: oneOf(false, true),
  bytesPerSecond: oneOf(100_000, 5_000, 200),
  ppm: oneOf(100, -100, 50_000, -50_000),
  latency: oneOf(50, { uniform: [0, 300] as const }),
  // Who publishes to an nsqd 1.3 hangs for as long as its clock goes back: within the time to recover.
  byMs: oneOf(1, -1, 5_000, -5_000, 3_600_000, -300_000),
});

export type ScenarioPlan = Chosen<ReturnType<typeof scenarioPlan>>;
export type NsqdPlan = ScenarioPlan["nsqds"][number];
export type ProducerPlan = ScenarioPlan["producers"][number];
export type ConsumerPlan = ScenarioPlan["consumers"][number];
export type BehaviourPlan = ConsumerPlan["behaviours"][number];
export type OperationPlan = ScenarioPlan["operations"][number];
export type FaultPlan = ScenarioPlan["faults"][number];
export type LookupdPlan = ScenarioPlan["lookupds"][number];
