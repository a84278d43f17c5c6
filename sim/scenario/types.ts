import type { ClaimsSpec, DeadLetterSpec, DedupSpec, InOrderSpec, StoreSpec } from "./application.ts";
import type { ExhaustSpec } from "./exhaust.ts";
import type { FaultAction } from "./fault-action.ts";
import type { OperationSpec } from "./operation.ts";

export type * from "./application.ts";
export type { ExhaustSpec } from "./exhaust.ts";
export type { FaultAction } from "./fault-action.ts";
export type { NsqdOperation, OperationSpec } from "./operation.ts";

/**
 * A scenario is data: JSON-serialisable, complete, self-describing. A seed generates scenarios; what is run, shrunk,
 * stored, shared and replayed is always a scenario. Times are milliseconds of virtual time from the start of the run.
 */

export interface Scenario {
  /** Named for what happens, kebab case: `consumer-crash-mid-handler`. */
  readonly name: string;
  /** Number in the catalogue of scenarios, such as `S02`. */
  readonly catalogue?: string;
  /** The question the run answers, one sentence. */
  readonly question: string;
  /** What a real nsqd and its clients do here, one or two sentences. */
  readonly answer?: string;
  /** Names every random stream of the run. */
  readonly seed: number;
  /** Faults are active and workloads run until then. */
  readonly durationMs: number;
  /** After `durationMs` every fault is healed; then every surviving message must be finished within this time (P17). */
  readonly recoveryMs: number;
  readonly nsqd: readonly NsqdSpec[];
  /** Directories where nsqds register and consumers find them. */
  readonly nsqlookupd?: readonly NsqlookupdSpec[];
  readonly producers: readonly ProducerSpec[];
  readonly consumers: readonly ConsumerSpec[];
  /** Services that handlers use. Default: none. */
  readonly stores?: readonly StoreSpec[];
  /** What the application promises. Default: nothing, so that nothing of it is judged. */
  readonly claims?: ClaimsSpec;
  /** Commands of an operator, sent over HTTP. */
  readonly operations?: readonly OperationSpec[];
  readonly network?: NetworkSpec;
  readonly faults?: readonly FaultSpec[];
  /** Leaves open what happens next: see `nsqlab exhaust`. Default: latencies, times and the seed decide. */
  readonly exhaust?: ExhaustSpec;
  /** The properties that are judged; default: all that nsqlab has. */
  readonly oracles?: readonly PropertyId[];
  readonly expect?: Expectations;
}

export interface NsqdSpec {
  /** Process name, also its host name on the network: `nsqd1`. */
  readonly name: string;
  /** Timing policy. Default `exact`. */
  readonly profile?: ProfileName;
  /** nsqd options that differ from the defaults, flag spelling: `{ "mem-queue-size": 100, "msg-timeout": "60s" }`. */
  readonly options?: Readonly<Record<string, string | number | boolean>>;
  /** Names of the nsqlookupds it registers with. Default: none. */
  readonly lookupd?: readonly string[];
  /** Wall clock minus true time. Default 0. */
  readonly clockOffsetMs?: number;
}

export interface NsqlookupdSpec {
  /** Process name, also its host name on the network: `nsqlookupd1`. */
  readonly name: string;
  /** nsqlookupd options that differ from the defaults, flag spelling: `{ "inactive-producer-timeout": "1m" }`. */
  readonly options?: Readonly<Record<string, string | number | boolean>>;
  readonly clockOffsetMs?: number;
}

/**
 * `exact`: timers fire at their instant, and the disk queue has none of go-diskqueue's flaws. `nsqd-1.3`: the Go daemon's
 * 100 ms lottery scan and 5 s channel refresh, delays lost on disk, state lost by a kill before the first sync.
 */
export type ProfileName = "exact" | "nsqd-1.3";

export interface ProducerSpec {
  readonly name: string;
  /** Names of the nsqds it publishes to. Several: round robin, each message to one. */
  readonly nsqd: readonly string[];
  readonly workload: readonly WorkloadSpec[];
  /** What to do when a publish fails or its outcome is unknown. Default: nothing. */
  readonly retry?: RetrySpec;
  readonly clockOffsetMs?: number;
}

