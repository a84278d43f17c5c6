import { availableParallelism } from "node:os";
import { nearestName } from "../../core/nearest.ts";
import { type Size, SIZES } from "../../sim/generate/limits.ts";
import type { PlantedBug } from "../planted/bug.ts";
import { PLANTED_BUGS } from "../planted/bugs/index.ts";
import { makeMatrix } from "../planted/matrix.ts";
import { sourceRoot } from "../planted/nursery.ts";
import { parseArguments } from "./arguments.ts";
import { type Command, EXIT, InputError } from "./command.ts";
import { describeMatrix, describeTrials, isComplete, renderMatrix } from "./describe-kill-matrix.ts";
import { duration } from "./describe-run.ts";
import { remarksOnly, writeOutputFile } from "./output.ts";

const DEFAULT_RUNS = 1_000;
const DEFAULT_TRIALS = 5;

const help = `nsqlab kill-matrix [BUG…] [options]

Plants mistakes, ${PLANTED_BUGS.length} of them, one at a time, into copies of nsqlab's own sources: in broker, storage, clients and directory.
Runs random scenarios with each until a property fails, and says who noticed, after how many seeds and how much processor
time. The same seeds are run without a mistake, too: should one fail, the matrix proves nothing.

Needs nsqlab's sources, with its development dependencies: a checkout, not an installed package.

  --runs N         seeds after which a mistake counts as not noticed (default ${DEFAULT_RUNS})
  --trials T       times that each is tried, from other seeds each time; medians are told (default ${DEFAULT_TRIALS})
  --size swarm     large worlds instead of small ones, as for \`nsqlab campaign\`
  --jobs N         processes (default: one per processor)
  --out FILE.md    write the table
  --json           one JSON document on standard output, with every trial

Exit code: 0 every mistake was noticed and nothing failed without one, 1 otherwise, 2 bad usage, or no sources.

  nsqlab kill-matrix rdy-is-off-by-one --trials 3
  nsqlab kill-matrix --runs 300 --jobs 4 --out kill-matrix.md`;

const OPTIONS = {
  runs: "integer",
  trials: "integer",
  jobs: "integer",
  size: "text",
  out: "text",
  json: "flag",
} as const;

export const command: Command = {
  help,
  async run(args, output) {
    const { names, options } = parseArguments(args, OPTIONS);
    const bugs = names.length === 0 ? PLANTED_BUGS : names.map(bugNamed);
    const root = sourceRoot();
    if (root === null) {
      const where = "a checkout with its development dependencies, not an installed package";
      throw new InputError(`kill-matrix plants its mistakes into nsqlab's sources: it needs ${where}`);
    }
    const began = performance.now();
    const matrix = await makeMatrix(root, {
      bugs,
      runs: atLeastOne("runs", options.runs ?? DEFAULT_RUNS),
      trials: atLeastOne("trials", options.trials ?? DEFAULT_TRIALS),
      jobs: atLeastOne("jobs", options.jobs ?? availableParallelism()),
      size: sizeNamed(options.size ?? "small"),
      onProgress: (done, bug) => {
        const elapsed = duration(performance.now() - began);
        output.progress(`${done} of ${bugs.length} mistakes, ${elapsed}; ${describeTrials(bug)}`);
      },
    });
    output.progress("");
    const text = options.json ? remarksOnly(output) : output;
    text.print(describeMatrix(matrix, bugs));
    if (options.out !== null) writeOutputFile(options.out, renderMatrix(matrix, bugs));
    if (options.json) output.print(JSON.stringify(matrix, null, 2));
    return isComplete(matrix) ? EXIT.pass : EXIT.fail;
  },
};

function bugNamed(name: string): PlantedBug {
  const bug = PLANTED_BUGS.find((one) => one.name === name);
  if (bug !== undefined) return bug;
  const all = PLANTED_BUGS.map((one) => one.name);
  const nearest = nearestName(name, all);
  const hint = nearest === null ? `there are ${all.join(", ")}` : `did you mean ${nearest}?`;
  throw new InputError(`no planted mistake is called ${name}; ${hint}`);
}

function atLeastOne(option: string, value: number): number {
  if (value >= 1) return value;
  throw new InputError(`--${option} ${value}: expected at least 1`);
}

function sizeNamed(name: string): Size {
  if (Object.hasOwn(SIZES, name)) return name as Size;
  throw new InputError(`--size ${name}: expected one of ${Object.keys(SIZES).join(", ")}`);
}
