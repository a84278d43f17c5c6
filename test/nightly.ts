/**
 * `npm run nightly`: what `npm test` checks, with the sizes that a night has time for, and long campaigns. Each size is
 * the variable that it has in a single run; one that is set already stays. The last line sums up.
 */
import { fileURLToPath } from "node:url";
import { type StepResult, runStep } from "./step.ts";

const SIZES: Readonly<Record<string, number>> = {
  /** Hostile inputs of each fuzzer. */
  FUZZ_INPUTS: 2_000_000,
  /** Load on a daemon whose memory must not grow. */
  SOAK_SECONDS: 1_800,
  /** Kills of a daemon that must keep its promises. */
  NSQLAB_KILLS: 500,
  /** Operations on a channel beside its reference model. */
  REFERENCE_OPERATIONS: 50_000_000,
  /** Runs of each property that fast-check explores; with a seed they are others than by day. */
  FC_RUNS: 5_000,
  FC_SEED: Math.floor(Date.now() / 1_000),
  /** Random scenarios: small, big, and with stores and dead letters around the queue. */
  NSQLAB_SEEDS: 1_000_000,
  NSQLAB_SWARM_SEEDS: 20_000,
  NSQLAB_SHOP_SEEDS: 200_000,
};

for (const [name, size] of Object.entries(SIZES)) process.env[name] ??= String(size);

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const campaign = (...args: readonly string[]): readonly string[] => [
  "--import",
  "tsx",
  file("../scenarios/main.ts"),
  "campaign",
  ...args,
];
const STEPS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ["npm test, larger", ["--import", "tsx", file("all.ts")]],
  ["small worlds", campaign("--runs", process.env["NSQLAB_SEEDS"]!, "--require-coverage")],
  ["big worlds", campaign("--size", "swarm", "--runs", process.env["NSQLAB_SWARM_SEEDS"]!)],
  ["shops", campaign("--size", "shop", "--runs", process.env["NSQLAB_SHOP_SEEDS"]!)],
];

const results: StepResult[] = [];
for (const [name, args] of STEPS) results.push(await runStep(name, args));
const passed = results.reduce((sum, one) => sum + one.passed, 0);
const failed = results.reduce((sum, one) => sum + one.failed, 0);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
