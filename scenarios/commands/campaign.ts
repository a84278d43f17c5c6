import { availableParallelism } from "node:os";
import { neverReached, type SeedRange, type Tally, Tallying } from "../../sim/campaign/tally.ts";
import { type Size, SIZES } from "../../sim/generate/limits.ts";
import { MARK_NAMES } from "../../sim/marks/marks.ts";
import { mergeFiles } from "../campaign/files.ts";
import { runSeeds } from "../campaign/run-seeds.ts";
import { parseArguments } from "./arguments.ts";
import { type Command, EXIT, InputError } from "./command.ts";
import { campaignDocument, describeTally, tellFailures } from "./describe-campaign.ts";
import { duration } from "./describe-run.ts";
import { type Output, remarksOnly, writeOutputFile } from "./output.ts";

const DEFAULT_RUNS = 200;
/** Fewer are not worth the start of a thread. */
const RUNS_PER_JOB = 100;
const MAX_JOBS = 256;
/** Seeds without anything new after which nothing new is expected: the rarest situations come in one of some hundreds. */
const PATIENCE = 2_000;
const PROGRESS_EVERY_MS = 100;

const help = `nsqlab campaign [options]
nsqlab campaign --merge FILE…

Generates one random scenario per seed (topology, workload, handlers, options, faults), runs each in the simulated
world and judges it by every property. Says which of ${MARK_NAMES.length} situations, in which queues are known to go wrong, came about.
The results are the same whatever the number of threads; their fingerprint says so.

  --runs N         how many seeds (default ${DEFAULT_RUNS})
  --for 60s        instead: as many seeds as there is time for
  --until-covered  instead: until every situation has come about; or no new one in ${PATIENCE} seeds, which fails
  --size swarm     worlds of 3 nsqds, 2 nsqlookupds, 6 clients, 2,000 messages and 10 faults, instead of small ones:
                   small worlds find most mistakes with a third of the work, large ones what needs many messages
  --size shop      small worlds with stores, effects, keys and dead letters, and claims about them (P12 to P15)
  --from-seed N    the first seed (default 1)
  --jobs N         threads (default: one per processor, as far as there is work)
  --shard i/n      only every n-th seed, from the i-th on: n machines share a campaign
  --out FILE       write the results; --merge puts such files together and counts them as one campaign
  --require-coverage   fail as well when a situation never came about
  --reports DIR    where reports of failing runs go (default nsqlab-report)
  --json           one JSON document on standard output, with the scenarios of the first failing runs

Exit code: 0 no failure, 1 some seed failed, 3 no seed proved anything.

  nsqlab campaign --runs 1000 --jobs 4
  nsqlab campaign --for 10m --shard 2/3 --out 2.json; nsqlab campaign --merge 1.json 2.json 3.json
  nsqlab campaign --until-covered
  nsqlab campaign --runs 1 --from-seed 4711; nsqlab run seed:4711 --report 4711.html
  nsqlab campaign --size swarm --for 1h; nsqlab run swarm:4711`;

const OPTIONS = {
  runs: "integer",
  for: "duration",
  "until-covered": "flag",
  size: "text",
  "from-seed": "integer",
  jobs: "integer",
  shard: "text",
  out: "text",
  merge: "flag",
  "require-coverage": "flag",
  reports: "text",
  json: "flag",
} as const;

export const command: Command = {
  help,
  async run(args, output) {
    const { names, options } = parseArguments(args, OPTIONS);
    const text = options.json ? remarksOnly(output) : output;
    if (names.length > 0 && !options.merge)
      throw new InputError(`campaign takes no scenario names, but got ${names.join(" ")}`);
    if (options.merge && names.length === 0) throw new InputError("--merge: which files?");
    const began = performance.now();
    const { user, system } = process.cpuUsage();
    const tally = options.merge ? mergeFiles(names) : await run(options, output);
    const wallMs = performance.now() - began;
    const spent = process.cpuUsage({ user, system });
    const processorMs = (spent.user + spent.system) / 1_000;
    tellFailures(tally, options.reports ?? "nsqlab-report", text);
    text.print(describeTally(tally, options.merge ? null : { wallMs, processorMs }));
    if (options.out !== null || options.json) {
      const document = campaignDocument(tally, wallMs);
      if (options.out !== null) writeOutputFile(options.out, `${document}\n`);
      if (options.json) output.print(document);
    }
    const mustCover = options["require-coverage"] || options["until-covered"];
    if (tally.failing.length > 0 || (mustCover && neverReached(tally).length > 0)) return EXIT.fail;
    return tally.unknown === tally.seeds ? EXIT.unknown : EXIT.pass;
  },
};

