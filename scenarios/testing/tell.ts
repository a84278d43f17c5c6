import type { Run } from "../../sim/result.ts";
import { tellLife } from "../../sim/oracles/explain.ts";
import type { Finding, Refutation } from "./claim.ts";

const TOLD_LIVES = 2;
const TOLD_FINDINGS = 5;
const LIFE_LINES = 40;

/** The text of a failure: what was claimed of which run, what is wrong, and the whole life of the first messages. */
export function tellRefutation(claim: string, run: Run, refutation: Refutation): string {
  const { scenario } = run;
  const lines = [`"${scenario.name}" (seed ${scenario.seed}, history ${run.hash}) does not hold: ${claim}`];
  for (const [index, finding] of refutation.findings.slice(0, TOLD_FINDINGS).entries()) {
    lines.push("", `  ${finding.text}`);
    if (index < TOLD_LIVES) lines.push(...life(run, finding));
  }
  const untold = refutation.count - Math.min(refutation.findings.length, TOLD_FINDINGS);
  if (untold > 0) lines.push("", `  and ${untold} more`);
  return lines.join("\n");
}

function life(run: Run, finding: Finding): string[] {
  if (finding.msg < 0) return [];
  const lines = tellLife(run.history, finding.msg);
  const cut = lines.length > LIFE_LINES ? [`… ${lines.length - LIFE_LINES} more events`] : [];
  return [
    `  the life of message ${finding.msg}:`,
    ...[...lines.slice(0, LIFE_LINES), ...cut].map((line) => `    ${line}`),
  ];
}
