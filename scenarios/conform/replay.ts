import { spawn } from "node:child_process";
import path from "node:path";
import { recordingsFolder } from "./recordings.ts";

export interface ReplayRequest {
  /** How to start the daemons: a command line, to which flags are added. Without one, what needs it is left out. */
  readonly commands: Readonly<Partial<Record<"nsqd" | "nsqlookupd", string>>>;
  /** Only these folders of recordings; empty: all. */
  readonly folders: readonly string[];
  /** Only conversations whose `folder/name` contains this; "": all. */
  readonly only: string;
  /** Not those with one of these tags. */
  readonly skip: readonly string[];
  /** Conversations at a time. */
  readonly jobs: number;
}

/** How a conversation went. */
export interface Replayed {
  /** `folder/name`. */
  readonly id: string;
  readonly ok: boolean;
  readonly ms: number;
  /** Where it went wrong; missing when it did not. */
  readonly step?: string;
  readonly expected?: readonly string[];
  readonly received?: readonly string[];
  /** The last lines that the daemons logged. */
  readonly log?: readonly string[];
}

export interface ReplayResult {
  readonly cases: readonly Replayed[];
  /** How many were left out because their daemon is not there. */
  readonly leftOut: number;
}

/**
 * Plays recorded conversations to daemons, which it starts for each anew, on free ports of 127.0.0.1 and in folders of
 * their own.
 *
 * @throws Error when the player itself does not work
 */
export async function replay(request: ReplayRequest): Promise<ReplayResult> {
  const recordings = recordingsFolder();
  const { code, stdout, stderr } = await runNode([path.join(recordings, "replay.mjs"), ...argumentsOf(request)]);
  if (!stdout.startsWith("{")) throw new Error(`the replay gave no result (exit ${code}): ${stderr}`);
  const { cases, skipped } = JSON.parse(stdout) as { cases: (Replayed & { file: string })[]; skipped: number };
  return { cases: cases.map(({ file, ...rest }) => ({ ...rest, id: idOf(file) })), leftOut: skipped };

  function argumentsOf({ commands, folders, only, skip, jobs }: ReplayRequest): string[] {
    const args = ["--json", "--jobs", String(jobs), "--only", only];
    for (const [program, command] of Object.entries(commands)) args.push("--program-cmd", `${program}=${command}`);
    for (const folder of folders) args.push("--cases", path.join(recordings, "cases", folder));
    for (const tag of skip) args.push("--skip", tag);
    return args;
  }
}

function idOf(file: string): string {
  return `${path.basename(path.dirname(file))}/${path.basename(file, ".json")}`;
}

function runNode(args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (bytes: Buffer) => void stdout.push(bytes));
    child.stderr.on("data", (bytes: Buffer) => void stderr.push(bytes));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}
