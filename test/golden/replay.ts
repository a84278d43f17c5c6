/**
 * Replays the conversations recorded from the Go daemons against ours, which are bundled first so that they start quickly.
 * Fails for a case that fails, and for an exception in exceptions.json that has become stale: it passes by now, or no
 * longer exists.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Replayed, replay } from "../../scenarios/conform/replay.ts";
import { bundleDaemon } from "../daemon.ts";

/** Everything with exact timers; what depends on time also with those of nsqd 1.3. */
const PASSES = [
  { profile: "exact", folders: ["protocol", "semantics", "http", "persistence", "lookupd", "security"] },
  { profile: "nsqd-1.3", folders: ["semantics"] },
] as const;
const JOBS = 6;

/** Paths of the bundled daemons. */
interface Daemons {
  readonly nsqd: string;
  readonly nsqlookupd: string;
}

async function main(): Promise<number> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "nsqlab-golden-"));
  try {
    const daemons = { nsqd: bundleDaemon(folder), nsqlookupd: bundleDaemon(folder, "nsqlookupd") };
    let passed = 0;
    let failed = 0;
    for (const pass of PASSES) {
      const verdict = judge(pass.profile, pass.folders, await replayOurs(daemons, pass));
      passed += verdict.passed;
      failed += verdict.failed;
    }
    console.log(`${passed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function replayOurs(daemons: Daemons, pass: (typeof PASSES)[number]): Promise<readonly Replayed[]> {
  const commands = {
    nsqd: `'${process.execPath}' '${daemons.nsqd}' --profile=${pass.profile}`,
    nsqlookupd: `'${process.execPath}' '${daemons.nsqlookupd}'`,
  };
  return (await replay({ commands, folders: pass.folders, only: "", skip: [], jobs: JOBS })).cases;
}

function judge(
  profile: string,
  folders: readonly string[],
  cases: readonly Replayed[],
): { passed: number; failed: number } {
  const results = new Map(cases.map((one) => [one.id, one]));
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

function readExceptions(): string[] {
  const text = readFileSync(path.join(import.meta.dirname, "exceptions.json"), "utf8");
  return Object.values(JSON.parse(text) as Record<string, string[]>).flat();
}

process.exitCode = await main();
