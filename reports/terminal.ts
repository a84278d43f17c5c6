import type { Run } from "../sim/result.ts";
import type { Outcome } from "../sim/scenario/types.ts";
import { summarise, type RunSummary, type Tally } from "./summary.ts";
import { count, duration, OUTCOME_SIGNS } from "./words.ts";

export interface TableOptions {
  /** Width of the terminal in characters. Narrower than the table: columns are left out, the least important first. */
  readonly columns: number;
  /** ANSI colours for outcomes. Only for a terminal. */
  readonly colour: boolean;
}

interface Column {
  readonly title: string;
  readonly right: boolean;
  /** Left out in order of this number when there is no room; 0 stays. */
  readonly rank: number;
  readonly cell: (run: RunSummary) => string;
}

const COLUMNS: readonly Column[] = [
  { title: "", right: false, rank: 0, cell: (run) => run.catalogue },
  { title: "scenario", right: false, rank: 0, cell: (run) => run.name },
  { title: "outcome", right: false, rank: 0, cell: (run) => `${OUTCOME_SIGNS[run.outcome]} ${run.outcome}` },
  { title: "faults", right: true, rank: 2, cell: (run) => count(run.faultsFired) },
  { title: "published", right: true, rank: 4, cell: (run) => count(run.published) },
  { title: "delivered", right: true, rank: 3, cell: (run) => count(run.delivered) },
  { title: "duplicated by", right: false, rank: 0, cell: (run) => tallies(run.duplicates) },
  { title: "lost by", right: false, rank: 0, cell: (run) => tallies(run.losses) },
  { title: "verdicts", right: false, rank: 5, cell: (run) => verdicts(run) },
  { title: "virtual", right: true, rank: 6, cell: (run) => (run.world === "sim" ? duration(run.virtualUs) : "-") },
  { title: "wall", right: true, rank: 7, cell: (run) => (run.wallMs === null ? "-" : duration(run.wallMs * 1_000)) },
  { title: "hash", right: false, rank: 8, cell: (run) => run.hash },
];

const GAP = "  ";
const NARROWEST_TEXT = 10;
const RED = "\u001B[31m";
const GREEN = "\u001B[32m";
const YELLOW = "\u001B[33m";
const PLAIN = "\u001B[0m";
const COLOURS: Readonly<Record<Outcome, string>> = { pass: GREEN, fail: RED, unknown: YELLOW };

/** Runs as a table of plain text, one line per run, no wider than the terminal. */
export function renderTable(
  runs: readonly { readonly run: Run; readonly wallMs: number | null }[],
  options: TableOptions,
): string {
  const summaries = runs.map(({ run, wallMs }) => summarise(run, wallMs));
  const { columns, widths } = fit(summaries, options.columns);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => pad(cell, widths[index]!, columns[index]!.right))
      .join(GAP)
      .trimEnd();
  const lines = [line(columns.map((column) => column.title)), line(widths.map((width) => "─".repeat(width)))];
  for (const summary of summaries) {
    const text = line(columns.map((column, index) => clip(column.cell(summary), widths[index]!)));
    const said = `${OUTCOME_SIGNS[summary.outcome]} ${summary.outcome}`;
    lines.push(options.colour ? text.replace(said, `${COLOURS[summary.outcome]}${said}${PLAIN}`) : text);
  }
  return lines.join("\n");
}

/** Leaves out columns until the table fits; then shortens the longest. */
function fit(
  summaries: readonly RunSummary[],
  room: number,
): { readonly columns: readonly Column[]; readonly widths: readonly number[] } {
  const natural = new Map(
    COLUMNS.map((column) => [
      column,
      Math.max(column.title.length, ...summaries.map((run) => column.cell(run).length)),
    ]),
  );
  let columns = COLUMNS.filter((column) => natural.get(column)! > 0);
  const total = (): number => columns.reduce((sum, column) => sum + natural.get(column)! + GAP.length, -GAP.length);
  while (total() > room && columns.some((column) => column.rank > 0)) {
    const last = Math.max(...columns.map((column) => column.rank));
    columns = columns.filter((column) => column.rank !== last);
  }
  const widths = columns.map((column) => natural.get(column)!);
  for (let over = total() - room; over > 0; over -= 1) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= NARROWEST_TEXT) break;
    widths[widest]! -= 1;
  }
  return { columns, widths };
}

function tallies(all: readonly Tally[]): string {
  return all.length === 0 ? "-" : all.map(({ licence, count: number }) => `${count(number)} ${licence}`).join(", ");
}

/** `10 pass, 2 ?`, failures by name. */
function verdicts(run: RunSummary): string {
  const of = (outcome: Outcome): RunSummary["verdicts"] => run.verdicts.filter((one) => one.outcome === outcome);
  const parts = [`${of("pass").length} ✓`];
  if (of("unknown").length > 0) parts.push(`${of("unknown").length} ?`);
  const failed = of("fail").map((one) => one.property);
  if (failed.length > 0) parts.push(`✗ ${failed.join(" ")}`);
  if (run.expectationsUnmet > 0) parts.push(`${run.expectationsUnmet} unmet`);
  return parts.join(" ");
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width);
}
