import { cpus } from "node:os";
import { pathToFileURL } from "node:url";
import { BenchUsageError, type BenchArguments, parseBenchArguments } from "./arguments.ts";
import type { Benchmark } from "./benchmark.ts";
import { heading, line } from "./format.ts";
import { growth } from "./growth.ts";
import { memory } from "./memory.ts";
import { type Result, measure } from "./measure.ts";
import { ECHO, FROM_SOURCE, echoNsqd, peerNsqd } from "./program.ts";
import { SCALE_BENCHMARKS } from "./scale.ts";
import { simulation } from "./simulation.ts";
import { start } from "./start.ts";
import { TCP_BENCHMARKS } from "./tcp.ts";

const BENCHMARKS: readonly Benchmark[] = [...TCP_BENCHMARKS, memory, ...SCALE_BENCHMARKS, start, growth, simulation];

/**
 * `nsqlab bench [NAME…] [--json] [--runs N] [--peer nsqd=PATH|echo]`. Returns the exit code: 0 measured (goals missed are
 * shown, not punished: they depend on the machine), 1 a benchmark could not run, 2 bad usage.
 */
export async function runBench(argv: readonly string[]): Promise<number> {
  let options: BenchArguments;
  try {
    options = parseBenchArguments(
      argv,
      BENCHMARKS.map((one) => one.name),
    );
  } catch (error) {
    if (!(error instanceof BenchUsageError)) throw error;
    process.stderr.write(`nsqlab bench: ${error.message}\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(usage());
    return 0;
  }
  const say = (text: string): void => void (options.json ? process.stderr : process.stdout).write(`${text}\n`);
  const chosen = BENCHMARKS.filter((one) => options.names.length === 0 || options.names.includes(one.name));
  const peer = options.peer === null ? null : options.peer === ECHO ? echoNsqd() : peerNsqd(options.peer);
  const results: Result[] = [];
  let broken = 0;
  say(
    `nsqd and load from ${FROM_SOURCE ? "TypeScript sources through tsx" : "the built package"}, ${options.runs} runs`,
  );
  say(heading(peer !== null));
  for (const benchmark of chosen) {
    try {
      const fresh = await measure(benchmark, options.runs, peer);
      for (const one of fresh) say(line(one));
      results.push(...fresh);
    } catch (error) {
      broken += 1;
      say(`${benchmark.name}: ${(error as Error).message}`);
    }
  }
  if (options.json) process.stdout.write(`${JSON.stringify(document(options, results), null, 2)}\n`);
  return broken === 0 ? 0 : 1;
}

function document(options: BenchArguments, results: readonly Result[]): object {
  const processors = cpus();
  return {
    machine: { processor: processors[0]?.model ?? "unknown", cores: processors.length, node: process.version },
    code: FROM_SOURCE ? "source" : "built",
    runs: options.runs,
    peer: options.peer,
    results,
  };
}

function usage(): string {
  const names = BENCHMARKS.flatMap((one) =>
    one.measures.map((what) => `  ${`${one.name} ${what.name}`.padEnd(22)}${what.about} (${what.unit})`),
  );
  return [
    "nsqlab bench [NAME…] [--json] [--runs N] [--peer nsqd=PATH|echo]",
    "",
    "  --runs N          runs of each benchmark after the warm-up, default 5",
    "  --peer nsqd=PATH  the same load against another nsqd, alternating with ours",
    "  --peer echo       against bare sockets that only answer, where that makes sense: the floor of this machine",
    "  --json            one JSON document on stdout, the table on stderr",
    "",
    ...names,
    "",
  ].join("\n");
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  process.exitCode = await runBench(process.argv.slice(2));
