import { join } from "node:path";
import { type IndexEntry, renderIndex } from "../../reports/index-page.ts";
import { renderReport } from "../../reports/report.ts";
import { renderTable } from "../../reports/terminal.ts";
import { FROM_SOURCE } from "../bench/program.ts";
import { CATALOGUE } from "../catalogue/index.ts";
import { parseArguments } from "./arguments.ts";
import { type Command, EXIT, InputError } from "./command.ts";
import { describeRun, duration } from "./describe-run.ts";
import { worst } from "./document.ts";
import { makeOutputDirectory, type Output, writeOutputFile } from "./output.ts";
import { judgeTwice } from "./twice.ts";
import { runInWorld, type TimedRun } from "./worlds.ts";

const DEFAULT_DIRECTORY = "nsqlab-report";

/** How the user calls this command: from a clone of the sources, or installed. */
const CALL = FROM_SOURCE ? "node --import tsx scenarios/main.ts" : "npx nsqlab";

const help = `nsqlab tour [--out DIR]

Runs the whole catalogue in the simulated world, each scenario twice (for determinism), prints a table, and writes one
report per scenario and an index of them into DIR (default ./${DEFAULT_DIRECTORY}). This is what \`npm start\` does.

  nsqlab tour
  nsqlab tour --out /tmp/tour`;

export const command: Command = {
  help,
  async run(args, output) {
    const { names, options } = parseArguments(args, { out: "text" });
    if (names.length > 0) throw new InputError(`tour takes no names, but got ${names.join(" ")}; see nsqlab run`);
    const directory = options.out ?? DEFAULT_DIRECTORY;
    makeOutputDirectory(directory);
    const began = performance.now();
    const runs = await runCatalogue(output);
    output.print(renderTable(runs, { columns: output.columns, colour: output.isColoured }));
    for (const timed of runs) if (timed.run.outcome !== "pass") output.print(`\n${describeRun(timed)}`);
    writeReports(runs, directory, output);
    output.print(whatNext(runs, directory, performance.now() - began));
    return EXIT[worst(runs)];
  },
};

async function runCatalogue(output: Output): Promise<readonly TimedRun[]> {
  const runs: TimedRun[] = [];
  for (const [index, scenario] of CATALOGUE.entries()) {
    const step = `${index + 1}/${CATALOGUE.length} ${scenario.catalogue} ${scenario.name}`;
    output.progress(step);
    const { run, wallMs } = await runInWorld(scenario, { kind: "sim" }, output);
    const timed = { run: judgeTwice(run).run, wallMs };
    runs.push(timed);
    if (!output.isTerminal) output.remark(`${step}: ${timed.run.outcome} in ${duration(timed.wallMs)}`);
  }
  output.progress("");
  return runs;
}

function writeReports(runs: readonly TimedRun[], directory: string, output: Output): void {
  const entries: IndexEntry[] = [];
  for (const { run, wallMs } of runs) {
    const file = `${run.scenario.name}.html`;
    output.progress(`report ${file}`);
    writeOutputFile(join(directory, file), renderReport(run));
    entries.push({ run, wallMs, href: file });
  }
  writeOutputFile(join(directory, "index.html"), renderIndex(entries));
  output.progress("");
}

function whatNext(runs: readonly TimedRun[], directory: string, wallMs: number): string {
  const passed = runs.filter(({ run }) => run.outcome === "pass").length;
  return [
    "",
    `${passed} of ${runs.length} scenarios as expected, in ${duration(wallMs)}. Reports: ${join(directory, "index.html")}`,
    "",
    "Try next:",
    `  ${CALL} run lost-fin --set faults.0.do.forMs=200`,
    "      a longer cut: the expectation fails, and the lives of messages tell why",
    `  ${CALL} run consumer-crash-mid-handler --world tcp --set 'consumers.*.config.msg_timeout=5s' \\`,
    "        --set consumers.c1.handler.0.takeMs=4000 --set durationMs=15000",
    "      the same scenario in real time, over real connections, judged by the same oracles",
    `  ${CALL} campaign --runs 500`,
    "      500 random scenarios, every property judged",
  ].join("\n");
}
