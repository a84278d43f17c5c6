import { renderReport } from "../../reports/report.ts";
import type { Run } from "../../sim/result.ts";
import { decisiveFaults } from "../../sim/shrink/decisive.ts";
import type { Failure } from "../../sim/shrink/failure.ts";
import { likelihoodCurve, type LikelihoodPoint } from "../../sim/shrink/likelihood.ts";
import { tellStory } from "../../sim/shrink/story.ts";
import { simulate } from "../simulate.ts";
import { onlyName, parseArguments } from "./arguments.ts";
import { type Command, EXIT, InputError } from "./command.ts";
import { describeDecisive, describeStory } from "./describe-capsule.ts";
import { failureToKeep } from "./failure-to-keep.ts";
import { type Output, remarksOnly, writeOutputFile } from "./output.ts";
import { selectScenario } from "./select.ts";

const DEFAULT_POINTS = 21;
const DEFAULT_RERUNS = 10;
const DEFAULT_BUDGET_MS = 20_000;

const help = `nsqlab explain FILE|NAME|seed:N [options]

Says why a scenario fails: the story of the message concerned in at most ten lines, the faults without which, one at a
time, it does not fail, and how likely the failure was over the time of the run. For that the run is repeated with other
random choices (latencies, durations, chances) from earlier and earlier instants on: where the share of failing reruns
rises to all, the failure became inevitable. The story is best of a small scenario: \`nsqlab shrink\` makes it small.

  --points N            instants of the curve, closer together where more happens (default ${DEFAULT_POINTS})
  --reruns N            reruns per instant (default ${DEFAULT_RERUNS})
  --budget 20s          stop the curve after so long; it grows from the failure backwards (default 20s)
  --report out.html     write the report of the run, with the explanation and the curve
  --json                one JSON document on standard output
  --seed N, --set path=value    as for \`nsqlab run\`

Exit code: 1 it fails and is explained, 2 bad usage, or the scenario does not fail.

  nsqlab shrink lost-fin --set expect.duplicates.lost-fin=0 --out capsule.json; nsqlab explain capsule.json
  nsqlab explain seed:4711 --reruns 30 --report 4711.html`;

const OPTIONS = {
  points: "integer",
  reruns: "integer",
  budget: "duration",
  report: "text",
  json: "flag",
  seed: "integer",
  set: "list",
} as const;

export const command: Command = {
  help,
  async run(args, output) {
    const { names, options } = parseArguments(args, OPTIONS);
    const word = onlyName(names, "explain");
    const points = options.points ?? DEFAULT_POINTS;
    const reruns = options.reruns ?? DEFAULT_RERUNS;
    if (points === 0 || reruns === 0) throw new InputError("--points and --reruns: expected at least 1");
    const text = options.json ? remarksOnly(output) : output;
    const run = simulate(selectScenario(word, options));
    const failure = failureToKeep(run, word);
    const { scenario } = run;
    const story = tellStory(run, failure);
    const decisive = decisiveFaults(scenario, failure.id);
    text.print(`${failure.id}: ${failure.text}\n\n${describeStory({ scenario, story, decisive })}`);
    const curve = sampleCurve(run, failure, { points, reruns }, options.budget ?? DEFAULT_BUDGET_MS, output);
    text.print(`\n${describeCurve(curve)}`);
    if (options.report !== null) {
      const told = { failure: `${failure.id}: ${failure.text}`, decisive: describeDecisive(decisive, scenario) };
      writeOutputFile(options.report, renderReport(run, { ...told, story, curve }));
      text.print(`\n  report: ${options.report}`);
    }
    if (options.json) {
      const facts = { failure: failure.id, text: failure.text, story, decisive, likelihood: curve, hash: run.hash };
      output.print(JSON.stringify({ format: "nsqlab-explanation-1", ...facts, scenario }, null, 2));
    }
    return EXIT.fail;
  },
};

function sampleCurve(
  run: Run,
  failure: Failure,
  { points, reruns }: { readonly points: number; readonly reruns: number },
  budgetMs: number,
  output: Output,
): LikelihoodPoint[] {
  const began = performance.now();
  const curve: LikelihoodPoint[] = [];
  for (const point of likelihoodCurve(run, failure, { points, reruns })) {
    curve.unshift(point);
    output.progress(`${curve.length} of ${points} instants, ${reruns} reruns each`);
    if (performance.now() - began >= budgetMs) break;
  }
  output.progress("");
  return curve;
}

const BARS = "▁▂▃▄▅▆▇█";

/** A sparkline of the share of failing reruns, and when it rose to all. */
export function describeCurve(curve: readonly LikelihoodPoint[]): string {
  const shares = curve.map(({ failed, reruns }) => failed / reruns);
  const bars = shares.map((share) => (share === 0 ? "·" : BARS[Math.ceil(share * BARS.length) - 1]!)).join("");
  const [first, last] = [curve[0]!, curve.at(-1)!];
  const sure = curve.length - [...shares].reverse().findIndex((share) => share < 1);
  const verdict = shares.every((share) => share === 1)
    ? "chance decides nothing: it fails whatever is drawn"
    : sure >= curve.length
      ? "not certain at any of these instants"
      : `certain from ${seconds(curve[sure]!)} on`;
  return [
    `  likelihood of this failure with other random choices from an instant on (${first.reruns} reruns each):`,
    `  ${seconds(first)} ${bars} ${seconds(last)}`,
    `  from ${seconds(first)} on ${percent(shares[0]!)} fail; ${verdict}`,
  ].join("\n");
}

function seconds({ atUs }: LikelihoodPoint): string {
  return `${(atUs / 1e6).toFixed(3)} s`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
