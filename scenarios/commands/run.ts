import { join } from "node:path";
import { renderReport } from "../../reports/report.ts";
import type { Scenario } from "../../sim/scenario/types.ts";
import { parseArguments } from "./arguments.ts";
import { type Command, EXIT, InputError } from "./command.ts";
import { describeDivergence } from "./describe-divergence.ts";
import { describeRun } from "./describe-run.ts";
import { historyLines, runsDocument, worst } from "./document.ts";
import { type Export, EXPORT_HELP, parseExports } from "./exports.ts";
import { makeOutputDirectory, type Output, remarksOnly, writeOutputFile } from "./output.ts";
import { selectScenario } from "./select.ts";
import { judgeTwice } from "./twice.ts";
import { parseWorld, requireSupport, runInWorld, type TimedRun, type World } from "./worlds.ts";

const help = `nsqlab run NAME|FILE… [options]

Runs scenarios and judges them. NAME is a name or number of the catalogue (lost-fin, S03) or seed:N, a generated
scenario; FILE is a scenario in JSON (\`nsqlab list NAME --json\` prints one to start from).

  --seed N              another seed for every random stream of the run
  --set path=value      change a field; may be repeated. Members of lists by number, name, or * for all
  --world sim           simulated: virtual time, deterministic (default)
  --world tcp           real time, our nsqd as a process of its own, real connections
  --world host:port     real time, against the nsqd that listens there (HTTP on the next port, or host:port,host:port)
                        In real time counts may be off by 10 %, and by 2; zeros and verdicts must hold
  --report out.html     write the report; a directory when there are several scenarios
  --events out.jsonl    write the history, one event per line; a directory when there are several scenarios
${EXPORT_HELP}
                        A directory when there are several scenarios
  --json                one JSON document on standard output; nsqlab replay takes it back
  --twice               run each scenario twice: judges determinism (P21) and names the first event that
                        differs (simulated world only)

Exit code: 0 as expected, 1 a property or expectation failed, 2 bad usage, 3 nothing was proven.

  nsqlab run lost-fin --report lost-fin.html
  nsqlab run S02 --seed 7 --set consumers.c1.maxInFlight=3 --set expect.duplicates.consumer-crash=3 \\
                 --set expect.delivered=1003
  nsqlab run happy-path --world tcp --set producers.p1.workload.0.count=200 --set durationMs=4000 \\
                        --set expect.published=200 --set expect.delivered=400`;

const OPTIONS = {
  seed: "integer",
  set: "list",
  world: "text",
  report: "text",
  events: "text",
  export: "list",
  json: "flag",
  twice: "flag",
} as const;

export const command: Command = {
  help,
  async run(args, output) {
    const { names, options } = parseArguments(args, OPTIONS);
    if (names.length === 0) throw new InputError("which scenario? `nsqlab list` shows the catalogue");
    const world = parseWorld(options.world);
    const wishes = { ...options, exports: parseExports(options.export) };
    if (options.twice && world.kind !== "sim")
      throw new InputError("--twice needs --world sim: real time never repeats");
    const scenarios = names.map((name) => selectScenario(name, options));
    requireSupport(scenarios, world);
    return runAll(scenarios, world, wishes, output);
  },
};

/** What to do with each run besides judging it. */
interface Wishes {
  readonly report: string | null;
  readonly events: string | null;
  readonly exports: readonly Export[];
  readonly json: boolean;
  readonly twice: boolean;
}

/** Runs scenarios one after another, shows and writes what was wished for; returns the exit code. */
async function runAll(scenarios: readonly Scenario[], world: World, wishes: Wishes, output: Output): Promise<number> {
  const text = wishes.json ? remarksOnly(output) : output;
  const places = filePlaces(scenarios, wishes);
  const runs: TimedRun[] = [];
  let diverged = false;
  for (const [index, scenario] of scenarios.entries()) {
    let timed = await runInWorld(scenario, world, output);
    if (wishes.twice) {
      const { run, divergence } = judgeTwice(timed.run);
      timed = { ...timed, run };
      if (divergence !== null) text.print(describeDivergence(scenario.name, divergence));
      diverged ||= divergence !== null;
    }
    runs.push(timed);
    text.print(`${index === 0 ? "" : "\n"}${describeRun(timed)}`);
    const { report, events, exports } = places[index]!;
    if (events !== null) writeOutputFile(events, historyLines(timed.run.history));
    if (report !== null) writeOutputFile(report, renderReport(timed.run));
    for (const file of [report, events]) if (file !== null) text.print(`  wrote ${file}`);
    for (const { file, render, remark } of exports) {
      writeOutputFile(file, render(timed.run.history));
      text.print(`  wrote ${file}${remark}`);
    }
  }
  if (wishes.json) output.print(runsDocument(runs));
  return diverged ? EXIT.fail : EXIT[worst(runs)];
}

type FilePlaces = Pick<Wishes, "report" | "events" | "exports">;

/** Where the files of each scenario go; found out before anything runs, so that a bad path costs no waiting. */
function filePlaces(scenarios: readonly Scenario[], wishes: Wishes): readonly FilePlaces[] {
  const isOne = scenarios.length === 1;
  const directories = [wishes.report, wishes.events, ...wishes.exports.map(({ file }) => file)];
  for (const directory of isOne ? [] : directories) if (directory !== null) makeOutputDirectory(directory);
  const seen = new Map<string, number>();
  return scenarios.map(({ name }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const stem = count === 1 ? name : `${name}-${count}`;
    const place = (wish: string, ending: string): string => (isOne ? wish : join(wish, `${stem}.${ending}`));
    return {
      report: wishes.report === null ? null : place(wishes.report, "html"),
      events: wishes.events === null ? null : place(wishes.events, "jsonl"),
      exports: wishes.exports.map((one) => ({ ...one, file: place(one.file, one.ending) })),
    };
  });
}
