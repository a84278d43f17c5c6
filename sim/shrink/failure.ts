import type { Run } from "../result.ts";
import type { RunError } from "../run.ts";

/** One thing that is wrong with a run: what shrinking must keep. */
export interface Failure {
  /**
   * The same for runs that fail in the same way: `P2`; `unexplained late`; `expect.duplicates.timeout more`, a count
   * beyond what the scenario allows, or `fewer`; `expect.verdicts.P9 unknown`, a verdict that is not the expected one;
   * `error AssertionError: a queue closes once`, nsqlab itself failed, with `#` for numbers.
   */
  readonly id: string;
  /** Path of the expectation that is not met; empty when nsqlab itself failed. */
  readonly path: string;
  /** In plain words. */
  readonly text: string;
}

const PROPERTY = /^expect\.verdicts\.(P\d+)$/;
const LICENSED = /^expect\.(duplicates|losses|late)$/;

/** What is wrong with a run, the gravest first: failed properties, facts without a licence, counts and verdicts not met. */
export function failuresOf(run: Run): Failure[] {
  const failures = run.expectations.filter((one) => !one.met).map((one) => failureOf(run, one));
  return failures.sort((a, b) => gravity(a) - gravity(b));
}

/** The failure that a mistake of nsqlab's own is. */
export function failureOfError({ cause, message }: RunError): Failure {
  const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return { id: `error ${what.replaceAll(/\d+/g, "#")}`, path: "", text: message };
}

/** Whether a run fails in that way. */
export function failsBy(run: Run, id: string): boolean {
  return failuresOf(run).some((failure) => failure.id === id);
}

function failureOf(run: Run, { path, expected, found }: Run["expectations"][number]): Failure {
  const property = PROPERTY.exec(path)?.[1];
  if (property !== undefined) {
    const summary = run.verdicts.find((one) => one.property === property)?.summary ?? "";
    if (found === "fail") return { id: property, path, text: `${property} fails: ${summary}` };
    return { id: `${path} ${found}`, path, text: `${property} is ${found}, expected ${expected}` };
  }
  const table = LICENSED.exec(path)?.[1];
  if (table !== undefined) return { id: `unexplained ${table}`, path, text: `${table}: ${found} a licence` };
  const direction = Number(found) < Number.parseInt(expected.replace("at least ", ""), 10) ? "fewer" : "more";
  return { id: `${path} ${direction}`, path, text: `${path} is ${found}, expected ${expected}` };
}

function gravity({ id }: Failure): number {
  if (/^P\d/.test(id)) return 0;
  if (id.startsWith("unexplained")) return 1;
  return id.endsWith(" more") ? 2 : 3;
}
