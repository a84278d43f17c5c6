import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { nearestName } from "../../core/nearest.ts";
import { ECHO } from "./program.ts";

export interface BenchArguments {
  /** Empty: all. */
  readonly names: readonly string[];
  readonly json: boolean;
  readonly runs: number;
  /** Path of another nsqd to measure beside ours, or {@link ECHO}. */
  readonly peer: string | null;
  readonly help: boolean;
}

/** A wrong command line: the message names the argument and what is accepted. */
export class BenchUsageError extends Error {
  override readonly name = "BenchUsageError";
}

const DEFAULT_RUNS = 5;
const MOST_RUNS = 1000;

/** Throws {@link BenchUsageError}. */
export function parseBenchArguments(argv: readonly string[], known: readonly string[]): BenchArguments {
  const { values, positionals } = read(argv);
  for (const name of positionals) {
    if (known.includes(name)) continue;
    const near = nearestName(name, known);
    throw new BenchUsageError(
      `no benchmark "${name}"${near === null ? "" : `; did you mean "${near}"?`} There are: ${known.join(", ")}`,
    );
  }
  const runs = values.runs === undefined ? DEFAULT_RUNS : Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1 || runs > MOST_RUNS)
    throw new BenchUsageError(`--runs ${values.runs}: expected an integer from 1 to ${MOST_RUNS}`);
  return {
    names: positionals,
    json: values.json === true,
    runs,
    peer: values.peer === undefined || values.help === true ? null : peerPath(values.peer),
    help: values.help === true,
  };
}

function read(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        runs: { type: "string" },
        peer: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new BenchUsageError((error as Error).message, { cause: error });
  }
}

function peerPath(value: string): string {
  if (value === ECHO) return ECHO;
  const match = /^nsqd=(.+)$/.exec(value);
  if (match === null) throw new BenchUsageError(`--peer ${value}: expected nsqd=PATH of an executable, or ${ECHO}`);
  const path = match[1]!;
  if (!existsSync(path)) throw new BenchUsageError(`--peer ${value}: there is no file ${path}`);
  return path;
}
