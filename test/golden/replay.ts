/**
 * Replays the conversations recorded from the Go nsqd against ours, which is bundled first so that it starts quickly.
 * Fails for a case that fails, and for an exception in exceptions.json that has become stale: it passes by now, or no
 * longer exists. The recordings are found in $NSQLAB_GOLDEN, or beside this repository; without them nothing is checked.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { bundleDaemon } from "../daemon.ts";

const FOLDERS = ["protocol", "semantics", "http", "persistence"];
const JOBS = 6;

const repository = path.resolve(import.meta.dirname, "../..");
const golden = process.env["NSQLAB_GOLDEN"] ?? path.join(repository, "../shared/golden");

interface Replay {
  readonly cases: readonly ReplayedCase[];
}

interface ReplayedCase {
  readonly name: string;
  readonly file: string;
  readonly ok: boolean;
}

function main(): number {
  if (!existsSync(path.join(golden, "replay.mjs"))) {
    console.log(`skipped: there are no recordings at ${golden}; NSQLAB_GOLDEN names the folder that has replay.mjs`);
    console.log("0 passed, 0 failed");
    return 0;
  }
  const folder = mkdtempSync(path.join(os.tmpdir(), "nsqlab-golden-"));
  try {
    return judge(replay(bundleDaemon(folder)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function replay(daemon: string): Replay {
  const cases = FOLDERS.flatMap((folder) => ["--cases", path.join(golden, "cases", folder)]);
  const program = `nsqd='${process.execPath}' '${daemon}'`;
  const args = [path.join(golden, "replay.mjs"), "--json", "--jobs", String(JOBS), "--program-cmd", program, ...cases];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (!stdout.startsWith("{")) throw new Error(`the replay gave no result: ${stderr}`);
  return JSON.parse(stdout) as Replay;
}

function judge({ cases }: Replay): number {
  const results = new Map(cases.map((one) => [nameOf(one), one]));
  const excepted = readExceptions();
  const problems: string[] = [];
  for (const [name, one] of results) {
    if (one.ok && excepted.has(name)) problems.push(`${name} passes: take it out of exceptions.json`);
    if (!one.ok && !excepted.has(name)) problems.push(`${name} fails: ${JSON.stringify(one)}`);
  }
  for (const name of excepted) if (!results.has(name)) problems.push(`${name} is excepted, but there is no such case`);
  for (const problem of problems) console.log(problem);
  const passed = cases.filter((one) => one.ok).length;
  console.log(`${excepted.size} cases excepted: test/golden/exceptions.json says why`);
  console.log(`${passed} passed, ${problems.length} failed`);
  return problems.length === 0 ? 0 : 1;
}

/** `folder/case`. */
function nameOf({ file }: ReplayedCase): string {
  return `${path.basename(path.dirname(file))}/${path.basename(file, ".json")}`;
}

function readExceptions(): Set<string> {
  const text = readFileSync(path.join(import.meta.dirname, "exceptions.json"), "utf8");
  return new Set(Object.values(JSON.parse(text) as Record<string, string[]>).flat());
}

process.exitCode = main();
