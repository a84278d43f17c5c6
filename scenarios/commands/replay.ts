import type { Run } from "../../sim/result.ts";
import { RunError } from "../../sim/run.ts";
import { type Capsule, isCapsule } from "../../sim/shrink/capsule.ts";
import { failsBy, failureOfError } from "../../sim/shrink/failure.ts";
import { parseArguments } from "./arguments.ts";
import { checkCapsule, describeVersions, versions } from "./capsules.ts";
import { type Command, EXIT, InputError } from "./command.ts";
import { runsDocument, worst } from "./document.ts";
import { describeRun } from "./describe-run.ts";
import { renderReport } from "../../reports/report.ts";
import { remarksOnly, writeOutputFile } from "./output.ts";
import { checkScenario, readJsonFile } from "./select.ts";
import { attempt } from "../simulate.ts";
import type { TimedRun } from "./worlds.ts";
import type { Scenario } from "../../sim/scenario/types.ts";

const help = `nsqlab replay FILE [--report out.html] [--json]

Runs again, in the simulated world, what a file holds: one scenario, a capsule of \`nsqlab shrink\`, or the document that
\`nsqlab run --json\` or \`nsqlab campaign --json\` printed. Where the file has the hash of a simulated run, the replay must
give the same hash: otherwise the run was made by another version of nsqlab, which is said, and the exit code is 1. Of a
capsule it is said as well whether it still fails in the way for which it was kept.

  nsqlab run lost-ok --json > run.json && nsqlab replay run.json
  nsqlab shrink failing.json --out capsule.json && nsqlab replay capsule.json
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
    let broken = false;
    for (const { scenario, hash, capsule } of stored) {
      const timed = attemptTimed(scenario);
      if (timed instanceof RunError) {
        text.print(`${scenario.name}: nsqlab itself fails: ${timed.message}`);
        if (capsule !== null) text.print(describeKept(capsule, failureOfError(timed).id === capsule.failure));
        broken = true;
        continue;
      }
      runs.push(timed);
      text.print(describeRun(timed));
      if (hash !== null) text.print(hash === timed.run.hash ? "  as recorded: same hash" : differs(hash, capsule));
      if (capsule !== null) text.print(describeKept(capsule, failsBy(timed.run, capsule.failure)));
      reproduced &&= hash === null || hash === timed.run.hash;
    }
    if (options.report !== null && runs.length > 0) writeOutputFile(options.report, renderReport(runs[0]!.run));
    if (options.json) output.print(runsDocument(runs));
    return reproduced && !broken ? EXIT[worst(runs)] : EXIT.fail;
  },
};

function attemptTimed(scenario: Scenario): TimedRun | RunError {
  const began = performance.now();
  const run = attempt(scenario);
  return run instanceof RunError ? run : { run, wallMs: performance.now() - began };
}

interface StoredRun {
  readonly scenario: Scenario;
  /** Null where no simulated run was recorded. */
  readonly hash: string | null;
  /** Null: the file is not a capsule. */
  readonly capsule: Capsule | null;
}

function differs(hash: string, capsule: Capsule | null): string {
  const by =
    capsule === null ? "" : ` (${describeVersions(capsule.versions)}; this is ${describeVersions(versions())})`;
  return `  NOT as recorded: hash was ${hash}. Another version of nsqlab made that run${by}.`;
}

function describeKept({ failure, reason }: Capsule, stillFails: boolean): string {
  return `  kept for ${failure} (${reason}): ${stillFails ? "fails so still" : "does not fail so any more"}`;
}

function storedRuns(content: unknown, path: string): readonly StoredRun[] {
  if (isCapsule(content)) {
    const { scenario, hash } = content;
    return [
      {
        scenario: checkScenario(scenario, path),
        hash: hash === "" ? null : hash,
        capsule: checkCapsule(content, path),
      },
    ];
  }
  const runs = (content as { runs?: unknown } | null)?.runs;
  if (!Array.isArray(runs)) return [{ scenario: checkScenario(content, path), hash: null, capsule: null }];
  if (runs.length === 0) throw new InputError(`${path}: holds no run`);
  return (runs as Partial<Run>[]).map((run, index) => ({
    scenario: checkScenario(run.scenario, `${path}, run ${index}`),
    hash: run.world === "sim" && typeof run.hash === "string" ? run.hash : null,
    capsule: null,
  }));
}
