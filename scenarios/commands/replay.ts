import type { Run } from "../../sim/result.ts";
import { parseArguments } from "./arguments.ts";
import { type Command, EXIT, InputError } from "./command.ts";
import { runsDocument, worst } from "./document.ts";
import { describeRun } from "./describe-run.ts";
import { renderReport } from "../../reports/report.ts";
import { remarksOnly, writeOutputFile } from "./output.ts";
import { checkScenario, readJsonFile } from "./select.ts";
import { runInWorld, type TimedRun } from "./worlds.ts";
import type { Scenario } from "../../sim/scenario/types.ts";

const help = `nsqlab replay FILE [--report out.html] [--json]

Runs again, in the simulated world, what a file holds: one scenario, or the document that \`nsqlab run --json\` or
\`nsqlab campaign --json\` printed. Where the file has the hash of a simulated run, the replay must give the same hash:
otherwise the run was made by another version of nsqlab, which is said, and the exit code is 1.

  nsqlab run lost-ok --json > run.json && nsqlab replay run.json
  nsqlab campaign --runs 500 --json > failures.json; nsqlab replay failures.json --report first.html`;

export const command: Command = {
  help,
  async run(args, output) {
    const { names, options } = parseArguments(args, { report: "text", json: "flag" });
    const [path, ...more] = names;
    if (path === undefined || more.length > 0) throw new InputError("replay takes one file");
    const stored = storedRuns(readJsonFile(path), path);
    const text = options.json ? remarksOnly(output) : output;
    const runs: TimedRun[] = [];
    let reproduced = true;
    for (const { scenario, hash } of stored) {
      const timed = await runInWorld(scenario, { kind: "sim" }, output);
      runs.push(timed);
      text.print(describeRun(timed));
      if (hash !== null) text.print(hash === timed.run.hash ? "  as recorded: same hash" : differs(hash));
      reproduced &&= hash === null || hash === timed.run.hash;
    }
    if (options.report !== null) writeOutputFile(options.report, renderReport(runs[0]!.run));
    if (options.json) output.print(runsDocument(runs));
    return reproduced ? EXIT[worst(runs)] : EXIT.fail;
  },
};

interface StoredRun {
  readonly scenario: Scenario;
  /** Null where no simulated run was recorded. */
  readonly hash: string | null;
}

function differs(hash: string): string {
  return `  NOT as recorded: hash was ${hash}. Another version of nsqlab made that run.`;
}

function storedRuns(content: unknown, path: string): readonly StoredRun[] {
  const runs = (content as { runs?: unknown } | null)?.runs;
  if (!Array.isArray(runs)) return [{ scenario: checkScenario(content, path), hash: null }];
  if (runs.length === 0) throw new InputError(`${path}: holds no run`);
  return (runs as Partial<Run>[]).map((run, index) => ({
    scenario: checkScenario(run.scenario, `${path}, run ${index}`),
    hash: run.world === "sim" && typeof run.hash === "string" ? run.hash : null,
  }));
}
