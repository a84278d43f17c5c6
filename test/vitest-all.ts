/** Runs every vitest file once, and ends with `N passed, N failed`: vitest's own summary has another form. */
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnSync } from "node:child_process";

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly unknown[];
  }[];
}

const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
const config = fileURLToPath(new URL("vitest.config.ts", import.meta.url));
const reportPath = join(tmpdir(), `nsqlab-vitest-${process.pid}.json`);
const { status } = spawnSync(
  process.execPath,
  [vitest, "run", "-c", config, "--reporter=default", "--reporter=json", `--outputFile.json=${reportPath}`],
  { stdio: "inherit" },
);
const report = JSON.parse(readFileSync(reportPath, "utf8")) as VitestReport;
rmSync(reportPath);
// A file that does not load has no tests to fail.
const broken = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
const failed = report.numFailedTests + broken.length;
if (report.numPendingTests > 0) process.stdout.write(`${report.numPendingTests} skipped\n`);
process.stdout.write(`${report.numPassedTests} passed, ${failed} failed\n`);
process.exitCode = status ?? 1;
