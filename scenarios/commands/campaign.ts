import { generateScenario } from "../../sim/generate/index.ts";
import type { Run } from "../../sim/result.ts";
import { simulate } from "../simulate.ts";
import { parseArguments } from "./arguments.ts";
import { type Command, EXIT, InputError } from "./command.ts";
import { describeRun, duration } from "./describe-run.ts";
import { runDocument } from "./document.ts";
import { type Output, remarksOnly } from "./output.ts";
import type { TimedRun } from "./worlds.ts";

const DEFAULT_RUNS = 200;
/** Failing runs that are described in full; the others are listed. */
const MAX_DESCRIBED = 3;
const PROGRESS_EVERY_MS = 100;

const help = `nsqlab campaign [--runs N] [--from-seed N] [--json]

Generates one random scenario per seed (topology, workload, handlers, options, faults), runs each in the simulated
world and judges it by every property. One process, one seed after the other.

  --runs N         how many seeds (default ${DEFAULT_RUNS})
  --from-seed N    the first seed (default 1)
  --json           one JSON document on standard output, with the scenario of every failing run

Exit code: 0 no failure, 1 some seed failed, 3 no seed proved anything.

  nsqlab campaign --runs 1000
  nsqlab campaign --runs 1 --from-seed 4711
  nsqlab run seed:4711 --report 4711.html`;

export const command: Command = {
  help,
  async run(args, output) {
    const { names, options } = parseArguments(args, { runs: "integer", "from-seed": "integer", json: "flag" });
    if (names.length > 0) throw new InputError(`campaign takes no scenario names, but got ${names.join(" ")}`);
    const runs = options.runs ?? DEFAULT_RUNS;
    if (runs === 0) throw new InputError("--runs 0 proves nothing; expected at least 1");
    const firstSeed = options["from-seed"] ?? 1;
    const text = options.json ? remarksOnly(output) : output;
    const campaign = runCampaign(firstSeed, runs, output);
    for (const failure of campaign.failures.slice(0, MAX_DESCRIBED)) text.print(`${describeRun(failure)}\n`);
    text.print(summary(campaign, firstSeed, runs));
    if (options.json) output.print(document(campaign, firstSeed, runs));
    if (campaign.failures.length > 0) return EXIT.fail;
    return campaign.unknown === runs ? EXIT.unknown : EXIT.pass;
  },
};

interface Campaign {
  readonly failures: readonly TimedRun[];
  readonly unknown: number;
  readonly delivered: number;
  readonly faultsFired: number;
  readonly virtualUs: number;
  readonly wallMs: number;
}

function runCampaign(firstSeed: number, runs: number, output: Output): Campaign {
  const failures: TimedRun[] = [];
  let unknown = 0;
  let delivered = 0;
  let faultsFired = 0;
  let virtualUs = 0;
  const began = performance.now();
  let shownAt = began;
  for (let index = 0; index < runs; index += 1) {
    const runBegan = performance.now();
    const run: Run = simulate(generateScenario(firstSeed + index));
    const now = performance.now();
    if (run.outcome === "fail") failures.push({ run, wallMs: now - runBegan });
    if (run.outcome === "unknown") unknown += 1;
    delivered += run.ledger.delivered;
    faultsFired += run.faultsFired;
    virtualUs += run.virtualUs;
    if (now - shownAt < PROGRESS_EVERY_MS) continue;
    shownAt = now;
    output.progress(`${index + 1} of ${runs} seeds, ${failures.length} failed, ${duration(now - began)}`);
  }
  output.progress("");
  return { failures, unknown, delivered, faultsFired, virtualUs, wallMs: performance.now() - began };
}

function summary(campaign: Campaign, firstSeed: number, runs: number): string {
  const { failures, unknown, delivered, faultsFired } = campaign;
  const last = firstSeed + runs - 1;
  const rate = Math.round(runs / (campaign.wallMs / 1_000));
  const lines = [
    `seeds ${firstSeed} to ${last}: ${runs - failures.length - unknown} pass, ${failures.length} fail, ${unknown} unknown`,
    `${delivered} deliveries, ${faultsFired} faults fired, ${duration(campaign.virtualUs / 1_000)} of virtual time ` +
      `in ${duration(campaign.wallMs)} (${rate} runs/s)`,
  ];
  for (const { run } of failures)
    lines.push(`failed: nsqlab run seed:${run.scenario.seed} --report ${run.scenario.seed}.html`);
  return lines.join("\n");
}

function document(campaign: Campaign, firstSeed: number, runs: number): string {
  const { failures, ...numbers } = campaign;
  const outcome = failures.length > 0 ? "fail" : campaign.unknown === runs ? "unknown" : "pass";
  const facts = { format: "nsqlab-runs-1", outcome, fromSeed: firstSeed, seeds: runs, ...numbers };
  return JSON.stringify({ ...facts, runs: failures.map(runDocument) }, null, 2);
}
