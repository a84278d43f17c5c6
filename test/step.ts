import { spawn } from "node:child_process";

/** What one part of the whole check found. */
export interface StepResult {
  readonly passed: number;
  readonly failed: number;
}

const COUNTS = /(\d+) passed, (\d+) failed/g;

/**
 * Runs a command of this repository, shows what it prints, and reads the last `N passed, N failed` of its output; a
 * command that prints none counts as one check. A failure always counts as one at least.
 */
export async function runStep(name: string, args: readonly string[]): Promise<StepResult> {
  const startMs = performance.now();
  process.stdout.write(`\n── ${name}\n`);
  const { code, output } = await runNode(args);
  const last = [...output.matchAll(COUNTS)].at(-1);
  const counted = last === undefined ? { passed: code === 0 ? 1 : 0, failed: 0 } : readCounts(last);
  const result = code === 0 ? counted : { ...counted, failed: Math.max(1, counted.failed) };
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  process.stdout.write(`── ${name}: ${code === 0 ? "ok" : `FAILED (exit ${code})`}, ${seconds} s\n`);
  return result;
}

function readCounts(match: RegExpMatchArray): StepResult {
  return { passed: Number(match[1]), failed: Number(match[2]) };
}

function runNode(args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
      process.stdout.write(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => void process.stderr.write(chunk));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
