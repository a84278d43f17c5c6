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
  /** Left out in order of this number, the largest first, when there is no room; 0 stays. */
  readonly rank: number;
  readonly cell: (run: RunSummary) => string;
}

const CAUSES: readonly Column[] = [
  { title: "duplicated by", right: false, rank: 0, cell: (run) => tallies(run.duplicates) || "-" },
  { title: "lost by", right: false, rank: 0, cell: (run) => tallies(run.losses) || "-" },
];

const COLUMNS: readonly Column[] = [
  { title: "", right: false, rank: 0, cell: (run) => run.catalogue },
  { title: "scenario", right: false, rank: 0, cell: (run) => run.name },
  { title: "outcome", right: false, rank: 0, cell: (run) => `${OUTCOME_SIGNS[run.outcome]} ${run.outcome}` },
  { title: "faults", right: true, rank: 2, cell: (run) => count(run.faultsFired) },
  { title: "published", right: true, rank: 3, cell: (run) => count(run.published) },
  { title: "delivered", right: true, rank: 1, cell: (run) => count(run.delivered) },
  ...CAUSES,
  { title: "verdicts", right: false, rank: 4, cell: (run) => verdicts(run) },
  { title: "virtual", right: true, rank: 5, cell: (run) => (run.world === "sim" ? duration(run.virtualUs) : "-") },
  { title: "wall", right: true, rank: 6, cell: (run) => (run.wallMs === null ? "-" : duration(run.wallMs * 1_000)) },
  { title: "hash", right: false, rank: 7, cell: (run) => run.hash },
];

const GAP = "  ";
const NARROWEST_NAME = 12;
const RED = "\u001B[31m";
const GREEN = "\u001B[32m";
const YELLOW = "\u001B[33m";
const PLAIN = "\u001B[0m";
const COLOURS: Readonly<Record<Outcome, string>> = { pass: GREEN, fail: RED, unknown: YELLOW };

/**
 * Runs as a table of plain text, no wider than the terminal. Where it is too narrow for all columns, causes go to a
 * line of their own below their run; then columns are left out; then names are cut.
 */
export function renderTable(
  runs: readonly { readonly run: Run; readonly wallMs: number | null }[],
  options: TableOptions,
): string {
  const summaries = runs.map(({ run, wallMs }) => summarise(run, wallMs));
  const wide = measure(summaries, COLUMNS);
  const inline = wide.total <= options.columns;
  const { columns, widths } = inline ? wide : fit(summaries, options.columns);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => pad(clip(cell, widths[index]!), widths[index]!, columns[index]!.right))
      .join(GAP)
      .trimEnd();
  const lines = [line(columns.map((column) => column.title)), line(widths.map((width) => "─".repeat(width)))];
  for (const summary of summaries) {
    const text = line(columns.map((column) => column.cell(summary)));
    const said = `${OUTCOME_SIGNS[summary.outcome]} ${summary.outcome}`;
    lines.push(options.colour ? text.replace(said, `${COLOURS[summary.outcome]}${said}${PLAIN}`) : text);
    if (!inline) lines.push(...causes(summary, options.columns));
  }
  return lines.join("\n");
}

interface Measured {
  readonly columns: readonly Column[];
  readonly widths: readonly number[];
  readonly total: number;
}

function measure(summaries: readonly RunSummary[], wanted: readonly Column[]): Measured {
  const widthOf = (column: Column): number =>
    Math.max(0, column.title.length, ...summaries.map((run) => column.cell(run).length));
  const columns = wanted.filter((column) => widthOf(column) > 0);
  const widths = columns.map(widthOf);
  const total = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
  return { columns, widths, total };
}

function fit(summaries: readonly RunSummary[], room: number): Measured {
  let wanted = COLUMNS.filter((column) => !CAUSES.includes(column));
  let measured = measure(summaries, wanted);
  for (let rank = 7; rank > 0 && measured.total > room; rank -= 1) {
    wanted = wanted.filter((column) => column.rank !== rank);
    measured = measure(summaries, wanted);
  }
  const name = measured.columns.findIndex((column) => column.title === "scenario");
  const over = Math.max(0, measured.total - room);
  const widths = measured.widths.map((width, index) =>
    index === name ? Math.max(Math.min(width, NARROWEST_NAME), width - over) : width,
  );
  return { ...measured, widths };
}

/** What a narrow table says below a run. */
function causes(run: RunSummary, room: number): string[] {
  const said = [
    run.duplicates.length === 0 ? "" : `duplicated by ${tallies(run.duplicates)}`,
    run.losses.length === 0 ? "" : `lost by ${tallies(run.losses)}`,
  ];
  const text = said.filter((one) => one !== "").join("; ");
  return text === "" ? [] : [clip(`     ${text}`, room)];
}

function tallies(all: readonly Tally[]): string {
  return all.map(({ licence, count: number }) => `${count(number)} ${licence}`).join(", ");
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
