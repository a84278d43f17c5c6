import { countByLicence } from "../../sim/oracles/expectations.ts";
import { tellLife } from "../../sim/oracles/explain.ts";
import type { LedgerEntry, Run } from "../../sim/result.ts";
import type { TimedRun } from "./worlds.ts";

/** How many messages' lives a failed run tells. */
const MAX_LIVES = 3;
const MAX_LIFE_LINES = 30;
const MAX_VIOLATIONS_SHOWN = 3;
const MAX_EXAMPLES = 5;

/** A run in words: what was asked, what came out, and, where something failed, the life of the messages concerned. */
export function describeRun({ run, wallMs }: TimedRun): string {
  const { scenario, ledger } = run;
  const { effects } = ledger;
  const title = `${scenario.catalogue === undefined ? "" : `${scenario.catalogue}  `}${scenario.name}`;
  const lines = [`${title}: ${run.outcome.toUpperCase()}`, `  ${scenario.question}`];
  if (scenario.answer !== undefined) lines.push(`  ${scenario.answer}`);
  lines.push("", ...verdictLines(run), "");
  lines.push(
    `  published ${ledger.published}: accepted ${ledger.accepted}, failed ${ledger.failed}, unknown ${ledger.unknown}`,
    `  delivered ${ledger.delivered}, finished ${ledger.finished}`,
    `  duplicated ${byLicence(ledger.duplicates)}`,
    `  lost ${byLicence(ledger.losses)}`,
    `  late ${byLicence(ledger.late)}`,
    ...(effects === null ? [] : [`  effects ${effects.happened}, again ${effects.again}, never ${effects.never}`]),
    `  faults fired ${run.faultsFired}`,
    `  ${duration(run.virtualUs / 1_000)} ${run.world === "sim" ? "of virtual time " : ""}in ${duration(wallMs)}, ` +
      `${run.history.length} events, hash ${run.hash}`,
  );
  const unmet = run.expectations.filter((one) => !one.met);
  if (unmet.length > 0) {
    lines.push("", "  not as the scenario says:");
    for (const one of unmet) lines.push(`    ${one.path}: expected ${one.expected}, found ${one.found}`);
  }
  lines.push(...lives(run));
  return lines.join("\n");
}

/** `12` with the licences behind it: `12 (timeout 10, requeue 2)`. */
function byLicence(entries: readonly LedgerEntry<string>[]): string {
  if (entries.length === 0) return "0";
  const parts = [...countByLicence(entries)].map(([licence, count]) => `${licence} ${count}`);
  return `${entries.length} (${parts.join(", ")})`;
}

/** Milliseconds for a reader: `850 ms`, `12.3 s`, `16 min 10 s`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function verdictLines(run: Run): string[] {
  const lines: string[] = [];
  for (const verdict of run.verdicts) {
    lines.push(`  ${verdict.property.padEnd(4)} ${verdict.outcome.padEnd(8)} ${verdict.summary}`);
    for (const violation of verdict.violations.slice(0, MAX_VIOLATIONS_SHOWN)) lines.push(`       - ${violation.text}`);
    const more = verdict.violationCount - Math.min(verdict.violations.length, MAX_VIOLATIONS_SHOWN);
    if (more > 0) lines.push(`       and ${more} more`);
  }
  return lines;
}

/** The lives of messages that show what is wrong, and how each got here. */
function lives(run: Run): string[] {
  if (run.outcome !== "fail") return [];
  const messages = new Set<number>();
  const lines: string[] = [];
  for (const { msg, text } of examples(run)) {
    if (text !== "" && lines.length < MAX_EXAMPLES) lines.push(`  ${text}`);
    if (msg >= 0) messages.add(msg);
  }
  for (const msg of [...messages].slice(0, MAX_LIVES)) {
    const life = tellLife(run.history, msg);
    lines.push("", `  the life of message ${msg}:`, ...life.slice(0, MAX_LIFE_LINES).map((line) => `    ${line}`));
    if (life.length > MAX_LIFE_LINES) lines.push(`    … ${life.length - MAX_LIFE_LINES} more events`);
  }
  return lines.length === 0 ? [] : ["", ...lines];
}

/** What no licence excuses, what violates a property, and one example of each count that is not as expected. */
function examples(run: Run): { readonly msg: number; readonly text: string }[] {
  const { duplicates, losses, late } = run.ledger;
  const entries = [...duplicates, ...losses, ...late];
  const unexplained = entries.filter((entry) => entry.licence === null);
  const unmet = run.expectations.filter((one) => !one.met).map((one) => one.path.split("."));
  const unexpected = unmet.flatMap(([, table, licence]) => {
    const list = { duplicates, losses, late }[table ?? ""] ?? [];
    return list.filter((entry) => entry.licence !== null && entry.licence === licence).slice(0, 1);
  });
  const violations = run.verdicts
    .filter((verdict) => verdict.outcome === "fail")
    .flatMap((verdict) => verdict.violations.map(({ msg }) => ({ msg, text: "" })));
  return [
    ...unexplained.map(({ msg, text }) => ({ msg, text: `unexplained: ${text}` })),
    ...unexpected.map(({ msg, text, licence }) => ({ msg, text: `${licence}: ${text}` })),
    ...violations,
  ];
}
