import type { Run } from "../result.ts";
import type { RunError } from "../run.ts";
import type { Scenario } from "../scenario/types.ts";
import { decisiveFaults } from "./decisive.ts";
import { type Failure, failureOfError } from "./failure.ts";
import { tellStory } from "./story.ts";

export const CAPSULE_FORMAT = "nsqlab-capsule-1";

/** A failure to keep: everything that is needed to see it again, and why it is worth seeing. One JSON document. */
export interface Capsule {
  readonly format: typeof CAPSULE_FORMAT;
  /** Why it exists: what it showed, and where it came from. */
  readonly reason: string;
  /** {@link Failure.id}. */
  readonly failure: string;
  readonly scenario: Scenario;
  /** Hash of the history; a replay by the same version gives the same. Empty when nsqlab itself failed. */
  readonly hash: string;
  /** What made it, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** At most ten lines in plain words. */
  readonly story: readonly string[];
  /** Faults, by their index in the scenario, without which, one at a time, it does not fail. */
  readonly decisive: readonly number[];
  /** Nothing can be taken away any more. False: the budget ended before. */
  readonly smallest: boolean;
}

/** The capsule of a run that fails by `failure`. */
export function makeCapsule(
  run: Run,
  failure: Failure,
  facts: Pick<Capsule, "reason" | "versions" | "smallest">,
): Capsule {
  const { scenario, hash } = run;
  const story = tellStory(run, failure);
  const decisive = decisiveFaults(scenario, failure.id);
  return { format: CAPSULE_FORMAT, ...facts, failure: failure.id, story, decisive, hash, scenario };
}

/** The capsule of a scenario in which nsqlab itself fails: its story is where it did. */
export function makeErrorCapsule(
  scenario: Scenario,
  error: RunError,
  facts: Pick<Capsule, "reason" | "versions" | "smallest">,
): Capsule {
  const { id } = failureOfError(error);
  const decisive = decisiveFaults(scenario, id);
  const story = [error.message, ...calls(error.cause)];
  return { format: CAPSULE_FORMAT, ...facts, failure: id, story, decisive, hash: "", scenario };
}

const MAX_CALLS = 8;

/** Who called whom, innermost first; no paths, they differ from machine to machine. */
function calls(cause: unknown): string[] {
  const stack = cause instanceof Error ? (cause.stack ?? "") : "";
  const names = [...stack.matchAll(/^\s+at (?:new |async )?([\w.#<>]+) /gm)].map(([, name]) => name!);
  return names.slice(0, MAX_CALLS).map((name) => `in ${name}`);
}

/** Whether a document says that it is a capsule; its scenario is still to be validated. */
export function isCapsule(value: unknown): value is Capsule {
  return typeof value === "object" && value !== null && (value as Partial<Capsule>).format === CAPSULE_FORMAT;
}
