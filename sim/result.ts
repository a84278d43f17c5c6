import type { Micros } from "../core/time.ts";
import type { History } from "./history.ts";
import type { DuplicateLicence, LateLicence, LossLicence, Outcome, PropertyId, Scenario } from "./scenario/types.ts";

/** What an oracle sees. Everything it needs is in the history; the scenario says what was meant. */
export interface Evidence {
  readonly scenario: Scenario;
  readonly history: History;
  readonly world: "sim" | "tcp";
  /** Allowed lateness beyond what the profile itself allows: 0 in the simulator, scheduling noise over TCP. */
  readonly slackUs: Micros;
  /** Hash of the history of another run of the same scenario; without it P21 is unknown. */
  readonly secondHash?: string;
}

/** One property, judged. */
export interface Verdict {
  readonly property: PropertyId;
  readonly outcome: Outcome;
  /** One sentence: what was looked at, or why nothing could be. */
  readonly summary: string;
  /** How many facts were checked; 0 goes with `unknown`. */
  readonly looked: number;
  /** The first violations, at most {@link MAX_VIOLATIONS}. */
  readonly violations: readonly Violation[];
  /** All of them. */
  readonly violationCount: number;
}

export const MAX_VIOLATIONS = 10;

export interface Violation {
  /** In plain words, with process names, times in seconds and numbers. */
  readonly text: string;
  /** Message number, or -1. */
  readonly msg: number;
  /** Rows of the history that show it. */
  readonly rows: readonly number[];
}

export type Oracle = (evidence: Evidence) => Verdict;

/** A duplicate, loss or late delivery, with the licence that excuses it; null: nothing does, which is a bug. */
export interface LedgerEntry<L extends string> {
  readonly msg: number;
  /** topic/channel; for a producer's retry the topic. */
  readonly place: string;
  readonly licence: L | null;
  /** Rows of the history that show the fact and its excuse. */
  readonly rows: readonly number[];
  /** In plain words. */
  readonly text: string;
}

/** Every message accounted for. */
export interface Ledger {
  readonly published: number;
  readonly accepted: number;
  readonly failed: number;
  readonly unknown: number;
  /** Deliveries to consumers, duplicates included. */
  readonly delivered: number;
  readonly finished: number;
  readonly duplicates: readonly LedgerEntry<DuplicateLicence>[];
  readonly losses: readonly LedgerEntry<LossLicence>[];
  readonly late: readonly LedgerEntry<LateLicence>[];
  /** Null: the scenario claims and expects nothing of effects. */
  readonly effects: EffectCounts | null;
}

/** Effects of handlers in the outside world, whatever their names. */
export interface EffectCounts {
  readonly happened: number;
  /** Beyond the first of a business id, a channel, and a name. */
  readonly again: number;
  /** Accepted business ids without any, on channels that have effects; without those that the broker still holds. */
  readonly never: number;
}

/** One expectation of the scenario against what the run showed. */
export interface ExpectationResult {
  /** Path in the scenario: `expect.duplicates.timeout`. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
  readonly met: boolean;
}

/** A judged run. */
export interface Run {
  readonly scenario: Scenario;
  readonly world: "sim" | "tcp";
  readonly history: History;
  /** {@link History.hash}. */
  readonly hash: string;
  readonly verdicts: readonly Verdict[];
  readonly ledger: Ledger;
  readonly expectations: readonly ExpectationResult[];
  /**
   * `fail`: an expectation is not met, or a property without expectation failed, or something is unexplained.
   * `unknown`: nothing failed and nothing was proven.
   */
  readonly outcome: Outcome;
  /** Faults that acted, not those that were only scheduled. */
  readonly faultsFired: number;
  /** Events the agenda dispatched; 0 over TCP. */
  readonly agendaEvents: number;
  readonly virtualUs: Micros;
}
