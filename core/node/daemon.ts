import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { Flag } from "../flags/flag.ts";
import { type FlagValue, OptionError } from "../flags/parse.ts";
import { type Host, HostError, type LogFormat } from "../host.ts";
import { type Arguments, parseArguments } from "../nsqd/arguments.ts";
import { readConfigFile } from "./config-file.ts";
import { helpText } from "./help.ts";
import { lineLog, type LogSink, openLog } from "./log.ts";

/** A program that can be told to stop. */
export interface Stoppable {
  stop(done: () => void): void;
}

/** What is particular to one of the daemons. */
export interface Daemon<Options> {
  readonly name: string;
  /** The help text before the flags. */
  readonly introduction: string;
  readonly flags: readonly Flag<keyof Options & string>[];
  readonly defaults: Options;
  /** @throws OptionError */
  parse(flags: Readonly<Record<string, FlagValue>>): Options;
  /** The host it will run on, which logs to `log`, and does so at once. */
  openHost(options: Options, log: LogSink): Host;
  /** Resolves when it serves. Rejects with the HostError that kept it from serving. */
  start(host: Host, options: Options): Promise<Stoppable>;
}

/** What the options of every daemon have. */
interface CommonOptions {
  readonly version: string;
  readonly logPrefix: string;
  readonly logFormat: LogFormat;
}

/**
 * Runs a daemon until SIGTERM, SIGINT or SIGHUP.
 *
 * @param args the flags, without the program's name
 * @returns the exit code: 0 after a clean stop, 1 when it cannot start (a busy port, a flag it refuses), 2 for a command
 *   line it does not understand
 */
export async function runDaemon<Options extends CommonOptions>(
  daemon: Daemon<Options>,
  args: readonly string[],
): Promise<number> {
  const version = `${daemon.name} v${daemon.defaults.version} (nsqlab, node ${process.version})`;
  let options: Options;
  try {
    const given = parseArguments(args, daemon.flags);
    if (given.wantsHelp) return say(helpText(daemon.introduction, daemon.flags, daemon.defaults));
    if (given.wantsVersion) return say(`${version}\n`);
    options = await readOptions(daemon, given);
  } catch (error) {
    if (error instanceof OptionError) return complain(daemon.name, daemon.defaults.logPrefix, error);
    throw error;
  }
  const log = await openLog(options.logFormat, options.logPrefix, daemon.name);
  const host = daemon.openHost(options, log);
  host.log("info", version);
  return serve(daemon, host, options, log);
}

/** Precedence: command line, configuration file, default. */
async function readOptions<Options>(daemon: Daemon<Options>, { flags, config }: Arguments): Promise<Options> {
  const configured = config === null || config === "" ? {} : await readConfigFile(config, daemon.flags);
  return daemon.parse({ ...configured, ...flags });
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

function complain(name: string, logPrefix: string, error: OptionError): number {
  if (error.refusedAtStart) return failToStart(name, lineLog(logPrefix), error.message);
  process.stderr.write(`${error.message}\nRun ${name} --help for the flags.\n`);
  return 2;
}

function failToStart(name: string, log: LogSink, reason: string): number {
  log("fatal", `failed to instantiate ${name} - ${reason}`);
  return 1;
}

async function serve<Options extends CommonOptions>(
  daemon: Daemon<Options>,
  host: Host,
  options: Options,
  log: LogSink,
): Promise<number> {
  // From here on: whoever reads that we listen may stop us at once.
  const stopped = signalToStop();
  try {
    const program = await daemon.start(host, options);
    await stopped;
    await new Promise<void>((resolve) => program.stop(resolve));
    host.log("info", "NSQ: bye");
    return 0;
  } catch (error) {
    if (error instanceof HostError) return failToStart(daemon.name, log, error.message);
    throw error;
  }
}

/** SIGHUP comes when the terminal is closed; Go's daemons die of it and lose what is in memory. */
const STOP_SIGNALS: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT", "SIGHUP"];

/** Resolves at the first of these signals; a second one ends the process as it would any other. */
function signalToStop(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of STOP_SIGNALS) process.off(signal, stop);
      resolve();
    };
    for (const signal of STOP_SIGNALS) process.on(signal, stop);
  });
}

/** Whether the file with that `import.meta.url` is the program that was started, also through a link. */
export function isMain(url: string): boolean {
  const [, started] = process.argv;
  return started !== undefined && url === pathToFileURL(realpathSync(started)).href;
}
