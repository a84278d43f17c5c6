import { assert } from "../../core/assert.ts";
import type { Run } from "../result.ts";
import type { Scenario } from "../scenario/types.ts";
import { scenarioFails } from "./fails.ts";
import type { Failure } from "./failure.ts";
import { PART_SEARCHES } from "./parts.ts";
import type { Search } from "./search.ts";
import { VALUE_SEARCHES } from "./values.ts";

/**
 * Finds a smaller scenario that fails in the same way, by delta debugging over the scenario's data: first what happens
 * (faults, operations, messages, processes), then how (settings, numbers, idle time), again and again until nothing
 * can be taken away. Every candidate is run; one that is not a valid scenario counts as passing.
 *
 * It does one run per {@link step}, so whoever drives it decides when it has been long enough, and may go on later. The
 * order of attempts depends on nothing but the scenario and the failure.
 */
export class Shrinker {
  readonly failure: Failure;
  /** The smallest that failed so far. */
  best: Scenario;
  /** Candidates run so far. */
  tries = 0;
  /** Nothing can be taken away any more. */
  complete = false;

  private readonly search: Search;
  /** Candidates already run, as JSON, and whether they failed. */
  private readonly known = new Map<string, boolean>();
  /** What the search is told of its last candidate. */
  private answer = false;

  /** @param from a scenario, or the run of one, that fails by `failure` in the simulated world. */
  constructor({ scenario }: Pick<Run, "scenario">, failure: Failure) {
    assert(scenarioFails(scenario, failure.id), "the scenario fails by that failure");
    this.failure = failure;
    this.best = scenario;
    this.search = everything(scenario, failure);
  }

  /** Runs one more candidate; false when there is none. */
  step(): boolean {
    while (!this.complete) {
      const next = this.search.next(this.answer);
      if (next.done === true) {
        this.complete = true;
        break;
      }
      const key = JSON.stringify(next.value);
      const known = this.known.get(key);
      this.answer = known ?? this.fails(next.value);
      if (this.answer) this.best = next.value;
      if (known !== undefined) continue;
      this.known.set(key, this.answer);
      return true;
    }
    return false;
  }

  private fails(candidate: Scenario): boolean {
    this.tries += 1;
    return scenarioFails(candidate, this.failure.id);
  }
}

function* everything(from: Scenario, failure: Failure): Search {
  let best = from;
  const plain = undemanding(from, failure);
  if (yield plain) best = plain;
  for (;;) {
    const before = best;
    for (const search of PART_SEARCHES) best = yield* search(best);
    for (const search of VALUE_SEARCHES) best = yield* search(best);
    if (JSON.stringify(best) === JSON.stringify(before)) return best;
  }
}

/** Without what else was expected: counts of a large run say nothing of a small one. */
function undemanding(scenario: Scenario, { id, path }: Failure): Scenario {
  const { expect, answer: _, catalogue: __, ...rest } = scenario;
  const [, part, key] = path.split(".");
  const isCount = id.endsWith(" more") || id.endsWith(" fewer") || id.startsWith("expect.");
  if (!isCount || expect === undefined || part === undefined) return rest;
  const table = expect[part as keyof typeof expect];
  if (key === undefined) return { ...rest, expect: { [part]: table } };
  const value = (table as Readonly<Record<string, unknown>> | undefined)?.[key];
  // A licence that the table does not name must not occur: 0 says so in words.
  return { ...rest, expect: { [part]: { [key]: value ?? 0 } } };
}
