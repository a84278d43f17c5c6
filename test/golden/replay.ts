/**
 * Replays the conversations recorded from the Go daemons against ours, which are bundled first so that they start quickly.
 * Fails for a case that fails, and for an exception in exceptions.json that has become stale: it passes by now, or no
 * longer exists. The recordings are found in $NSQLAB_GOLDEN, or beside this repository; without them nothing is checked.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { bundleDaemon } from "../daemon.ts";

/** Everything with exact timers; what depends on time also with those of nsqd 1.3. */
const PASSES = [
  { profile: "exact", folders: ["protocol", "semantics", "http", "persistence", "lookupd"] },
  { profile: "nsqd-1.3", folders: ["semantics"] },
] as const;
const JOBS = 6;

const repository = path.resolve(import.meta.dirname, "../..");
const golden = process.env["NSQLAB_GOLDEN"] ?? path.join(repository, "../shared/golden");

/** Paths of the bundled daemons. */
interface Daemons {
  readonly nsqd: string;
  readonly nsqlookupd: string;
}

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
    const daemons = { nsqd: bundleDaemon(folder), nsqlookupd: bundleDaemon(folder, "nsqlookupd") };
    const verdicts = PASSES.map((pass) => judge(pass.profile, pass.folders, replay(daemons, pass)));
    const passed = verdicts.reduce((sum, one) => sum + one.passed, 0);
    const failed = verdicts.reduce((sum, one) => sum + one.failed, 0);
    console.log(`${passed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function replay(daemons: Daemons, { profile, folders }: (typeof PASSES)[number]): Replay {
  const cases = folders.flatMap((folder) => ["--cases", path.join(golden, "cases", folder)]);
  const nsqd = `nsqd='${process.execPath}' '${daemons.nsqd}' --profile=${profile}`;
  const nsqlookupd = `nsqlookupd='${process.execPath}' '${daemons.nsqlookupd}'`;
  const programs = ["--program-cmd", nsqd, "--program-cmd", nsqlookupd];
  const args = [path.join(golden, "replay.mjs"), "--json", "--jobs", String(JOBS), ...programs, ...cases];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (!stdout.startsWith("{")) throw new Error(`the replay gave no result: ${stderr}`);
  return JSON.parse(stdout) as Replay;
}

function judge(profile: string, folders: readonly string[], { cases }: Replay): { passed: number; failed: number } {
  const results = new Map(cases.map((one) => [nameOf(one), one]));
  const excepted = new Set(readExceptions().filter((name) => folders.some((folder) => name.startsWith(`${folder}/`))));
  const problems: string[] = [];
  for (const [name, one] of results) {
    if (one.ok && excepted.has(name)) problems.push(`${name} passes: take it out of exceptions.json`);
    if (!one.ok && !excepted.has(name)) problems.push(`${name} fails: ${JSON.stringify(one, null, 2)}`);
  }
  for (const name of excepted) if (!results.has(name)) problems.push(`${name} is excepted, but there is no such case`);
  for (const problem of problems) console.log(problem);
  const passed = cases.filter((one) => one.ok).length;
  console.log(`profile ${profile}: ${passed} passed, ${excepted.size} excepted (test/golden/exceptions.json says why)`);
  return { passed, failed: problems.length };
}

/** `folder/case`. */
function nameOf({ file }: ReplayedCase): string {
  return `${path.basename(path.dirname(file))}/${path.basename(file, ".json")}`;
}

function readExceptions(): string[] {
  const text = readFileSync(path.join(import.meta.dirname, "exceptions.json"), "utf8");
  return Object.values(JSON.parse(text) as Record<string, string[]>).flat();
}

process.exitCode = main();
