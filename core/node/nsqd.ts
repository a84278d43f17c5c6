#!/usr/bin/env node
import { FLAGS } from "../nsqd/flags.ts";
import { DEFAULT_OPTIONS, type NsqdOptions, parseNsqdOptions } from "../nsqd/options.ts";
import { type Daemon, isMain, runDaemon } from "./daemon.ts";
import { machineDefaults } from "./defaults.ts";
import { createNodeHost } from "./host.ts";
import { lockDataPath } from "./lock.ts";
import { startAndWait } from "./start.ts";

const INTRODUCTION = `nsqd: the NSQ broker of nsqlab, over TCP and HTTP

  nsqd --tcp-address=127.0.0.1:4150 --http-address=127.0.0.1:4151 --data-path=/var/lib/nsqd
  nsqd -mem-queue-size 100 -msg-timeout 1m30s

Flags take one dash or two, =value or the value behind a blank. Durations are written as in Go: 250ms, 1m30s.`;

const NSQD: Daemon<NsqdOptions> = {
  name: "nsqd",
  introduction: INTRODUCTION,
  flags: FLAGS,
  defaults: DEFAULT_OPTIONS,
  parse: (flags) => parseNsqdOptions(flags, machineDefaults()),
  openHost: ({ dataPath, logLevel }, log) => createNodeHost({ filesPath: dataPath, logLevel, log }),
  start: async (host, options) => {
    host.log("info", `ID: ${options.nodeId}`);
    // Released by the end of the process.
    await lockDataPath(options.dataPath);
    return (await startAndWait(host, options)).program;
  },
};

/**
 * The daemon: serves until SIGTERM, SIGINT or SIGHUP.
 *
 * @param args the flags, without the program's name
 * @returns the exit code: 0 after a clean stop, 1 when it cannot start (a busy port, a broken nsqd.dat, a flag it
 *   refuses), 2 for a command line it does not understand
 */
export function runNsqd(args: readonly string[]): Promise<number> {
  return runDaemon(NSQD, args);
}

if (isMain(import.meta.url)) process.exit(await runNsqd(process.argv.slice(2)));