interface Wishes {
  readonly runs: number | null;
  readonly for: number | null;
  readonly "until-covered": boolean;
  readonly size: string | null;
  readonly "from-seed": number | null;
  readonly jobs: number | null;
  readonly shard: string | null;
}

async function run(wishes: Wishes, output: Output): Promise<Tally> {
  if (wishes.runs === 0) throw new InputError("--runs 0 proves nothing; expected at least 1");
  const size = parseSize(wishes.size);
  const ends = [wishes.runs !== null, wishes.for !== null, wishes["until-covered"]].filter(Boolean);
  if (ends.length > 1) throw new InputError("--runs, --for and --until-covered: one of them, not more");
  const [index, shards] = parseShard(wishes.shard);
  const first = (wishes["from-seed"] ?? 1) + index - 1;
  const total = wishes.runs ?? DEFAULT_RUNS;
  // The i-th of n machines: every n-th of the seeds of the whole.
  const isOpen = wishes.for !== null || wishes["until-covered"];
  const count = isOpen ? Infinity : Math.max(0, Math.ceil((total - (index - 1)) / shards));
  const tallying = new Tallying();
  const began = performance.now();
  let shownAt = began;
  const enough = (): boolean => {
    if (wishes.for !== null) return performance.now() - began >= wishes.for;
    return wishes["until-covered"] && (tallying.reached === MARK_NAMES.length || tallying.sinceNew >= PATIENCE);
  };
  await runSeeds({
    size,
    seeds: everyNth(first, shards, count),
    jobs: jobsFor(wishes.jobs, count),
    enough,
    onResult: (result) => {
      tallying.add(result);
      const now = performance.now();
      if (now - shownAt < PROGRESS_EVERY_MS) return;
      shownAt = now;
      output.progress(progress(tallying, count, now - began));
    },
  });
  output.progress("");
  const covered: SeedRange = { from: first, step: shards, count: tallying.count };
  return tallying.tally(size, [covered]);
}

function* everyNth(first: number, step: number, count: number): Generator<number, void> {
  for (let index = 0; index < count; index += 1) yield first + index * step;
}

function jobsFor(wished: number | null, count: number): number {
  if (wished === null) return Math.max(1, Math.min(availableParallelism(), Math.floor(count / RUNS_PER_JOB)));
  if (wished < 1 || wished > MAX_JOBS) throw new InputError(`--jobs ${wished}: expected 1 to ${MAX_JOBS}`);
  return wished;
}

/** @throws InputError for anything but the name of a size */
function parseSize(text: string | null): Size {
  const sizes = Object.keys(SIZES) as Size[];
  const size = sizes.find((one) => one === (text ?? "small"));
  if (size === undefined) throw new InputError(`--size ${text}: expected ${sizes.join(" or ")}`);
  return size;
}

/** @throws InputError for anything but `i/n` with i from 1 to n */
function parseShard(text: string | null): readonly [index: number, shards: number] {
  if (text === null) return [1, 1];
  const [, index = 0, shards = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (index < 1 || index > shards)
    throw new InputError(`--shard ${text}: expected i/n with i from 1 to n, such as 2/3`);
  return [index, shards];
}

function progress(tallying: Tallying, count: number, elapsedMs: number): string {
  const of = count === Infinity ? "" : ` of ${count}`;
  const rate = Math.round(tallying.count / (elapsedMs / 1_000));
  const failed = new Map<string, number>();
  for (const id of tallying.failing.flatMap(({ failures }) => failures)) failed.set(id, (failed.get(id) ?? 0) + 1);
  const by = [...failed].map(([id, times]) => `${id} ${times}`).join(", ");
  const failures = `${tallying.failing.length} failed${by === "" ? "" : ` (${by})`}`;
  const marks = `${tallying.reached}/${MARK_NAMES.length} situations`;
  return `${tallying.count}${of} seeds, ${rate} runs/s, ${failures}, ${marks}, ${duration(elapsedMs)}`;
}
