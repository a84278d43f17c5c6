import { MAX_VIOLATIONS, type Verdict, type Violation } from "../result.ts";
import type { PropertyId } from "../scenario/types.ts";

/** Collects what one oracle found, and makes the verdict of it. */
export class Findings {
  /** Facts checked. */
  looked = 0;
  /** Violations found. */
  count = 0;
  private readonly first: Violation[] = [];

  /** A violation. `describe` is called only for those that will be shown. */
  violation(msg: number, rows: readonly number[], describe: () => string): void {
    this.count += 1;
    if (this.first.length < MAX_VIOLATIONS)
      this.first.push({ text: describe(), msg, rows: rows.filter((row) => row >= 0) });
  }

  /** `saw`: what was looked at, when something was; `nothing`: why nothing could be. Sentences without a full stop. */
  verdict(property: PropertyId, saw: string, nothing: string): Verdict {
    const outcome = this.count > 0 ? "fail" : this.looked === 0 ? "unknown" : "pass";
    const summary = outcome === "unknown" ? nothing : outcome === "pass" ? saw : `${this.count} of these fail: ${saw}`;
    const { looked, first: violations, count: violationCount } = this;
    return { property, outcome, summary, looked, violations, violationCount };
  }
}
