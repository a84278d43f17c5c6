#!/usr/bin/env node
import { stat } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { HostError } from "../host.ts";
import { type Arguments, parseArguments } from "../nsqd/arguments.ts";
import type { NsqdProgram } from "../nsqd/nsqd.ts";
import { DEFAULT_OPTIONS, type NsqdOptions, OptionError, parseNsqdOptions } from "../nsqd/options.ts";
import { machineDefaults } from "./defaults.ts";
import { helpText } from "./help.ts";
import { createNodeHost } from "./host.ts";
import { lineLog } from "./log.ts";
import { startAndWait } from "./start.ts";

/**
 * The daemon: serves until SIGTERM or SIGINT.
 *
 * @param args the flags, without the program's name
 * @returns the exit code: 0 after a clean stop, 1 when it cannot start (a busy port, a broken nsqd.dat, a flag it
 *   refuses), 2 for a command line it does not understand
 */
export async function runNsqd(args: readonly string[]): Promise<number> {
  let given: Arguments;
  let options: NsqdOptions;
  try {
    given = parseArguments(args);
    if (given.wantsHelp) return say(helpText());
    if (given.wantsVersion) return say(`nsqd v${DEFAULT_OPTIONS.version} (nsqlab, node ${process.version})\n`);
    options = parseNsqdOptions(given.flags, machineDefaults());
  } catch (error) {
    if (error instanceof OptionError) return complain(error);
    throw error;
  }
  return serve(options);
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

function complain(error: OptionError): number {
  if (error.refusedAtStart) return failToStart(DEFAULT_OPTIONS.logPrefix, error.message);
  process.stderr.write(`${error.message}\nRun nsqd --help for the flags.\n`);
  return 2;
}

function failToStart(logPrefix: string, reason: string): number {
  lineLog(logPrefix)("fatal", `failed to instantiate nsqd - ${reason}`);
  return 1;
}

async function serve(options: NsqdOptions): Promise<number> {
  const { dataPath, logLevel, logPrefix } = options;
  if (!(await isDirectory(dataPath === "" ? "." : dataPath))) {
    return failToStart(logPrefix, `--data-path ${dataPath} is not a directory`);
  }
  const host = createNodeHost({ filesPath: dataPath, logLevel, log: lineLog(logPrefix) });
  host.log("info", `nsqd v${options.version} (nsqlab, node ${process.version})`);
  host.log("info", `ID: ${options.nodeId}`);
  try {
    const { program } = await startAndWait(host, options);
    return await stopBySignal(program);
  } catch (error) {
    if (error instanceof HostError) return failToStart(logPrefix, error.message);
    throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** A first signal stops cleanly; a second one ends the process as it would any other. */
function stopBySignal(program: NsqdProgram): Promise<number> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off("SIGTERM", stop);
      process.off("SIGINT", stop);
      program.stop(() => resolve(0));
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exit(await runNsqd(process.argv.slice(2)));
}
