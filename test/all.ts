/** `npm test`: everything a fresh machine can check. The last line sums up; exit code 0 when nothing failed. */
import { fileURLToPath } from "node:url";
import { type StepResult, runStep } from "./step.ts";

const STEPS: readonly (readonly [name: string, script: string])[] = [
  ["tests", "vitest-all.ts"],
  ["golden conversations", "golden/replay.ts"],
  ["determinism", "determinism.ts"],
];

const results: StepResult[] = [];
for (const [name, script] of STEPS)
  results.push(await runStep(name, ["--import", "tsx", fileURLToPath(new URL(script, import.meta.url))]));
const passed = results.reduce((sum, one) => sum + one.passed, 0);
const failed = results.reduce((sum, one) => sum + one.failed, 0);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
