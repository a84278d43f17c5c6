/**
 * The same scenario gives the same history: 100 runs in this process, again in another process, in worker threads side by
 * side, in other versions of Node (paths in NSQLAB_NODES, separated by colons), and in Chromium. Every scenario is drawn from a seed, with faults; all hashes must agree.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parentPort, Worker } from "node:worker_threads";
import { buildSync } from "esbuild";
import { chromium } from "playwright-core";
import { generateScenario } from "../sim/generate/index.ts";
import { simulate } from "../sim/run.ts";

const RUNS = 100;
/** Scenarios that are compared between processes; the first is run {@link RUNS} times. */
const SEEDS = [1, 2, 3, 5, 8, 13, 21, 34];
const WORKERS = 2;
const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const OTHER_NODES = (process.env["NSQLAB_NODES"] ?? "").split(":").filter((path) => path !== "");

function hashes(): string[] {
  return SEEDS.map((seed) => simulate(generateScenario(seed)).hash);
}

function inAnotherProcess(): string[] {
  const self = fileURLToPath(import.meta.url);
  return JSON.parse(
    execFileSync(process.execPath, ["--import", "tsx", self, "--hashes"], { encoding: "utf8" }),
  ) as string[];
}

/** What one worker thread finds, while others find it too. */
function inWorker(): Promise<string[]> {
  return new Promise((resolve, reject) => {
    // A worker's first file cannot be TypeScript.
    const program = `import("tsx/esm/api").then(({ register }) => (register(), import(${JSON.stringify(import.meta.url)})))`;
    const worker = new Worker(program, { eval: true });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

/** A program for anything that runs JavaScript: it leaves the hashes in `globalThis.hashes`. */
function bundle(): string {
  return buildSync({
    stdin: {
      contents: `
        import { generateScenario } from "./sim/generate/index.ts";
        import { simulate } from "./sim/run.ts";
        globalThis.hashes = ${JSON.stringify(SEEDS)}.map((seed) => simulate(generateScenario(seed)).hash);`,
      resolveDir: fileURLToPath(new URL("..", import.meta.url)),
    },
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
  }).outputFiles[0]!.text;
}

function inOtherNode(executable: string): string[] {
  const program = `${bundle()}\nprocess.stdout.write(JSON.stringify(globalThis.hashes));`;
  return JSON.parse(execFileSync(executable, ["-"], { input: program, encoding: "utf8" })) as string[];
}

async function inChromium(): Promise<string[]> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: bundle() });
    return await page.evaluate<string[]>("globalThis.hashes");
  } finally {
    await browser.close();
  }
}

let passed = 0;
let failed = 0;

function check(what: string, found: readonly string[], expected: readonly string[]): void {
  const wrong = expected.findIndex((hash, index) => found[index] !== hash);
  if (wrong === -1) passed += 1;
  else failed += 1;
  const verdict = wrong === -1 ? "same" : `DIFFERENT: ${found[wrong]} instead of ${expected[wrong]} (number ${wrong})`;
  process.stdout.write(`${what}: ${verdict}\n`);
}

async function main(): Promise<void> {
  const expected = hashes();
  const first = generateScenario(SEEDS[0]!);
  const again = Array.from({ length: RUNS }, () => simulate(first).hash);
  check(
    `${RUNS} runs of seed ${SEEDS[0]}`,
    again,
    Array.from({ length: RUNS }, () => expected[0]!),
  );
  check(`${SEEDS.length} seeds in another process`, inAnotherProcess(), expected);
  const found = await Promise.all(Array.from({ length: WORKERS }, () => inWorker()));
  for (const [index, one] of found.entries())
    check(`${SEEDS.length} seeds in worker thread ${index + 1}`, one, expected);
  for (const node of OTHER_NODES) {
    const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
    check(`${SEEDS.length} seeds in Node ${version}`, inOtherNode(node), expected);
  }
  if (existsSync(CHROMIUM)) check(`${SEEDS.length} seeds in Chromium`, await inChromium(), expected);
  else if (process.env["CI"] !== undefined) {
    failed += 1;
    process.stdout.write(`Chromium is required here and ${CHROMIUM} does not exist\n`);
  } else process.stdout.write(`Chromium is not installed (${CHROMIUM}): that part is skipped\n`);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

if (parentPort !== null) parentPort.postMessage(hashes(), []);
else if (process.argv.includes("--hashes")) process.stdout.write(JSON.stringify(hashes()));
else await main();