export interface WorkloadSpec {
  readonly topic: string;
  /** When the first publish happens. Default 0. */
  readonly startMs?: number;
  /** Number of messages. */
  readonly count: number;
  /** Time between two publishes; 0 sends everything at once, pipelined. */
  readonly everyMs: number;
  /** Messages of one MPUB. Default 1: PUB. */
  readonly batch?: number;
  /** Body size. Default 64, minimum 24: each body carries the number of its message. */
  readonly bodyBytes?: number;
  /** Publish with this delay (DPUB). Default: PUB. */
  readonly delayMs?: number;
  /**
   * Each message belongs to one of so many keys: its number modulo this, a retry to that of the first publish. The body
   * names the message before it of the same key. Default: no keys.
   */
  readonly keys?: number;
}

export interface RetrySpec {
  /** Retry when the outcome is an error frame. */
  readonly onError: boolean;
  /** Retry when the outcome is unknown (connection lost). Each retry is a new message to the broker. */
  readonly onUnknown: boolean;
  readonly delayMs: number;
  /** Retries of one message. */
  readonly limit: number;
}

export interface ConsumerSpec {
  readonly name: string;
  /** Names of the nsqds it is told to use. May be empty when there is `lookupd`. */
  readonly nsqd: readonly string[];
  /** Names of the nsqlookupds it asks for more. Default: none. */
  readonly lookupd?: readonly string[];
  readonly topic: string;
  readonly channel: string;
  /** When it starts. Default 0. */
  readonly startMs?: number;
  /** Default 1, as go-nsq. */
  readonly maxInFlight?: number;
  /** Handlers that run at the same time. Default: maxInFlight. */
  readonly concurrency?: number;
  /** Default 5, as go-nsq; 0 is unlimited. */
  readonly maxAttempts?: number;
  /** Client settings that differ from go-nsq's defaults, go-nsq spelling: `{ "msg_timeout": "1s", "heartbeat_interval": "30s" }`. */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  /** First behaviour that matches decides. Or the name of a function given to `simulate`. Default: finish after 0 ms. */
  readonly handler?: readonly BehaviourSpec[] | { readonly use: string };
  /** Default: a message that fails is requeued until the client gives it up. */
  readonly deadLetter?: DeadLetterSpec;
  /** Default: messages are handled as they come. */
  readonly inOrder?: InOrderSpec;
  readonly clockOffsetMs?: number;
}

export interface BehaviourSpec {
  /** All conditions must hold; absent: always. */
  readonly when?: {
    /** Number of the delivery, 1 is the first; or a range, both ends included. */
    readonly attempts?: number | { readonly min?: number; readonly max?: number };
    /** Only every n-th message number. */
    readonly everyNth?: number;
    /** Only these message numbers. */
    readonly messages?: readonly number[];
    /** By chance, in per cent. */
    readonly percent?: number;
  };
  /** How long the handler works. Default 0. */
  readonly takeMs?: DurationSpec;
  /** TOUCH with this period while it works; without effect when `blocking`, which lets nothing out. */
  readonly touchEveryMs?: number;
  /** The work occupies the process: nothing else runs there meanwhile, heartbeats included. Default false. */
  readonly blocking?: boolean;
  /**
   * `finish`: FIN. `fail`: the handler rejects; REQ with the client's backoff. `throw`: it throws synchronously, same effect.
   * `requeue`: REQ with `requeueDelayMs`, without backoff. `silent`: it never answers. Default `finish`.
   */
  readonly outcome?: "finish" | "fail" | "throw" | "requeue" | "silent";
  /** For `requeue`. Default 0. */
  readonly requeueDelayMs?: number;
  /**
   * When the work is done, with outcome `finish` or `silent`, something happens that cannot be taken back: a card is
   * charged. `true`: whatever happened before; or only once per business id, as far as the method goes. Default: nothing.
   */
  readonly effect?: true | DedupSpec;
}

/** Milliseconds: fixed, or drawn anew each time. */
export type DurationSpec =
  | number
  | { readonly uniform: readonly [minMs: number, maxMs: number] }
  | { readonly exponential: { readonly meanMs: number; readonly maxMs: number } };

export interface NetworkSpec {
  /** One-way latency of every link. Default `{ uniform: [1, 5] }`. */
  readonly latency?: DurationSpec;
  /** Bytes are cut into pieces of at most this size. Default: not cut. 1 is allowed. */
  readonly fragmentBytes?: number;
  /** Bytes a socket takes before `write` says stop. Default 262144. */
  readonly sendBufferBytes?: number;
}

export type FaultSpec = {
  readonly trigger: TriggerSpec;
  readonly do: FaultAction;
};

/**
 * When a fault begins: at a time, or after the n-th event of a kind (default: the first) in the run's history.
 * `repeat` fires it again at every n-th such event, or with that period, so many times in all.
 */
