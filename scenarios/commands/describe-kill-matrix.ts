import type { PlantedBug } from "../planted/bug.ts";
import type { BugTrials, KillMatrix, Trial } from "../planted/matrix.ts";

/** One row of the matrix. */
interface Row {
  readonly bug: PlantedBug;
  /** Of its trials. */
  readonly noticed: number;
  readonly trials: number;
  /** Medians over the trials; null: not noticed in most of them. */
  readonly seeds: number | null;
  readonly cpuMs: number | null;
  /** Who noticed, by the trials in which they did, the most first. */
  readonly by: readonly string[];
}

/** The table in the committed form: Markdown. */
export function renderMatrix(matrix: KillMatrix, bugs: readonly PlantedBug[]): string {
  const rows = rowsOf(matrix, bugs);
  const { date, runs, trials, size, control } = matrix;
  return `# Who notices which mistake

Each row is a mistake, planted into a copy of the sources (scenarios/planted). Random scenarios are run with it, from a
first seed on, until one fails; so ${trials} times, each time from other seeds, with at most ${runs} seeds. *Seeds* and *CPU s* are
the medians of what that took; *noticed by* names the properties that failed there, *assertion* stands for one of the
program's own, *endless* for a run that would not end. Every mistake has a scenario besides that is made to show it.

Made by \`nsqlab kill-matrix --runs ${runs} --trials ${trials} --size ${size}\` on ${date}.

${summaryLines(matrix, rows).join("  \n")}

| mistake | in | noticed by | trials | seeds | CPU s | shown by | how one comes to make it |
| --- | --- | --- | ---: | ---: | ---: | --- | --- |
| (none) | | ${control.failing.length === 0 ? "nobody" : `seeds ${control.failing.join(", ")}`} | | ${control.seeds} | ${cpuSeconds(control.cpuMs)} | | |
${rows.map(renderRow).join("\n")}
`;
}

/** The same for a terminal, without the stories. */
export function describeMatrix(matrix: KillMatrix, bugs: readonly PlantedBug[]): string {
  const rows = rowsOf(matrix, bugs);
  const width = Math.max(...rows.map(({ bug }) => bug.name.length));
  const lines = rows.map(({ bug, by, noticed, trials, seeds, cpuMs }) => {
    const cost = seeds === null ? "" : `${seeds} seeds, ${cpuSeconds(cpuMs!)} s`;
    return `${bug.name.padEnd(width)}  ${noticed}/${trials}  ${cost.padEnd(20)}  ${by.join(", ") || "nobody"}`;
  });
  return [...lines, "", ...summaryLines(matrix, rows)].join("\n");
}

/** What one bug came to, for the progress line. */
export function describeTrials({ name, trials }: BugTrials): string {
  const seeds = trials.map((trial) => (isNoticed(trial) ? String(trial.seeds) : "-"));
  return `${name} ${seeds.join(" ")}`;
}

/** Nothing went unnoticed, and nothing failed without a bug. */
export function isComplete({ bugs, control }: KillMatrix): boolean {
  return control.failing.length === 0 && bugs.every(({ trials }) => trials.some(isNoticed));
}

function rowsOf(matrix: KillMatrix, bugs: readonly PlantedBug[]): Row[] {
  return matrix.bugs.map(({ name, trials }) => {
    const noticed = trials.filter(isNoticed);
    return {
      bug: bugs.find((bug) => bug.name === name)!,
      noticed: noticed.length,
      trials: trials.length,
      seeds: medianOf(trials, ({ seeds }) => seeds),
      cpuMs: medianOf(trials, ({ cpuMs }) => cpuMs),
      by: byFrequency(noticed.flatMap(({ failures }) => [...new Set(failures.map(labelOf))])),
    };
  });
}

function summaryLines({ control, runs }: KillMatrix, rows: readonly Row[]): string[] {
  const noticed = rows.filter((row) => row.noticed > 0);
  const always = rows.filter((row) => row.noticed === row.trials).length;
  const medians = noticed.flatMap(({ seeds }) => seeds ?? []).sort((a, b) => a - b);
  const missed = rows.filter((row) => row.noticed === 0).map(({ bug }) => bug.name);
  const controlText =
    control.failing.length === 0
      ? `Without a mistake: ${control.seeds} seeds, none failed.`
      : `VOID: without a mistake ${control.failing.length} of ${control.seeds} seeds failed (${control.failing.slice(0, 10).join(", ")}).`;
  return [
    `${noticed.length} of ${rows.length} mistakes noticed within ${runs} seeds, ${always} of them in every trial.`,
    `Median of the medians: ${medians.length === 0 ? "none" : medians[Math.floor((medians.length - 1) / 2)]} seeds.`,
    ...(missed.length === 0 ? [] : [`Not noticed: ${missed.join(", ")}.`]),
    controlText,
  ];
}

function renderRow({ bug, by, noticed, trials, seeds, cpuMs }: Row): string {
  const cells = [
    bug.name,
    bug.file,
    by.join(", ") || "nobody",
    `${noticed}/${trials}`,
    seeds ?? "",
    cpuMs === null ? "" : cpuSeconds(cpuMs),
    bug.scenario,
    bug.why,
  ];
  return `| ${cells.join(" | ")} |`;
}

function isNoticed({ failures }: Trial): boolean {
  return failures.length > 0;
}

/** The middle of all trials, of which those that noticed nothing count as longest. */
function medianOf(trials: readonly Trial[], value: (trial: Trial) => number): number | null {
  const values = trials.map((trial) => (isNoticed(trial) ? value(trial) : Infinity)).sort((a, b) => a - b);
  const median = values[Math.floor((values.length - 1) / 2)]!;
  return median === Infinity ? null : median;
}

/** The property, or what stands for it. */
function labelOf(failure: string): string {
  return failure.startsWith("error") ? "assertion" : failure;
}

function byFrequency(labels: readonly string[]): string[] {
  const times = new Map<string, number>();
  for (const label of labels) times.set(label, (times.get(label) ?? 0) + 1);
  return [...times].sort((a, b) => b[1] - a[1] || numberOf(a[0]) - numberOf(b[0])).map(([label]) => label);
}

function numberOf(label: string): number {
  return Number(/^P(\d+)$/.exec(label)?.[1] ?? 99);
}

function cpuSeconds(ms: number): string {
  return (ms / 1_000).toFixed(ms < 10_000 ? 1 : 0);
}
