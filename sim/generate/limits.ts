import type { ProfileName } from "../scenario/types.ts";
import type { Application } from "./assemble-application.ts";
import { FAULT_KINDS, type FaultKind } from "./fault-kinds.ts";

/** How far a generated scenario may go. */
export interface GeneratorLimits {
  readonly minDurationMs: number;
  readonly maxDurationMs: number;
  readonly minNsqds: number;
  readonly maxNsqds: number;
  readonly minLookupds: number;
  readonly maxLookupds: number;
  readonly minProducers: number;
  readonly maxProducers: number;
  readonly minConsumers: number;
  readonly maxConsumers: number;
  readonly minFaults: number;
  readonly maxFaults: number;
  /** Messages of one workload, before it is cut to what fits the duration. */
  readonly minWorkload: number;
  /** Messages of the whole scenario; batches are not torn. */
  readonly maxMessages: number;
  /** Largest pieces in which bytes arrive; null: as they were written. */
  readonly fragmentBytes: readonly (number | null)[];
  /** How often consumers ask nsqlookupds, and try again where they cannot connect. */
  readonly pollIntervals: readonly string[];
  /** RDY of consumers that have all of it. */
  readonly maxInFlight: readonly number[];
  /** Which messages a handler treats otherwise than the rest. */
  readonly exceptions: readonly Exception[];
  /** How long a slow handler works on one message, and on one that is out of the ordinary; at most. */
  readonly usualMs: number;
  readonly slowestMs: number;
  readonly profiles: readonly ProfileName[];
  /** Kinds of faults that may occur; each scenario draws families of its own. */
  readonly faults: readonly FaultKind[];
  readonly applications: readonly Application[];
}

/** The messages that a behaviour is for: all, every n-th, or each by chance. */
export type Exception = "all" | "every-3rd" | "every-7th" | "every-97th" | "half" | "rarely" | "seldom";

/** Little worlds, many of them: most mistakes need no more than a few messages and the right instant. */
export const SMALL: GeneratorLimits = {
  minDurationMs: 200,
  maxDurationMs: 6_000,
  minNsqds: 1,
  maxNsqds: 3,
  minLookupds: 0,
  maxLookupds: 2,
  minProducers: 1,
  maxProducers: 2,
  minConsumers: 1,
  maxConsumers: 5,
  minFaults: 0,
  maxFaults: 9,
  minWorkload: 1,
  maxMessages: 120,
  fragmentBytes: [null, null, null, 1_000, 17, 1],
  pollIntervals: ["1s", "200ms", "5s"],
  maxInFlight: [1, 2, 5, 50, 2_500],
  exceptions: ["all", "every-3rd", "every-7th", "half", "rarely"],
  usualMs: 200,
  slowestMs: 3_000,
  profiles: ["exact", "nsqd-1.3"],
  faults: FAULT_KINDS,
  applications: ["none"],
};

/** Little worlds with something around the queue: stores, effects, keys, dead letters, and claims about them. */
const SHOP: GeneratorLimits = { ...SMALL, applications: ["once", "in-order", "dead-letters"] };

/**
 * Three nsqds, two nsqlookupds, two producers, four consumers, about 2,000 messages and ten faults. With so many messages
 * a consumer that fails or dawdles with most of them, or holds more than it can handle in time, would do nothing else
 * for hours: here trouble is the exception.
 */
const SWARM: GeneratorLimits = {
  ...SMALL,
  minDurationMs: 4_000,
  maxDurationMs: 12_000,
  minNsqds: 3,
  minLookupds: 2,
  minProducers: 2,
  minConsumers: 4,
  maxConsumers: 4,
  minFaults: 7,
  maxFaults: 13,
  minWorkload: 400,
  maxMessages: 2_400,
  fragmentBytes: [null, null, 1_000, 100],
  pollIntervals: ["500ms", "1s", "5s"],
  maxInFlight: [1, 5, 20, 50],
  exceptions: ["every-97th", "seldom"],
  usualMs: 20,
  slowestMs: 500,
};

/** The sizes of generated scenarios, by name. */
export const SIZES = { small: SMALL, swarm: SWARM, shop: SHOP } as const satisfies Readonly<
  Record<string, GeneratorLimits>
>;

export type Size = keyof typeof SIZES;