export type TriggerSpec =
  | {
      readonly atMs: number;
      readonly repeat?: { readonly everyMs: number; readonly times: number };
      /** At any moment from then on, once, or never. Only with {@link Scenario.exhaust}. Default false. */
      readonly anytime?: boolean;
    }
  | {
      readonly after: { readonly kind: string; readonly process?: string; readonly nth?: number };
      readonly delayMs?: number;
      readonly repeat?: { readonly times: number };
    };

/** The properties nsqlab judges; statements in the oracle's own file. */
export const PROPERTY_IDS = [
  "P1",
  "P2",
  "P3",
  "P4",
  "P5",
  "P6",
  "P7",
  "P8",
  "P9",
  "P10",
  "P11",
  "P12",
  "P13",
  "P14",
  "P15",
  "P16",
  "P17",
  "P18",
  "P21",
] as const;

export type PropertyId = (typeof PROPERTY_IDS)[number];

export type Outcome = "pass" | "fail" | "unknown";

/** A count that must be met: exactly, or within bounds (both included). */
export type CountSpec = number | { readonly min?: number; readonly max?: number };

/** What the run must show. A scenario that demonstrates a duplicate fails when there is none. */
export interface Expectations {
  /** Default for a judged property: `pass`, or `unknown` where it had nothing to see. */
  readonly verdicts?: Readonly<Partial<Record<PropertyId, Outcome>>>;
  /** Deliveries beyond the first per message and channel, by licence; licences not named must not occur. */
  readonly duplicates?: Readonly<Partial<Record<DuplicateLicence, CountSpec>>>;
  /** Accepted messages not finished on a channel at the end, by licence; licences not named must not occur. */
  readonly losses?: Readonly<Partial<Record<LossLicence, CountSpec>>>;
  /** Deliveries later than the profile's bound, by licence. Absent: any number of licensed ones; else as above. */
  readonly late?: Readonly<Partial<Record<LateLicence, CountSpec>>>;
  /** Effects of handlers: all, those beyond the first of a business id, and ids that never had one. */
  readonly effects?: { readonly happened?: CountSpec; readonly again?: CountSpec; readonly never?: CountSpec };
  readonly delivered?: CountSpec;
  readonly published?: CountSpec;
  readonly unknownPublishes?: CountSpec;
  readonly faultsFired?: CountSpec;
}

/** Why a message was delivered again. */
export type DuplicateLicence =
  /** The deadline passed while a live consumer still worked on it. */
  | "timeout"
  /** The consumer's process was dead when the deadline passed. */
  | "consumer-crash"
  /** A FIN was sent, but the connection broke before nsqd had it; then the deadline passed. */
  | "lost-fin"
  /** The connection it was delivered on was gone (not the process) before it was answered; then the deadline passed. */
  | "connection-loss"
  /** The consumer asked for it with REQ. */
  | "requeue"
  /** The producer published the same content again after an error or an unknown outcome. */
  | "producer-retry"
  /** nsqd was stopped and started again meanwhile; what it had kept is delivered at once. */
  | "broker-restart"
  /** It was finished, but nsqd was killed before its disk queue was synced: the files still held it. */
  | "crash-replay";

/** Why an accepted message will not be finished on a channel. */
export type LossLicence =
  /** nsqd was killed while the message was in its memory only (queued, in flight or deferred). */
  | "memory-at-kill"
  /** It was in a file when the machine lost its power, but not durable. */
  | "unsynced-at-power-loss"
  /** nsqd 1.3 was killed before the first sync of the disk queue: no state leads to the file that it is in. */
  | "ignored-file"
  /** It is in a file that cannot be read to there. */
  | "damaged-file"
  /** nsqd 1.3 had said OK, or had it in memory, and its disk refused to take it. */
  | "disk-error"
  /** nsqd was started again with an empty disk. */
  | "disk-lost"
  /** An operator emptied or deleted the topic or channel. */
  | "emptied"
  | "sampled"
  | "ephemeral"
  /** attempts exceeded the limit: finished without being handled. */
  | "given-up"
  /** Not lost: the broker still holds it at the end of the run (nobody consumes, or not yet due). */
  | "still-held";

/** Why a delivery was allowed to be later than the profile's bound. */
export type LateLicence =
  /** No consumer had room: RDY 0, or in flight at RDY. */
  | "no-ready-consumer"
  | "backoff"
  | "paused"
  | "no-connection"
  /** A fault held the bytes or the process. */
  | "fault"
  /** More work was queued in front of it. */
  | "queueing";
