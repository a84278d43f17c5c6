import type { History } from "../history.ts";
import { KIND } from "../history.ts";
import type { EffectCounts, ExpectationResult, Ledger, LedgerEntry, Verdict } from "../result.ts";
import type { CountSpec, Outcome, PropertyId, Scenario } from "../scenario/types.ts";

/**
 * Compares what the scenario says must be seen with what was seen.
 *
 * A judged property without an expected verdict must not fail. With `expect`, duplicates and losses whose licence is
 * not named must not occur; late deliveries are held to their table only when there is one. Without `expect` licensed
 * facts may occur in any number. A fact without licence never meets an expectation.
 */
export function checkExpectations(
  scenario: Scenario,
  verdicts: readonly Verdict[],
  ledger: Ledger,
  history: History,
): ExpectationResult[] {
  const expect = scenario.expect;
  const results: ExpectationResult[] = [];
  for (const verdict of verdicts) results.push(verdictExpectation(verdict, expect?.verdicts?.[verdict.property]));
  for (const property of Object.keys(expect?.verdicts ?? {}) as PropertyId[]) {
    if (verdicts.some((verdict) => verdict.property === property)) continue;
    const expected = expect!.verdicts![property]!;
    results.push({ path: `expect.verdicts.${property}`, expected, found: "not judged", met: false });
  }
  const failed = new Set<PropertyId>();
  for (const verdict of verdicts) {
    if (verdict.outcome === "fail" && expect?.verdicts?.[verdict.property] === "fail") failed.add(verdict.property);
  }
  const demonstrated = (properties: readonly PropertyId[]): boolean => properties.some((id) => failed.has(id));
  const none = expect === undefined ? undefined : {};
  pushTable(
    results,
    "duplicates",
    ledger.duplicates,
    expect?.duplicates ?? none,
    demonstrated(["P4", "P5", "P6", "P8"]),
  );
  pushTable(results, "losses", ledger.losses, expect?.losses ?? none, demonstrated(["P2", "P10", "P17"]));
  pushTable(results, "late", ledger.late, expect?.late, demonstrated(["P7"]));
  for (const [name, spec] of Object.entries(expect?.effects ?? {}))
    pushCount(results, `expect.effects.${name}`, spec, ledger.effects?.[name as keyof EffectCounts] ?? 0);
  pushCount(results, "expect.delivered", expect?.delivered, ledger.delivered);
  pushCount(results, "expect.published", expect?.published, ledger.published);
  pushCount(results, "expect.unknownPublishes", expect?.unknownPublishes, ledger.unknown);
  pushCount(results, "expect.faultsFired", expect?.faultsFired, faultsFired(history));
  return results;
}

/**
 * The outcome of a run: `fail` when an expectation is not met, `unknown` when nothing failed and no property was
 * proven, else `pass`. An oracle that threw fails its property whatever was expected of it.
 */
export function outcomeOf(verdicts: readonly Verdict[], expectations: readonly ExpectationResult[]): Outcome {
  if (expectations.some((expectation) => !expectation.met)) return "fail";
  return verdicts.some((verdict) => verdict.outcome !== "unknown") ? "pass" : "unknown";
}

/** Entries by licence, in the order of their first occurrence; "unexplained" for those without. */
export function countByLicence(entries: readonly LedgerEntry<string>[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { licence } of entries)
    counts.set(licence ?? "unexplained", (counts.get(licence ?? "unexplained") ?? 0) + 1);
  return counts;
}

/** Faults that acted: the rows of the fault log that begin one. */
function faultsFired(history: History): number {
  let fired = 0;
  for (let row = 0; row < history.length; row += 1) {
    if (history.kind[row] === KIND.fault && history.detail[row] === 1) fired += 1;
  }
  return fired;
}

function verdictExpectation(verdict: Verdict, expected: Outcome | undefined): ExpectationResult {
  const threw = verdict.outcome === "fail" && verdict.looked === 0;
  return {
    path: `expect.verdicts.${verdict.property}`,
    expected: expected ?? "pass or unknown",
    found: verdict.outcome,
    met: !threw && (expected === undefined ? verdict.outcome !== "fail" : verdict.outcome === expected),
  };
}

function pushTable(
  results: ExpectationResult[],
  name: string,
  entries: readonly LedgerEntry<string>[],
  table: Readonly<Partial<Record<string, CountSpec>>> | undefined,
  demonstrated: boolean,
): void {
  const counts = countByLicence(entries);
  const unexplained = counts.get("unexplained") ?? 0;
  counts.delete("unexplained");
  if (unexplained > 0 && !demonstrated) {
    results.push({
      path: `expect.${name}`,
      expected: "a licence for each",
      found: `${unexplained} without`,
      met: false,
    });
  }
  if (table === undefined) return;
  for (const [licence, spec] of Object.entries(table)) {
    pushCount(results, `expect.${name}.${licence}`, spec, counts.get(licence) ?? 0);
    counts.delete(licence);
  }
  for (const [licence, count] of counts) pushCount(results, `expect.${name}.${licence}`, 0, count);
}

function pushCount(results: ExpectationResult[], path: string, spec: CountSpec | undefined, found: number): void {
  if (spec === undefined) return;
  const min = typeof spec === "number" ? spec : (spec.min ?? 0);
  const max = typeof spec === "number" ? spec : (spec.max ?? Infinity);
  const expected = min === max ? `${min}` : max === Infinity ? `at least ${min}` : `${min} to ${max}`;
  results.push({ path, expected, found: `${found}`, met: found >= min && found <= max });
}
