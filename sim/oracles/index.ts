import type { Evidence, Oracle, Verdict } from "../result.ts";
import { PROPERTY_IDS, type PropertyId } from "../scenario/types.ts";
import { judgeP21 } from "./p21-determinism.ts";

/** Every property nsqlab judges, each with its oracle. */
export const ORACLES: Readonly<Partial<Record<PropertyId, Oracle>>> = {
  P21: judgeP21,
};

/**
 * Judges the properties that the scenario names (default: all), in the order of {@link PROPERTY_IDS}. Never throws: an
 * oracle that does is a failed verdict that carries its stack.
 */
export function judge(evidence: Evidence): Verdict[] {
  const wanted = evidence.scenario.oracles ?? PROPERTY_IDS;
  const verdicts: Verdict[] = [];
  for (const property of PROPERTY_IDS) {
    const oracle = ORACLES[property];
    if (wanted.includes(property) && oracle !== undefined) verdicts.push(judgeOne(property, oracle, evidence));
  }
  return verdicts;
}

function judgeOne(property: PropertyId, oracle: Oracle, evidence: Evidence): Verdict {
  try {
    return oracle(evidence);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const violations = [{ text, msg: -1, rows: [] }];
    return { property, outcome: "fail", summary: "the oracle itself failed", looked: 0, violations, violationCount: 1 };
  }
}
