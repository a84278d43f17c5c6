#!/usr/bin/env node
import { realpathSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { type Host, HostError } from "../host.ts";
import { type Arguments, parseArguments } from "../nsqd/arguments.ts";
import { FLAGS } from "../nsqd/flags.ts";
import type { NsqdProgram } from "../nsqd/nsqd.ts";
import { DEFAULT_OPTIONS, type NsqdOptions, OptionError, parseNsqdOptions } from "../nsqd/options.ts";
import { readConfigFile } from "./config-file.ts";
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
    options = await readOptions(given);
  } catch (error) {
    if (error instanceof OptionError) return complain(error);
    throw error;
  }
  return serve(options);
}

/** Precedence: command line, configuration file, default. */
async function readOptions({ flags, config }: Arguments): Promise<NsqdOptions> {
  const configured = config === null || config === "" ? {} : await readConfigFile(config, FLAGS);
  return parseNsqdOptions({ ...configured, ...flags }, machineDefaults());
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
  const host = createNodeHost({ filesPath: dataPath, logLevel, log: lineLog(logPrefix) });
  host.log("info", `nsqd v${options.version} (nsqlab, node ${process.version})`);
  host.log("info", `ID: ${options.nodeId}`);
  // From here on: whoever reads that we listen may stop us at once.
  const stopped = signalToStop();
  try {
    await warnOfBacklog(host, dataPath === "" ? "." : dataPath);
    const { program } = await startAndWait(host, options);
    await stopped;
    warnOfLoss(host, program);
    await new Promise<void>((resolve) => program.stop(resolve));
    host.log("info", "NSQ: bye");
    return 0;
  } catch (error) {
    if (error instanceof HostError) return failToStart(logPrefix, error.message);
    throw error;
  }
}

/** A data path that another nsqd has used may hold messages, which we can neither read nor would touch. */
async function warnOfBacklog(host: Host, dataPath: string): Promise<void> {
  const names = await readdir(dataPath).catch((error: NodeJS.ErrnoException) => {
    throw new HostError(error.code ?? "EIO", `--data-path ${dataPath}: ${error.message}`);
  });
  const files = names.filter((name) => name.includes(".diskqueue.")).length;
  if (files > 0) host.log("warn", `${files} disk queue files in ${dataPath} are not read: there is no disk queue yet`);
}

/** What memory holds is gone with the process; that must not happen silently. */
function warnOfLoss(host: Host, program: NsqdProgram): void {
  let messages = 0;
  program.gauges((_topic, _channel, { depth, inFlight, deferred }) => {
    messages += depth + inFlight + deferred;
  });
  const are = messages === 1 ? "message in memory is" : "messages in memory are";
  if (messages > 0) host.log("warn", `${messages} ${are} lost: there is no disk queue yet`);
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process as it would any other. */
function signalToStop(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off("SIGTERM", stop);
      process.off("SIGINT", stop);
      resolve();
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}

/** Whether this file is the program that was started, also through a link. */
function isMain(): boolean {
  const [, started] = process.argv;
  return started !== undefined && import.meta.url === pathToFileURL(realpathSync(started)).href;
}

if (isMain()) process.exit(await runNsqd(process.argv.slice(2)));
