import { renderReport } from "../../reports/report.ts";
import { RunError } from "../../sim/run.ts";
import type { Scenario } from "../../sim/scenario/types.ts";
import { makeCapsule, makeErrorCapsule } from "../../sim/shrink/capsule.ts";
import { type Failure, failureOfError } from "../../sim/shrink/failure.ts";
import { Shrinker } from "../../sim/shrink/shrinker.ts";
import { attempt } from "../simulate.ts";
import { onlyName, parseArguments } from "./arguments.ts";
import { versions } from "./capsules.ts";
import { type Command, EXIT, InputError } from "./command.ts";
import { describeSize, describeStory } from "./describe-capsule.ts";
import { duration } from "./describe-run.ts";
import { failureToKeep, reasonOf } from "./failure-to-keep.ts";
import { type Output, remarksOnly, writeOutputFile } from "./output.ts";
import { selectScenario } from "./select.ts";

const DEFAULT_BUDGET_MS = 20_000;
const PROGRESS_EVERY_MS = 100;

const help = `nsqlab shrink FILE|NAME|seed:N [options]

Takes a scenario that fails and finds the smallest that fails in the same way: leaves out faults, operations, messages and
processes, then settings, then idle time and digits, as long as the same property fails. FILE holds a scenario, the
document of \`nsqlab run --json\`, or a capsule, which is shrunk further.

The result is a capsule: one JSON document with the scenario, the story in at most ten lines, the faults that decide, and
the hash that \`nsqlab replay\` must give.

  --out capsule.json    write the capsule there (default: standard output, the words go to standard error)
  --budget 20s          stop after so long with the smallest found (default 20s)
  --reason text         why the capsule is worth keeping; it travels with it
  --report out.html     write the report of the smallest scenario
  --seed N, --set path=value    as for \`nsqlab run\`

Exit code: 0 a capsule was made, 2 bad usage, or the scenario does not fail.

  nsqlab shrink lost-fin --set expect.duplicates.lost-fin=0 --out capsule.json
  nsqlab shrink seed:4711 --budget 1m --out 4711.json && nsqlab replay 4711.json`;

const OPTIONS = {
  out: "text",
  budget: "duration",
  reason: "text",
  report: "text",
  seed: "integer",
  set: "list",
} as const;

export const command: Command = {
  help,
  async run(args, output) {
    const { names, options } = parseArguments(args, OPTIONS);
    const word = onlyName(names, "shrink");
    const text = options.out === null ? remarksOnly(output) : output;
    const scenario = selectScenario(word, options);
    const found = attempt(scenario);
    const failure = found instanceof RunError ? failureOfError(found) : failureToKeep(found, word);
    const shrinker = shrink(scenario, failure, options.budget ?? DEFAULT_BUDGET_MS, output);
    const smallest = attempt(shrinker.best);
    const reason = options.reason ?? reasonOf(word) ?? `${failure.id} in ${scenario.name}`;
    const facts = { reason, versions: versions(), smallest: shrinker.complete };
    const capsule =
      smallest instanceof RunError
        ? makeErrorCapsule(shrinker.best, smallest, facts)
        : makeCapsule(smallest, failure, facts);
    text.print(
      [
        `${failure.id}: ${failure.text}`,
        `  from ${describeSize(scenario)}`,
        `  to   ${describeSize(shrinker.best)}, ${describeEffort(shrinker)}`,
        "",
        describeStory(capsule),
      ].join("\n"),
    );
    const document = JSON.stringify(capsule, null, 2);
    if (options.out === null) output.print(document);
    else {
      writeOutputFile(options.out, `${document}\n`);
      text.print(`\n  replay: nsqlab replay ${options.out}`);
    }
    if (options.report !== null) {
      if (smallest instanceof RunError) throw new InputError("no report: nsqlab itself fails, there is no run to draw");
      writeOutputFile(options.report, renderReport(smallest));
      text.print(`  report: ${options.report}`);
    }
    return EXIT.pass;
  },
};

function shrink(scenario: Scenario, failure: Failure, budgetMs: number, output: Output): Shrinker {
  const shrinker = new Shrinker({ scenario }, failure);
  const began = performance.now();
  let shownAt = began;
  while (performance.now() - began < budgetMs && shrinker.step()) {
    const now = performance.now();
    if (now - shownAt < PROGRESS_EVERY_MS) continue;
    shownAt = now;
    output.progress(`${shrinker.tries} tried, ${describeSize(shrinker.best)}, ${duration(now - began)}`);
  }
  output.progress("");
  return shrinker;
}

function describeEffort({ tries, complete }: Shrinker): string {
  const why = complete
    ? "nothing more can be left out"
    : "the budget is used up; shrinking the capsule goes on from there";
  return `${tries} tried: ${why}`;
}
